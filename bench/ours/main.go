// Ours is gradgen's side of the benchmark: its models, one a task, as a child of the program in the folder above.
//
//	ours data DIR                            writes what all sides start from
//	ours train|predict MODEL WORKERS DIR     a step of training of mlp, lenet, gpt or lstm, or a prediction
//	ours generate LAYERS                     the code of a GPT
//	ours build LAYERS DIR                    and what Go's compiler makes of it
//	ours formula|formulas NAME ROWS DIR      arm, camera or option, for one row after the other or for all at once
//	ours product 32|64 nn|tn|nt M N K        a product of matrices
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen mlp.grad lenet.grad gpt.grad lstm.grad formulas.grad products.grad products64.grad

import (
	"fmt"
	"os"
	"strconv"

	"github.com/gradgen/gradgen/bench/child"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ours:", err)
		os.Exit(1)
	}
}

// uses are what the program does, with how many arguments after the name.
var uses = map[string]struct {
	args    int
	prepare func(args []string) (hello child.Hello, call func() error, err error)
}{
	"train":    {3, func(a []string) (child.Hello, func() error, error) { return training(a[0], number(a[1]), a[2]) }},
	"predict":  {3, func(a []string) (child.Hello, func() error, error) { return predicting(a[0], number(a[1]), a[2]) }},
	"generate": {1, func(a []string) (child.Hello, func() error, error) { return generation(a[0]) }},
	"build":    {2, func(a []string) (child.Hello, func() error, error) { return building(a[0], a[1]) }},
	"formula":  {3, func(a []string) (child.Hello, func() error, error) { return formula(a[0], number(a[1]), false, a[2]) }},
	"formulas": {3, func(a []string) (child.Hello, func() error, error) { return formula(a[0], number(a[1]), true, a[2]) }},
	"product": {5, func(a []string) (child.Hello, func() error, error) {
		return product(a[0], a[1], number(a[2]), number(a[3]), number(a[4]))
	}},
}

// number is that of a text, or 0.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func run(args []string) error {
	if len(args) == 2 && args[0] == "data" {
		return writeData(args[1])
	}
	if len(args) == 0 || uses[args[0]].prepare == nil || len(args) != 1+uses[args[0]].args {
		return fmt.Errorf("%q: see the comment of the package", args)
	}
	hello, call, err := uses[args[0]].prepare(args[1:])
	if err != nil {
		return err
	}
	if args[0] == "build" {
		defer os.RemoveAll(args[2])
	}
	return child.Serve(os.Stdin, os.Stdout, hello, call)
}

// training makes the first steps of a model.
func training(model string, workers int, dir string) (hello child.Hello, call func() error, err error) {
	n, err := load(model, dir)
	if err != nil {
		return hello, nil, err
	}
	step, err := n.trainer(workers)
	if err != nil {
		return hello, nil, err
	}
	hello.Values, err = losses(step)
	return hello, func() error { _, err := step(); return err }, err
}

// predicting makes the first prediction of a model.
func predicting(model string, workers int, dir string) (hello child.Hello, call func() error, err error) {
	n, err := load(model, dir)
	if err != nil {
		return hello, nil, err
	}
	predict, err := n.predictor(workers)
	if err != nil {
		return hello, nil, err
	}
	y, err := predict()
	for _, v := range y[:min(5, len(y))] {
		hello.Values = append(hello.Values, float64(v))
	}
	return hello, func() error { _, err := predict(); return err }, err
}

// losses are those of the first five steps.
func losses(step func() (float32, error)) ([]float64, error) {
	var all []float64
	for range 5 {
		loss, err := step()
		if err != nil {
			return nil, err
		}
		all = append(all, float64(loss))
	}
	return all, nil
}
