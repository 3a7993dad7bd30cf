package main

import (
	"slices"
	"strconv"
)

// The groups of sides that a goal may be about.
const (
	frameworks = "framework"
	byHand     = "by hand"
)

// rows are those of the tasks that are to run.
func rows(o options) []row {
	var all []row
	for _, t := range []struct {
		name string
		rows func(threads int) []row
	}{
		{"T1", training("T1", "mlp", "MLP 784-128-10, batch 64, training step", goal{[]string{frameworks}, 0.6}, goal{[]string{byHand}, 0.85})},
		{"T2", training("T2", "lenet", "LeNet, batch 64, training step", goal{[]string{frameworks}, 0.4})},
		{"T3", training("T3", "gpt", "GPT of characters, 4 layers, batch 16 × 128, training step", goal{[]string{frameworks}, 0.7})},
		{"T4", training("T4", "lstm", "LSTM 64 → 128, 64 steps, batch 32, training step", goal{[]string{frameworks}, 0.75})},
	} {
		for _, threads := range o.threads {
			if o.has(t.name) {
				all = append(all, t.rows(threads)...)
			}
		}
	}
	return all
}

func training(task, model, what string, goals ...goal) func(threads int) []row {
	return func(threads int) []row {
		sides := []side{ours("train", model, threads), jax("train", model, threads)}
		for _, mode := range []string{"eager", "compile", "whole"} {
			sides = append(sides, torch(mode, "train", model, threads))
		}
		if model == "mlp" {
			sides = append(sides, handMLP(threads))
		}
		return []row{{task: task, what: what, threads: threads, tolerance: 1e-4, goals: goals, sides: sides}}
	}
}

// ours is a task by code of gradgen.
func ours(kind, model string, threads int) side {
	return side{name: "gradgen", args: func(k *kit) ([]string, error) {
		dir, err := k.data(model)
		if err != nil {
			return nil, err
		}
		bin, err := k.program("./bench/ours")
		return []string{bin, kind, model, strconv.Itoa(threads), dir}, err
	}}
}

// python is a peer in Python.
func python(name string, packages, script []string, kind, model string, threads int) side {
	return side{name: name, group: frameworks, args: func(k *kit) ([]string, error) {
		dir, err := k.data(model)
		if err != nil {
			return nil, err
		}
		bin, err := k.python(append(packages, "numpy")...)
		args := append([]string{bin, "bench/peers/python/" + script[0]}, script[1:]...)
		return append(args, kind, model, strconv.Itoa(threads), dir), err
	}}
}

func jax(kind, model string, threads int) side {
	return python("JAX jit", []string{"jax"}, []string{"jax_peer.py"}, kind, model, threads)
}

func torch(mode, kind, model string, threads int) side {
	name := map[string]string{"eager": "PyTorch eager", "compile": "PyTorch, module compiled", "whole": "PyTorch, step compiled"}[mode]
	return python(name, []string{"torch"}, []string{"torch_peer.py", mode}, kind, model, threads)
}

// handMLP is the perceptron in C++ by hand.
func handMLP(threads int) side {
	return side{name: "C++ on OpenBLAS", group: byHand, env: openBLAS(), args: func(k *kit) ([]string, error) {
		dir, err := k.data("mlp")
		if err != nil {
			return nil, err
		}
		bin, err := k.native("mlp", "-ffast-math", "bench/peers/native/mlp.cc", "-lopenblas")
		return []string{bin, "train", "mlp", strconv.Itoa(threads), dir}, err
	}}
}

// openBLAS names the kernels for machines that older versions do not know and take for ones from before AVX.
func openBLAS() []string {
	if slices.Contains(thisMachine().features, "avx512f") {
		return []string{"OPENBLAS_CORETYPE=SkylakeX"}
	}
	return nil
}
