package test

import (
	"context"
	"os"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"sigs.k8s.io/yaml"
)

const script = "../argocd/health.lua"

// What Argo CD shows of a resource.
type health struct {
	status, message string
}

// Runs the script as Argo CD does: the base and table libraries, the object as the global obj, one second.
// See util/lua/lua.go in argoproj/argo-cd.
func argoHealth(t *testing.T, object map[string]any) health {
	t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			t.Fatal(err)
		}
	}
	limited, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	state.SetContext(limited)
	state.SetGlobal("obj", luaValue(state, object))
	if err := state.DoString(string(text)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	answer, isTable := state.Get(-1).(*lua.LTable)
	if !isTable {
		t.Fatalf("%s returns a %s, and Argo CD wants a table", script, state.Get(-1).Type())
	}
	return health{lua.LVAsString(answer.RawGetString("status")), lua.LVAsString(answer.RawGetString("message"))}
}

func luaValue(state *lua.LState, value any) lua.LValue {
	switch converted := value.(type) {
	case bool:
		return lua.LBool(converted)
	case int64:
		return lua.LNumber(converted)
	case float64:
		return lua.LNumber(converted)
	case string:
		return lua.LString(converted)
	case []any:
		list := state.CreateTable(len(converted), 0)
		for _, item := range converted {
			list.Append(luaValue(state, item))
		}
		return list
	case map[string]any:
		table := state.CreateTable(0, len(converted))
		for key, item := range converted {
			table.RawSetString(key, luaValue(state, item))
		}
		return table
	}
	return lua.LNil
}

// The patch that the documentation has people apply installs the script that is tested here.
func TestThePatchOfArgoCDsConfigMapHoldsTheScript(t *testing.T) {
	want, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../argocd/argocd-cm-patch.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var patch struct{ Data map[string]string }
	if err := yaml.UnmarshalStrict(text, &patch); err != nil {
		t.Fatal(err)
	}
	if patch.Data["resource.customizations.health.functionapp.dev_FunctionApp"] != string(want) {
		t.Errorf("argocd-cm-patch.yaml differs from health.lua: run gitops/argocd/sync-patch")
	}
}
