package test

import (
	"strings"
	"testing"

	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// What Argo CD is to show where kstatus, which Flux reads, says this.
var argoOf = map[status.Status]string{
	status.CurrentStatus:     "Healthy",
	status.InProgressStatus:  "Progressing",
	status.FailedStatus:      "Degraded",
	status.TerminatingStatus: "Progressing",
}

// Argo CD's health and kstatus agree in every state, and both tell the user why.
func TestArgoCDAndKstatusAgree(t *testing.T) {
	for _, state := range states(t) {
		t.Run(state.name, func(t *testing.T) {
			result, err := status.Compute(state.app)
			if err != nil {
				t.Fatal(err)
			}
			if result.Status != state.expected.Kstatus {
				t.Errorf("kstatus says %s (%s), want %s", result.Status, result.Message, state.expected.Kstatus)
			}
			health := argoHealth(t, state.app.Object)
			if health.status != state.expected.ArgoCD {
				t.Errorf("Argo CD says %s (%s), want %s", health.status, health.message, state.expected.ArgoCD)
			}
			// kstatus has no word for it: it goes by the generation that nobody acts upon.
			suspended := health.status == "Suspended" && result.Status == status.InProgressStatus
			if agreed := argoOf[result.Status]; health.status != agreed && !suspended {
				t.Errorf("kstatus says %s, for which Argo CD has %s; it says %s", result.Status, agreed, health.status)
			}
			if result.Status == status.FailedStatus && !strings.Contains(health.message, result.Message) {
				t.Errorf("Argo CD says %q, and what is to be mended is %q", health.message, result.Message)
			}
		})
	}
}
