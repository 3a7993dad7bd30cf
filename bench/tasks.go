package main

import (
	"fmt"
	"runtime"
	"slices"
)

// The groups of sides that a goal may be about.
const (
	framework = "framework"
	byHand    = "by hand"
	tool      = "tool"
	thePeak   = "peak"
)

func fastest(limit float64, groups ...string) goal { return goal{groups, limit} }

// tasks are those of the table, each with its rows for a number of threads.
var tasks = []struct {
	name string
	rows func(threads int) []row
}{
	{"T1", training("mlp", "MLP 784-128-10, batch 64, training step", fastest(0.6, framework), fastest(0.85, byHand))},
	{"T2", training("lenet", "LeNet, batch 64, training step", fastest(0.4, framework))},
	{"T3", training("gpt", "GPT of characters, 4 layers, batch 16 × 128, training step", fastest(0.7, framework))},
	{"T4", training("lstm", "LSTM 64 → 128, 64 steps, batch 32, training step", fastest(0.75, framework))},
	{"T5", prediction},
	{"T6", gradients},
	{"T7", formulas},
	{"T8", generation},
	{"T9", memory},
	{"T10", products},
}

// rows are those of the tasks that are to run.
func rows(o options) []row {
	var all []row
	for _, t := range tasks {
		for _, threads := range o.threads {
			if !o.has(t.name) {
				continue
			}
			for _, r := range t.rows(threads) {
				r.task, r.threads = t.name, max(r.threads, threads)
				r.sides = slices.DeleteFunc(r.sides, func(s side) bool { return o.quick && s.slow })
				all = append(all, r)
			}
		}
	}
	return all
}

func training(model, what string, goals ...goal) func(threads int) []row {
	return func(threads int) []row {
		sides := []side{ours("train", model, threads), jax("train", model, threads), torch("eager", "train", model, threads),
			torch("compile", "train", model, threads), torch("whole", "train", model, threads), gomlx("train", model, threads)}
		if model == "mlp" {
			sides = append(sides, handMLP(threads))
		}
		if model == "mlp" || model == "lenet" {
			sides = append(sides, gorgonia(model, threads))
		}
		return []row{{what: what, tolerance: 1e-4, goals: goals, sides: sides}}
	}
}

func prediction(threads int) []row {
	if threads > 1 {
		return nil
	}
	var all []row
	for _, m := range []struct{ model, what string }{
		{"mlp", "MLP"}, {"lenet", "LeNet"}, {"gpt", "GPT, 128 characters"}, {"lstm", "LSTM"},
	} {
		all = append(all, row{what: m.what + ", prediction, batch 1", tolerance: 1e-4, goals: []goal{fastest(0.6, framework)}, sides: []side{
			ours("predict", m.model, threads), onnx(m.model, threads), jax("predict", m.model, threads),
			torch("eager", "predict", m.model, threads), torch("compile", "predict", m.model, threads), gomlx("predict", m.model, threads)}})
	}
	return all
}

// gradients are GradBench's.
func gradients(threads int) []row {
	if threads > 1 {
		return nil
	}
	var all []row
	for _, e := range []struct {
		name, size string
		byTorch    bool
	}{
		{"llsq", "n 16392", true}, {"lse", "n 1280000", true}, {"det", "10×10", false}, {"gmm", "d 32, k 50, n 1000", true},
		{"ba", "563734 observations", false}, {"lstm", "4 layers, 4096 steps", false}, {"kmeans", "k 1000, n 10000, d 16", true},
		{"ht", "800 correspondences, big", false}, {"ode", "n 10000, 10 steps", true},
	} {
		r := row{what: "GradBench " + e.name + ", " + e.size, tolerance: 1e-6, goals: []goal{fastest(1, byHand, framework)}}
		r.sides = []side{oursGradient(e.name)}
		if e.name != "ht" {
			r.sides = append(r.sides, nativeGradient(e.name))
		}
		if e.name != "det" {
			r.goals = append(r.goals, fastest(0.5, framework))
			r.sides = append(r.sides, pythonGradient("JAX jit", "jax", e.name))
		}
		if e.byTorch {
			r.sides = append(r.sides, pythonGradient("PyTorch eager", "torch", e.name))
		}
		all = append(all, r)
	}
	return all
}

func formulas(threads int) []row {
	if threads > 1 {
		return nil
	}
	var all []row
	for _, f := range []struct{ name, what string }{
		{"arm", "arm of 7 joints with Jacobian"}, {"camera", "camera residual with 2×15 Jacobian"}, {"option", "Black–Scholes with five greeks"},
	} {
		for _, batch := range []bool{false, true} {
			r := row{what: f.what + ", one call", per: 250, tolerance: 1e-6, goals: []goal{fastest(1.1, byHand)}}
			kind, calls := "formula", 250
			if batch {
				r = row{what: f.what + ", a batch of 1000", tolerance: 1e-6, goals: []goal{fastest(0.3, byHand)}}
				kind, calls = "formulas", 1000
			}
			r.sides = append(r.sides, oursFormula(kind, f.name, calls))
			for _, flag := range []string{"-fno-tree-slp-vectorize", "-ftree-slp-vectorize"} {
				r.sides = append(r.sides, nativeFormula("hand", f.name, flag, calls), nativeFormula("casadi", f.name, flag, calls),
					nativeFormula("symforce", f.name, flag, calls))
			}
			all = append(all, r)
		}
	}
	return all
}

// generation is of a step of training of a GPT of 12 layers, on all cores: what it takes depends on them little.
func generation(threads int) []row {
	if threads > 1 {
		return nil
	}
	threads = runtime.NumCPU()
	layers := "12"
	whole := torch("whole", "compile", layers, threads)
	whole.slow = true
	return []row{{what: "generation of the training step of a GPT of 12 layers", threads: threads, long: true, goals: []goal{{nil, 0.5}}, sides: []side{
		oursAlone("gradgen", "generate", layers), oursAlone("gradgen, then go build", "build", layers, "bench/tmp"),
		jax("compile", layers, threads), torch("compile", "compile", layers, threads), whole}}}
}

func memory(threads int) []row {
	if threads > 1 {
		return nil
	}
	return []row{{what: "peak memory of T3, the whole process", memory: true, tolerance: 1e-4, goals: []goal{fastest(0.3, framework)}, sides: []side{
		ours("train", "gpt", threads), jax("train", "gpt", threads), torch("eager", "train", "gpt", threads),
		torch("compile", "train", "gpt", threads), torch("whole", "train", "gpt", threads)}}}
}

// products are those of square matrices, and of the layers of T1, T3 and T4: forward, and the adjoints of the weights (tn) and
// of the inputs (nt).
func products(threads int) []row {
	if threads > 1 {
		return nil
	}
	var all []row
	for _, bits := range []string{"32", "64"} {
		for _, s := range []struct {
			from          string
			rows, in, out int
		}{{"256³", 256, 256, 256}, {"T1", 64, 784, 128}, {"T1", 64, 128, 10}, {"T3", 2048, 128, 384}, {"T3", 2048, 512, 128}, {"T4", 32, 128, 512}} {
			all = append(all, product(s.from, bits, "nn", s.rows, s.out, s.in))
			if s.rows != s.in {
				all = append(all, product(s.from, bits, "tn", s.in, s.out, s.rows), product(s.from, bits, "nt", s.rows, s.in, s.out))
			}
		}
	}
	return all
}

func product(from, bits, form string, m, n, k int) row {
	r := row{what: fmt.Sprintf("f%s product %s of %s: %d×%d×%d", bits, form, from, m, k, n), tolerance: 1e-9, goals: []goal{fastest(1, byHand)}}
	if m == n && n == k && bits == "32" {
		r.goals = append(r.goals, fastest(1.111, thePeak)) // 90 % of the peak
	}
	shape := []string{bits, form, fmt.Sprint(m), fmt.Sprint(n), fmt.Sprint(k)}
	r.sides = []side{oursAlone("gradgen", append([]string{"product"}, shape...)...), nativeProduct("OpenBLAS", byHand, "openblas", shape), nativeProduct("the core's peak", thePeak, "peak", shape)}
	return r
}
