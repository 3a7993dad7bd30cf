// Ours is gradgen's side of the benchmark: its models, one a task, as a child of the program in the folder above.
//
//	ours data DIR                          writes what all sides start from
//	ours train|predict MODEL WORKERS DIR   a step of training of mlp, lenet, gpt or lstm, or a prediction
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen mlp.grad lenet.grad gpt.grad lstm.grad

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

func run(args []string) error {
	if len(args) == 2 && args[0] == "data" {
		return writeData(args[1])
	}
	if len(args) != 4 {
		return fmt.Errorf("%d arguments: see the comment of the package", len(args))
	}
	workers, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	hello, call, err := prepare(args[0], args[1], workers, args[3])
	if err != nil {
		return err
	}
	return child.Serve(os.Stdin, os.Stdout, hello, call)
}

// prepare makes the first calls of a task; call makes one more.
func prepare(kind, model string, workers int, dir string) (hello child.Hello, call func() error, err error) {
	n, ok := nets[model]
	if !ok {
		return hello, nil, fmt.Errorf("there is no model %q", model)
	}
	net, err := n.load(dir)
	if err != nil {
		return hello, nil, err
	}
	switch kind {
	case "train":
		step, err := net.trainer(workers)
		if err != nil {
			return hello, nil, err
		}
		hello.Values, err = losses(step)
		return hello, func() error { _, err := step(); return err }, err
	case "predict":
		predict, err := net.predictor(workers)
		if err != nil {
			return hello, nil, err
		}
		y, err := predict()
		for _, v := range y[:min(5, len(y))] {
			hello.Values = append(hello.Values, float64(v))
		}
		return hello, func() error { _, err := predict(); return err }, err
	}
	return hello, nil, fmt.Errorf("%q is neither train nor predict", kind)
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
