package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/gradgen/gradgen/bench/child"
)

// serveCalls calls the function of the request in a file as often as it is asked.
func serveCalls(file string, in io.Reader, out io.Writer) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var r request
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	prepare := modules[r.Module][r.Function]
	if prepare == nil {
		return fmt.Errorf("there is no function %q in module %q", r.Function, r.Module)
	}
	t, err := prepare(r.Input)
	if err != nil {
		return err
	}
	if err := t.run(); err != nil {
		return err
	}
	return child.Serve(in, out, child.Hello{Values: digest(appendNumbers(nil, t.output()))}, t.run)
}

// digest is what is compared of a derivative: the first of its numbers and two norms.
func digest(x []float64) []float64 {
	var sum, squares float64
	for _, v := range x {
		sum += math.Abs(v)
		squares += v * v
	}
	return []float64{x[0], sum, squares}
}
