package emit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// module makes a module in which generated files compile against this runtime.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	files["go.mod"] = "module example.com/generated\n\ngo 1.26\n\nrequire github.com/gradgen/gradgen v0.0.0\n\nreplace github.com/gradgen/gradgen => " + root + "\n"
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

// goTool runs the go command in a module and returns what it prints.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s:\n%s", strings.Join(args, " "), out)
	return string(out)
}

var batch = shape.Var("batch")

func c(n int64) shape.Dim                  { return shape.Const(n) }
func v(name string) shape.Dim              { return shape.Var(name) }
func ext(ds ...shape.Dim) []shape.Dim      { return ds }
func at(d shape.Dim) kernel.Addr           { return kernel.Addr{Base: d} }
func lit(x float64) kernel.Expr            { return &kernel.Lit{V: x} }
func ref(name string) kernel.Expr          { return &kernel.Ref{Name: name} }
func real(ds ...shape.Dim) graph.Type      { return graph.Type{Shape: ds} }
func body(ss ...kernel.Stmt) []kernel.Stmt { return ss }

func apply(op string, args ...kernel.Expr) kernel.Expr {
	return &kernel.Apply{Op: ops.Table()[op], Args: args}
}

func load(b *kernel.Buffer, d shape.Dim) kernel.Expr { return &kernel.Load{Buf: b, At: at(d)} }

// line is a model with one dense neuron, y = x·w, loss Σ(y - z)²/batch, one
// gradient step; its kernels written by hand.
func lineUnit() *kernel.Unit {
	src := diag.NewFile("line.grad", []byte("model Line {\n    y = x @ w\n    loss mean((y - z)^2)\n}\n"))
	at2 := diag.Span{File: src, Start: 18, End: 23}
	at3 := diag.Span{File: src, Start: 30, End: 35}
	b := graph.NewBuilder(graph.New(), ops.Table())
	w := &graph.Param{Path: "dense.w", Node: b.Leaf("param", "dense.w", real(c(3))), Init: graph.Init{Value: b.Fill(0.5, real(c(3)))}}
	m := &graph.Model{
		Name: "Line", Dims: []graph.DimDecl{{Name: "batch"}}, Params: []*graph.Param{w},
		Inputs: []*graph.Value{{Name: "x", Node: b.Leaf("input", "x", real(batch, c(3)))}, {Name: "z", Node: b.Leaf("input", "z", real(batch))}},
		Train:  &graph.Body{Losses: []*graph.Value{{Name: "loss"}}},
		Rules:  []*graph.Rule{{Name: "SGD", Params: []int{0}, Flat: true, Hyper: []graph.Hyper{{Name: "lr", Default: 0.1}}}},
	}
	buffers := func() (x, z, wb, y *kernel.Buffer) {
		return &kernel.Buffer{Name: "x", Kind: kernel.Input, Shape: ext(batch, c(3))},
			&kernel.Buffer{Name: "z", Kind: kernel.Input, Shape: ext(batch)},
			&kernel.Buffer{Name: "dense.w", Kind: kernel.Param, Shape: ext(c(3))},
			&kernel.Buffer{Name: "y", Kind: kernel.Arena, Shape: ext(batch)}
	}
	product := func(x, wb, y *kernel.Buffer) *kernel.Kernel {
		return &kernel.Kernel{Name: "y", Rows: batch, Grain: 4, Notes: []kernel.Note{{Span: at2}}, Flops: batch.Scale(6), Body: body(
			&kernel.Loop{Var: ".i0", Lo: v(".lo"), Hi: v(".hi"), Body: body(
				&kernel.Accumulator{Name: "acc", Init: lit(0)},
				&kernel.Loop{Var: ".k1", Hi: c(3), Body: body(
					&kernel.Set{Name: "acc", X: apply("add", ref("acc"), apply("mul", load(x, v(".i0").Scale(3).Add(v(".k1"))), load(wb, v(".k1"))))},
				)},
				&kernel.Store{Buf: y, At: at(v(".i0")), X: ref("acc")},
			)})}
	}
	x, _, wb, y := buffers()
	predict := &kernel.Program{Name: "predict", Buffers: []*kernel.Buffer{x, wb, y},
		Sections: []*kernel.Section{{Name: "predict", Kernels: []*kernel.Kernel{product(x, wb, y)}}},
		Results:  []kernel.Result{{Name: "y", Kind: "output", Buffer: y}}, ArenaLen: map[graph.Elem]shape.Dim{graph.Real: batch}}
	x, z, wb, y := buffers()
	loss := &kernel.Buffer{Name: "loss", Kind: kernel.Arena, Offset: batch}
	g := &kernel.Buffer{Name: "ddense_w", Kind: kernel.Grad, Shape: ext(c(3))}
	diff := apply("sub", load(y, v(".k0")), load(z, v(".k0")))
	over := apply("div", lit(1), apply("real", &kernel.IndexExpr{E: batch, Div: 1}))
	lossK := &kernel.Kernel{Name: "loss", Notes: []kernel.Note{{Span: at3}}, Body: body(
		&kernel.Accumulator{Name: "s", Init: lit(0)},
		&kernel.Loop{Var: ".k0", Hi: batch, Body: body(
			&kernel.Let{Name: "d", X: diff},
			&kernel.Set{Name: "s", X: apply("add", ref("s"), apply("mul", ref("d"), ref("d")))},
		)},
		&kernel.Store{Buf: loss, X: apply("mul", ref("s"), over)},
	)}
	gradK := &kernel.Kernel{Name: "dense.w gradient", Notes: []kernel.Note{{Span: at2, Rule: "adjoint of @"}}, Rows: c(3), Grain: 8, Body: body(
		&kernel.Zero{Slice: kernel.Slice{Buf: g, At: v(".lo"), Len: v(".hi").Sub(v(".lo"))}},
		&kernel.Loop{Var: ".i1", Hi: batch, Body: body(
			&kernel.Loop{Var: ".i0", Lo: v(".lo"), Hi: v(".hi"), Body: body(
				&kernel.Store{Buf: g, Add: true, At: at(v(".i0")), X: apply("mul", load(x, v(".i1").Scale(3).Add(v(".i0"))),
					apply("mul", lit(2), apply("mul", over, apply("sub", load(y, v(".i1")), load(z, v(".i1"))))))},
			)},
		)},
	)}
	train := &kernel.Program{Name: "train", Buffers: []*kernel.Buffer{x, z, wb, y, loss, g},
		Sections: []*kernel.Section{{Name: "forward", Kernels: []*kernel.Kernel{product(x, wb, y), lossK}}, {Name: "backward", Kernels: []*kernel.Kernel{gradK}}},
		Results:  []kernel.Result{{Name: "loss", Kind: "loss", Buffer: loss}, {Name: "dense.w", Kind: "grad", Buffer: g}}, ArenaLen: map[graph.Elem]shape.Dim{graph.Real: batch.AddInt(1)}}
	n := shape.Var("params")
	p, pg := &kernel.Buffer{Name: "p", Kind: kernel.Param, Shape: ext(n)}, &kernel.Buffer{Name: "g", Kind: kernel.Grad, Shape: ext(n)}
	lr := &kernel.Buffer{Name: "lr", Kind: kernel.Scalar}
	step := &kernel.Program{Name: "update", Buffers: []*kernel.Buffer{p, pg, lr}, Sections: []*kernel.Section{{Name: "update", Kernels: []*kernel.Kernel{{
		Name: "p", Rows: n, Grain: 1024, Body: body(&kernel.Loop{Var: ".i0", Lo: v(".lo"), Hi: v(".hi"), Body: body(
			&kernel.Store{Buf: p, At: at(v(".i0")), X: apply("sub", load(p, v(".i0")), apply("mul", load(lr, c(0)), load(pg, v(".i0"))))})})}}}}}
	return &kernel.Unit{Program: &graph.Program{Source: src, Models: []*graph.Model{m}},
		Models: []*kernel.Model{{Model: m, Predict: predict, Train: train, Updates: []*kernel.Program{step}}}}
}

func TestHandWrittenKernels(t *testing.T) {
	src, err := File(lineUnit(), Options{Package: "generated", Source: "dir/line.grad", Version: "test"})
	require.NoError(t, err)
	if os.Getenv("SHOW") != "" {
		t.Log(string(src.Go))
	}
	dir := module(t, map[string]string{"line_grad.go": string(src.Go), "line_grad_amd64.go": string(src.Decl), "line_grad_amd64.s": string(src.Asm), "line_test.go": lineTest})
	goTool(t, dir, "vet", "./...")
	goTool(t, dir, "test", "./...")
}

const lineTest = `package generated

import (
	"path/filepath"
	"testing"
)

func TestLine(t *testing.T) {
	m := NewLine(1)
	p, err := m.NewPredictor(LineDims{Batch: 9})
	if err != nil {
		t.Fatal(err)
	}
	y, err := p.Predict([]float32{1, 2, 3, 4, 5, 6})
	if err != nil || len(y) != 2 || y[0] != 3 || y[1] != 7.5 {
		t.Fatal(y, err)
	}
	if _, err = p.Predict(make([]float32, 7)); err == nil || err.Error() != "Line: input x has length 7, must be a positive multiple of 3, at most 27 (x [batch, 3])" && err.Error() != "Line: input x has length 7, must be a positive multiple of 3, at most 27 ([batch, 3])" {
		t.Fatal(err)
	}
	if _, err := m.NewTrainer(LineDims{}); err == nil || err.Error() != "Line: dims must satisfy batch >= 1 (batch = 0)" {
		t.Fatal(err)
	}
	tr, err := m.NewTrainer(LineDims{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	x, z := []float32{1, 2, 3, 4, 5, 6}, []float32{2, 7}
	loss, err := tr.Forward(x, z)
	if err != nil || loss != 0.625 {
		t.Fatal(loss, err)
	}
	tr.Backward()
	if g := tr.Grads.Dense.W; g[0] != 3 || g[1] != 4.5 || g[2] != 6 {
		t.Fatal(g)
	}
	tr.Update()
	if w := m.Params.Dense.W; w[0] != 0.5-float32(0.1)*3 {
		t.Fatal(w)
	}
	tr.Hyper.LR = 0.01
	path := filepath.Join(t.TempDir(), "check")
	if err := tr.SaveCheckpoint(path); err != nil {
		t.Fatal(err)
	}
	m2 := NewLine(1)
	tr2, _ := m2.NewTrainer(LineDims{Batch: 2})
	if err := tr2.LoadCheckpoint(path); err != nil || tr2.Hyper.LR != 0.01 || m2.Params.Dense.W[0] != m.Params.Dense.W[0] {
		t.Fatal(err, tr2.Hyper)
	}
	if err := m2.Load(path); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() { tr.Step(x, z) }); n != 0 {
		t.Fatal("allocations", n)
	}
	for range 2 {
		tr.Accumulate(x, z)
	}
	tr.Update()
}
`
