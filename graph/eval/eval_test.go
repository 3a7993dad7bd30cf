package eval_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
)

var leaves = map[string]graph.Tensor{
	"x": {Shape: []int{2, 3}, Data: []float64{1, 2, 3, 4, 5, 6}},
	"v": {Shape: []int{3}, Data: []float64{10, 20, 30}},
	"i": {Shape: []int{2}, Data: []float64{2, 0}},
	"j": {Shape: []int{2}, Data: []float64{3, -1}},
	"c": {Shape: []int{2}, Data: []float64{1, 0}},
}

func run(t *testing.T, text string) ([]graph.Tensor, error) {
	g, roots, err := graph.Read(text, ops.Table())
	require.NoError(t, err)
	require.NoError(t, graph.Verify(g, roots))
	return eval.Run(roots, eval.Env{Dims: map[string]int64{"n": 2, "m": 3}, Leaf: func(_, name string) (graph.Tensor, bool) {
		v, ok := leaves[name]
		return v, ok
	}})
}

func TestEachClassOfNode(t *testing.T) {
	const x, v = "%0 = input {x} : real [n, m]\n", "%0 = input {v} : real [m]\n"
	const i, j, c = "%1 = input {i} : int [n]\n", "%1 = input {j} : int [n]\n", "%2 = input {c} : bool [n]\n"
	for name, test := range map[string]struct {
		text string
		want []float64
	}{
		"constant":     {"%0 = const {2} : real [n]\nreturn %0", []float64{2, 2}},
		"table":        {"%0 = table {1 -2} : real [2]\nreturn %0", []float64{1, -2}},
		"index":        {"%0 = index {10*#0 + #1 + n} : int [n, m]\nreturn %0", []float64{2, 3, 4, 12, 13, 14}},
		"element-wise": {v + "%1 = powi %0 {2} : real [m]\nreturn %1", []float64{100, 400, 900}},
		"transpose":    {x + "%1 = view %0 {[#1, #0]} : real [m, n]\nreturn %1", []float64{1, 4, 2, 5, 3, 6}},
		"padding":      {v + "%1 = view %0 {[#0 - 1] if #0 - 1 >= 0 and m - #0 >= 0 else 7} : real [m + 2]\nreturn %1", []float64{7, 10, 20, 30, 7}},
		"spread":       {v + "%1 = view %0 {[(#0)/2] if #0 % 2 == 0 else 0} : real [2*m - 1]\nreturn %1", []float64{10, 0, 20, 0, 30}},
		"sum":          {x + "%1 = sum %0 {axes 1} : real [n]\nreturn %1", []float64{6, 15}},
		"maximum":      {x + "%1 = rmax %0 {axes 0} : real [m]\nreturn %1", []float64{4, 5, 6}},
		"empty":        {v + "%1 = view %0 {[#0]} : real [n - 2]\n%2 = prod %1 {axes 0} : real\nreturn %2", []float64{1}},
		"argmax":       {x + "%1 = argmax %0 {axis 1} : int [n]\nreturn %1", []float64{2, 2}},
		"reshape":      {x + "%1 = reshape %0 : real [m, n]\nreturn %1", []float64{1, 2, 3, 4, 5, 6}},
		"concat":       {x + "%1 = concat %0 %0 {axis 1} : real [n, 2*m]\nreturn %1", []float64{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}},
		"cumsum":       {v + "%1 = cumsum %0 : real [m]\nreturn %1", []float64{10, 30, 60}},
		"gather":       {v + i + "%2 = gather %0 %1 {[@0] checked else 0} : real [n]\nreturn %2", []float64{30, 10}},
		"outside":      {v + j + "%2 = gather %0 %1 {[@0] else -1} : real [n]\nreturn %2", []float64{-1, -1}},
		"scatter": {"%0 = input {c} : bool [n]\n" + i + "%2 = real %0 : real [n]\n%3 = scatter %2 %1 {[@0] else 0} : real [m]\nreturn %3",
			[]float64{0, 0, 1}},
		"masked": {v + i + c + "%3 = gather %0 %1 %2 {[@0] checked masked else 5} : real [n]\nreturn %3", []float64{30, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := run(t, test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, out[0].Data)
		})
	}
}

func TestErrors(t *testing.T) {
	const v, j = "%0 = input {v} : real [m]\n", "%1 = input {j} : int [n]\n"
	for want, text := range map[string]string{
		"input j[0] is 3, must be in 0..3":         v + j + "%2 = gather %0 %1 {[@0] checked else 0} : real [n]\nreturn %2",
		"input z has no value":                     "%0 = input {z} : real [n]\nreturn %0",
		"input v has shape [3], want [2]":          "%0 = input {v} : real [n]\nreturn %0",
		"dim k has no value":                       "%0 = const {1} : real [k]\nreturn %0",
		"dim n - 3 is -1":                          "%0 = const {1} : real [n - 3]\nreturn %0",
		"internal error in eval: view [#0 + 1] re": v + "%1 = view %0 {[#0 + 1]} : real [m]\nreturn %1",
		"internal error in eval: gradient has no":  "%0 = const {1} : real\n%1 = gradient %0 %0 : real\nreturn %1",
	} {
		_, err := run(t, text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := run(t, v+j+"%2 = gather %0 %1 {[@0] checked else 0} : real [n]\nreturn %2")
	var index *eval.IndexError
	require.ErrorAs(t, err, &index)
	require.Equal(t, 3, index.Index)
}

func TestValuesAreSharedByRoots(t *testing.T) {
	out, err := run(t, "%0 = input {v} : real [m]\n%1 = sin %0 : real [m]\nreturn %1 %0 %1")
	require.NoError(t, err)
	require.Equal(t, out[0], out[2])
	require.Equal(t, leaves["v"], out[1])
}
