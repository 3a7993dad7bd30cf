package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/gradgen/gradgen/bench/child"
	"github.com/gradgen/gradgen/codegen"
)

//go:embed gpt.grad
var gptSource []byte

// generate is the code of a GPT of some layers, from source text to Go text.
func generate(layers string) (codegen.Result, error) {
	n, err := strconv.ParseInt(layers, 10, 64)
	if err != nil {
		return codegen.Result{}, err
	}
	res, list, err := codegen.Compile("gpt.grad", gptSource, codegen.Options{Dims: map[string]int64{"layers": n}})
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("gpt.grad: %v", list)
	}
	return res, err
}

func generation(layers string) (child.Hello, func() error, error) {
	call := func() error { _, err := generate(layers); return err }
	return child.Hello{}, call, call()
}

// building is generation and what Go's compiler then takes: in a folder of the project's, each time other code.
func building(layers, dir string) (child.Hello, func() error, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return child.Hello{}, nil, err
	}
	count := 0
	call := func() error {
		res, err := generate(layers)
		if err != nil {
			return err
		}
		count++
		code := fmt.Appendf(res.Go, "\nfunc main() { println(%d, NewGPT(1) != nil) }\n", count+os.Getpid())
		for name, text := range map[string][]byte{"gpt_grad.go": code, "gpt_grad_amd64.go": res.Decl, "gpt_grad_amd64.s": res.Asm} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
				return err
			}
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "gpt"), dir).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return child.Hello{}, nil, err
	}
	return child.Hello{}, call, call()
}

// formula calls a formula on the first rows of its inputs, or on all rows at once.
func formula(name string, rows int, batch bool, dir string) (child.Hello, func() error, error) {
	f, ok := formulas[name]
	if !ok {
		return child.Hello{}, nil, fmt.Errorf("there is no formula %q", name)
	}
	in, err := readRaw[float64](filepath.Join(dir, name+".f64"), formulaRows*f.in)
	if err != nil {
		return child.Hello{}, nil, err
	}
	out := make([]float64, rows*f.out)
	call, row := f.each(in[:rows*f.in], out), func(i int) []float64 { return out[i*f.out:][:f.out] }
	if batch {
		call, row = f.all(in[:rows*f.in])
	}
	err = call()
	return child.Hello{Values: append(row(0), row(rows-1)...)}, call, err
}

// product multiplies matrices of whole numbers, small enough to be exact: nn, or with the first (tn) or second (nt) stored
// turned; m, n and k are how many rows, columns and terms there are.
func product(bits, form string, m, n, k int) (child.Hello, func() error, error) {
	if bits == "64" {
		return multiply(map[string]func(c []float64, rows int, a, b []float64) error{"nn": Product64, "tn": Product64TA, "nt": Product64TB}[form], form, m, n, k)
	}
	return multiply(map[string]func(c []float32, rows int, a, b []float32) error{"nn": Product, "tn": ProductTA, "nt": ProductTB}[form], form, m, n, k)
}

func multiply[T float32 | float64](f func(c []T, rows int, a, b []T) error, form string, m, n, k int) (child.Hello, func() error, error) {
	a, b, c := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	for i := range a {
		a[i] = T(i%7) - 3
	}
	for i := range b {
		b[i] = T(i%5) - 2
	}
	rows := m
	if form == "tn" {
		rows = k
	}
	call := func() error { return f(c, rows, a, b) }
	if err := call(); err != nil {
		return child.Hello{}, nil, err
	}
	var values []float64
	for i := range 4 {
		values = append(values, float64(c[i*(len(c)-1)/3]))
	}
	return child.Hello{Values: values}, call, nil
}
