package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// example is an input of a function of a size that GradBench takes.
type example struct {
	function string
	input    map[string]any
	order    []string // of the input's numbers, for a reader of no JSON
}

// examples are one for each module that is timed beside other tools.
func examples() map[string]example {
	rnd := rand.New(rand.NewPCG(1, 1))
	normal := func(n int, scale float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = scale * rnd.NormFloat64()
		}
		return x
	}
	matrix := func(n, m int, scale float64) [][]float64 { return rows(normal(n*m, scale), n) }
	bits := matrix(4096, 14, 1)
	for _, row := range bits {
		for i := range row {
			row[i] = float64(rnd.IntN(2))
		}
	}
	points := matrix(10000, 16, 1)
	centroids := make([][]float64, 1000)
	for i := range centroids { // each close to a point, so that none is without one
		centroids[i] = slices.Clone(points[10*i])
		centroids[i][0] += 1e-6
	}
	return map[string]example{
		"llsq": {"gradient", map[string]any{"x": normal(128, 1), "n": 16392}, []string{"x"}},
		"lse":  {"gradient", map[string]any{"x": normal(1280000, 1)}, []string{"x"}},
		"det":  {"gradient", map[string]any{"A": normal(100, 1), "ell": 10}, []string{"A"}},
		"ode":  {"gradient", map[string]any{"x": normal(10000, 1), "s": 10}, []string{"x"}},
		"gmm": {"jacobian", map[string]any{"d": 32, "k": 50, "n": 1000, "m": 0, "gamma": 1.0, "x": matrix(1000, 32, 1),
			"alpha": normal(50, 1), "mu": matrix(50, 32, 1), "q": matrix(50, 32, 0.1), "l": matrix(50, 32*31/2, 0.1)}, []string{"alpha", "l", "mu", "q", "x"}},
		"ba": {"jacobian", map[string]any{"n": 1197, "m": 126327, "p": 563734, "cam": []float64{0.1, -0.2, 0.3, 0.5, -0.5, 0.2, 600, 1, -2, 0.1, -0.02},
			"x": []float64{0.3, -0.4, 5}, "w": 0.8, "feat": []float64{30, -20}}, []string{"cam", "x", "w", "feat"}},
		"lstm": {"jacobian", map[string]any{"main_params": matrix(8, 56, 1), "extra_params": matrix(3, 14, 1),
			"state": matrix(8, 14, 1), "sequence": bits}, []string{"main_params", "extra_params", "state", "sequence"}},
		"kmeans": {"dir", map[string]any{"points": points, "centroids": centroids}, []string{"points", "centroids"}},
		"ht":     {"jacobian", hands(rnd, 800, 10000), nil},
	}
}

// hands is an input of ht: n places in triangles of a hand of v vertices that each follow four of 22 bones.
func hands(rnd *rand.Rand, n, v int) map[string]any {
	draw := func() float64 { return rnd.Float64() - 0.5 }
	list := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = draw()
		}
		return x
	}
	placed := func() [][]float64 { // a matrix that turns about z and moves
		return [][]float64{{0.8, -0.6, 0, draw()}, {0.6, 0.8, 0, draw()}, {0, 0, 1, draw()}, {0, 0, 0, 1}}
	}
	parents := []int{-1, 0}
	var relatives, inverses [][][]float64
	for bone := range 22 {
		if bone > 1 {
			parents = append(parents, max(0, bone-1)*min(1, (bone-2)%4)) // fingers of four bones, the first at the wrist
		}
		relatives, inverses = append(relatives, placed()), append(inverses, placed())
	}
	var positions, weights, us, points [][]float64
	var triangles [][]int
	for range v {
		positions = append(positions, append(list(3), 1))
		row := make([]float64, 22)
		for range 4 {
			row[rnd.IntN(22)] += 0.25
		}
		weights = append(weights, row)
	}
	var own []int
	for range n {
		triangles = append(triangles, []int{rnd.IntN(v), rnd.IntN(v), rnd.IntN(v)})
		us, points, own = append(us, []float64{rnd.Float64() / 2, rnd.Float64() / 2}), append(points, list(3)), append(own, rnd.IntN(n))
	}
	return map[string]any{"theta": list(26), "us": us, "data": map[string]any{"correspondences": own, "points": points, "model": map[string]any{
		"parents": parents, "base_relatives": relatives, "inverse_base_absolutes": inverses, "base_positions": positions, "weights": weights,
		"triangles": triangles, "is_mirrored": false, "bone_count": 22}}}
}

// writeExamples writes for each module a request, and the numbers of its input one after the other.
func writeExamples(dir string) error {
	all := examples()
	for _, module := range slices.Sorted(maps.Keys(all)) {
		e := all[module]
		text, err := json.Marshal(map[string]any{"id": 1, "kind": "evaluate", "module": module, "function": e.function, "input": e.input})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, module+".json"), text, 0o644); err != nil {
			return err
		}
		var numbers []float64
		for _, name := range e.order {
			numbers = appendNumbers(numbers, e.input[name])
		}
		var raw bytes.Buffer
		if err := binary.Write(&raw, binary.LittleEndian, numbers); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, module+".f64"), raw.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// appendNumbers appends what x holds: a number, a list or a matrix.
func appendNumbers(all []float64, x any) []float64 {
	switch x := x.(type) {
	case float64:
		return append(all, x)
	case []float64:
		return append(all, x...)
	case [][]float64:
		for _, row := range x {
			all = append(all, row...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			all = appendNumbers(all, x[name])
		}
	}
	return all
}
