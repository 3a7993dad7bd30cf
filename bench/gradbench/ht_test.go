package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// results runs a task once.
func results(t *testing.T, f func(htInput) (task, error), in htInput) any {
	t.Helper()
	todo, err := f(in)
	require.NoError(t, err)
	require.NoError(t, todo.run())
	return todo.output()
}

// A place at the first corner of a triangle is a vertex: both ways to say so agree.
func TestCornersAreVertices(t *testing.T) {
	text, err := os.ReadFile("testdata/ht-jacobian-1.json")
	require.NoError(t, err)
	var v struct{ Input htInput }
	require.NoError(t, json.Unmarshal(text, &v))
	for _, mirrored := range []bool{false, true} {
		corner := v.Input
		corner.Data.Model.Mirrored = mirrored
		corner.Us = [][]float64{{1, 0}, {1, 0}, {1, 0}}
		vertex := corner
		vertex.Us = nil
		vertex.Data.Correspondences = nil
		for _, i := range corner.Data.Correspondences {
			vertex.Data.Correspondences = append(vertex.Data.Correspondences, corner.Data.Model.Triangles[i][0])
		}
		assert.InDeltaSlice(t, results(t, htObjective, corner), results(t, htObjective, vertex), 1e-12)
		want, got := results(t, htJacobian, corner).([][]float64), results(t, htJacobian, vertex).([][]float64)
		require.Len(t, got, len(want))
		for i := range want {
			assert.InDeltaSlice(t, want[i][2:], got[i], 1e-12)
		}
	}
}

// A turn too small to matter is none.
func TestSmallTurnIsNone(t *testing.T) {
	text, err := os.ReadFile("testdata/ht-jacobian-1.json")
	require.NoError(t, err)
	var v struct{ Input htInput }
	require.NoError(t, json.Unmarshal(text, &v))
	small := v.Input
	small.Theta = append([]float64{5e-5, 0, 0}, v.Input.Theta[3:]...)
	none := v.Input
	none.Theta = append([]float64{0, 0, 0}, v.Input.Theta[3:]...)
	assert.Equal(t, results(t, htObjective, none), results(t, htObjective, small))
}
