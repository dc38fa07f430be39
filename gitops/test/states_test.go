package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// A state is a FunctionApp as it may stand in a cluster, and what is to be said of it.
type state struct {
	name     string
	app      *unstructured.Unstructured
	expected expectation
}

type expectation struct {
	Kstatus status.Status
	ArgoCD  string
}

// Each file NAME.json of the folders is a state, and expected.json says for each NAME what is to be said of it.
// The operator's tests write the second: every status that it may make.
var folders = []string{"testdata", "../../operator/src/test/resources/status"}

func states(t *testing.T) []state {
	t.Helper()
	found := []state{}
	for _, folder := range folders {
		expected := map[string]expectation{}
		decode(t, filepath.Join(folder, "expected.json"), &expected)
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil || len(files) != len(expected)+1 {
			t.Fatalf("%s holds %d files, and expected.json names %d of them: %v", folder, len(files), len(expected), err)
		}
		for name, wanted := range expected {
			app := &unstructured.Unstructured{}
			decode(t, filepath.Join(folder, name+".json"), app)
			found = append(found, state{name, app, wanted})
		}
	}
	return found
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
