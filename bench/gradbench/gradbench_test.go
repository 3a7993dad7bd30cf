package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ask sends requests, and returns the answers.
func ask(t *testing.T, requests ...string) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, serve(strings.NewReader(strings.Join(requests, "\n")), &out))
	answers := make([]map[string]any, 0, len(requests))
	for line := range bytes.Lines(out.Bytes()) {
		var a map[string]any
		require.NoError(t, json.Unmarshal(line, &a))
		answers = append(answers, a)
	}
	require.Len(t, answers, len(requests))
	return answers
}

// compare applies GradBench's rule, but is stricter: keys and lengths agree, and numbers up to a small error.
func compare(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, _ := got.(map[string]any)
		require.Len(t, got, len(want), path)
		for key := range want {
			compare(t, path+"."+key, want[key], got[key])
		}
	case []any:
		got, _ := got.([]any)
		require.Len(t, got, len(want), path)
		for i := range want {
			compare(t, fmt.Sprintf("%s[%d]", path, i), want[i], got[i])
		}
	case float64:
		got, ok := got.(float64)
		require.True(t, ok, path)
		assert.LessOrEqual(t, math.Abs(want-got)/max(1, math.Abs(want)+math.Abs(got)), 1e-9, "%s: want %g, got %g", path, want, got)
	default:
		require.Fail(t, "a vector with something else", "%s: %T", path, want)
	}
}

// vectorFile runs the function that a file is named after on its input.
func vectorFile(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var v struct {
		Input  json.RawMessage
		Output any
	}
	require.NoError(t, json.Unmarshal(text, &v))
	name := strings.Split(filepath.Base(file), "-")
	if modules[name[0]] == nil {
		t.Skipf("module %s is not offered", name[0])
	}
	request, err := json.Marshal(map[string]any{"id": 1, "kind": "evaluate", "module": name[0], "function": name[1], "input": v.Input})
	require.NoError(t, err)
	a := ask(t, string(request))[0]
	require.Equal(t, true, a["success"], a["error"])
	compare(t, "output", v.Output, a["output"])
}

func TestVectors(t *testing.T) {
	for _, pattern := range []string{"testdata/*-*.json", "../../../shared/gradbench/vectors/*.json"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		t.Run(filepath.Base(filepath.Dir(pattern)), func(t *testing.T) {
			if len(files) == 0 {
				t.Skip("there are no files " + pattern)
			}
			for _, file := range files {
				t.Run(filepath.Base(file), func(t *testing.T) { vectorFile(t, file) })
			}
		})
	}
}

func TestProtocol(t *testing.T) {
	a := ask(t,
		`{"id": 0, "kind": "start", "eval": "hello"}`,
		`{"id": 1, "kind": "define", "module": "hello"}`,
		`{"id": 2, "kind": "define", "module": "nothing"}`,
		`{"id": 3, "kind": "evaluate", "module": "hello", "function": "square", "input": 3}`,
		`{"id": 4, "kind": "evaluate", "module": "hello", "function": "cube", "input": 3}`,
		`{"id": 5, "kind": "analysis", "of": 3, "valid": true}`,
		`{"id": 6, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [1, 2], "min_runs": 3, "min_seconds": 0}}`)
	assert.Equal(t, map[string]any{"id": 0.0, "tool": "gradgen"}, a[0])
	assert.Equal(t, map[string]any{"id": 1.0, "success": true}, a[1])
	assert.Equal(t, map[string]any{"id": 2.0, "success": false, "error": `there is no module "nothing"`}, a[2])
	assert.Equal(t, 9.0, a[3]["output"])
	assert.NotContains(t, a[3], "error")
	assert.Equal(t, false, a[4]["success"])
	assert.Equal(t, map[string]any{"id": 5.0}, a[5])
	timings := a[6]["timings"].([]any)
	require.Len(t, timings, 4)
	assert.Equal(t, "prepare", timings[0].(map[string]any)["name"])
	assert.Equal(t, "evaluate", timings[3].(map[string]any)["name"])
}

// JSON has no infinities: a result that is one is a failure, not a broken line.
func TestInfinityIsAnError(t *testing.T) {
	a := ask(t, `{"id": 1, "kind": "evaluate", "module": "hello", "function": "square", "input": 1e200}`)[0]
	assert.Equal(t, false, a["success"])
	assert.Contains(t, a["error"], "Inf")
}

func TestWrongInput(t *testing.T) {
	for input, want := range map[string]string{
		`{"points": [[1, 2], [3]], "centroids": [[1, 2]]}`: "row 1 has length 1",
		`{"points": [[1, 2, 3]], "centroids": [[1, 2]]}`:   "centroids",
		`{"points": 1}`: "cannot unmarshal",
	} {
		a := ask(t, `{"id": 1, "kind": "evaluate", "module": "kmeans", "function": "dir", "input": `+input+`}`)[0]
		assert.Equal(t, false, a["success"])
		assert.Contains(t, a["error"], want)
	}
}

func TestBrokenRequest(t *testing.T) {
	assert.ErrorContains(t, serve(strings.NewReader(`{"id": 1`), io.Discard), "reading a request")
}

// A zero is an output too.
func TestZeroIsSent(t *testing.T) {
	a := ask(t, `{"id": 1, "kind": "evaluate", "module": "hello", "function": "square", "input": 0}`)[0]
	assert.Equal(t, 0.0, a["output"])
}

// Results may lie in the memory of inputs.
func TestResultOverInput(t *testing.T) {
	x := make([]float64, 100)
	for i := range x {
		x[i] = math.Sin(float64(i))
	}
	for range 2 {
		for _, f := range []func(dst, x []float64) error{LseGrad, func(dst, x []float64) error { return Ode(dst, 3, x) }} {
			want, over := make([]float64, len(x)), append([]float64{}, x...)
			require.NoError(t, f(want, x))
			require.NoError(t, f(over, over))
			assert.Equal(t, want, over)
		}
	}
}
