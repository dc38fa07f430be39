package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// A state is a FunctionApp as it may stand in a cluster, and what kstatus has to say of it.
type state struct {
	name    string
	app     *unstructured.Unstructured
	kstatus status.Status
}

// Each file NAME.json of the folders is a state, and expected.json says for each NAME what kstatus is to say.
var folders = []string{"testdata"}

func states(t *testing.T) []state {
	t.Helper()
	found := []state{}
	for _, folder := range folders {
		expected := map[string]status.Status{}
		decode(t, filepath.Join(folder, "expected.json"), &expected)
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil || len(files) != len(expected)+1 {
			t.Fatalf("%s holds %d files, and expected.json names %d of them: %v", folder, len(files), len(expected), err)
		}
		for name, kstatus := range expected {
			app := &unstructured.Unstructured{}
			decode(t, filepath.Join(folder, name+".json"), app)
			found = append(found, state{name, app, kstatus})
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
