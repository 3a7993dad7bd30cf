package codegen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gradgen/gradgen"
	"github.com/gradgen/gradgen/codegen/emit"
)

// Request is what compiled code is asked to compute. Tensors are flat, row-major.
type Request struct {
	Model, Func            string // one of them
	Inputs, Params, States map[string][]float64
	Dims                   map[string]int64
	Seed                   uint64
	Workers                int  // 0: all cores
	Training               bool // loss and metrics as in a training step
	Steps                  int  // steps of training after which Params are reported
}

// Answer is what compiled code computed. Results of a function are in Outputs
// under "0", "1" and so on. What inputs were missing for is left out.
type Answer struct {
	Outputs, Metrics, Grads, Params map[string][]float64
	Loss                            []float64 // one number, or none
}

// Build is generated code that can be run.
type Build struct {
	dir    string
	binary string
}

// BuildGo compiles the generated code of a result with a small main program in
// a folder of its own, against the runtime that this tool carries with it.
// Close removes the folder.
func BuildGo(res Result, opt Options, name string) (*Build, error) {
	main, err := emit.Main(res.Unit, emit.Options{Source: filepath.Base(name), Version: opt.Version})
	if err != nil {
		return nil, err
	}
	model, err := emit.File(res.Unit, emit.Options{Package: "main", Source: filepath.Base(name), Version: opt.Version})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gradgen-")
	if err != nil {
		return nil, err
	}
	b := &Build{dir: dir, binary: filepath.Join(dir, "compiled.exe")}
	if err := b.build(main, model, opt.Flags); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Build) build(main []byte, model emit.Output, flags []string) error {
	const module = "github.com/gradgen/gradgen"
	files, err := gradgen.RuntimeFiles()
	if err != nil {
		return err
	}
	all := map[string][]byte{
		"main.go": main, "model_grad.go": model.Go,
		"go.mod":         []byte("module compiled\n\ngo 1.26\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => ./gradgen\n"),
		"gradgen/go.mod": []byte("module " + module + "\n\ngo 1.26\n"),
	}
	if model.Asm != nil {
		all["model_grad_amd64.go"], all["model_grad_amd64.s"] = model.Decl, model.Asm
	}
	for path, text := range files {
		all["gradgen/"+path] = text
	}
	for path, text := range all {
		full := filepath.Join(b.dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, text, 0o644); err != nil {
			return err
		}
	}
	// Without the folder's name in what is compiled, go keeps the runtime from one build to the next.
	cmd := exec.Command("go", slices.Concat([]string{"build", "-trimpath", "-o", b.binary}, flags, []string{"."})...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("internal error in emit: the generated code does not build: %w\n%s", err, out)
	}
	return nil
}

// Close removes what BuildGo made.
func (b *Build) Close() error { return os.RemoveAll(b.dir) }

// number is a float64 that goes through JSON as text, NaN and infinities too.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatFloat(float64(n), 'g', -1, 64)), nil
}

func (n *number) UnmarshalJSON(b []byte) error {
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return err
	}
	f, err := strconv.ParseFloat(s, 64)
	*n = number(f)
	return err
}

func numbers(from map[string][]float64) map[string][]number {
	out := map[string][]number{}
	for k, xs := range from {
		out[k] = make([]number, len(xs))
		for i, x := range xs {
			out[k][i] = number(x)
		}
	}
	return out
}

func floats(from map[string][]number) map[string][]float64 {
	out := map[string][]float64{}
	for k, xs := range from {
		out[k] = flat(xs)
	}
	return out
}

func flat(xs []number) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = float64(x)
	}
	return out
}

// Run computes one request. An error of the generated code itself, such as a
// wrong length, comes back as it is.
func (b *Build) Run(q Request) (Answer, error) {
	target := "model " + q.Model
	if q.Func != "" {
		target = "func " + q.Func
	}
	in, err := json.Marshal(map[string]any{
		"Target": target, "Inputs": numbers(q.Inputs), "Params": numbers(q.Params), "States": numbers(q.States),
		"Dims": q.Dims, "Seed": q.Seed, "Workers": q.Workers, "Training": q.Training, "Steps": q.Steps,
	})
	if err != nil {
		return Answer{}, err
	}
	cmd := exec.Command(b.binary)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &problems
	if err := cmd.Run(); err != nil {
		return Answer{}, fmt.Errorf("internal error in emit: the generated code failed: %w\n%s", err, problems.String())
	}
	var a struct {
		Outputs, Metrics, Grads, Params map[string][]number
		Loss                            []number
		Error                           string
	}
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return Answer{}, err
	}
	if a.Error != "" {
		return Answer{}, errors.New(a.Error)
	}
	return Answer{floats(a.Outputs), floats(a.Metrics), floats(a.Grads), floats(a.Params), flat(a.Loss)}, nil
}
