package vector

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	interp "github.com/gradgen/gradgen/codegen/kernel/exec"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// call is a call of a function in assembly: numbers of rows and steps and
// distances of rows, the memory behind the pointers, scalars. After it, the memory
// and the results.
type call struct {
	Fn      string
	Ints    []int
	Bufs    [][]float64
	Scalars []float64
	Results []float64
}

// laboratory is a program with functions in assembly. Each buffer ends, or, where
// Low is set, begins, at memory that cannot be touched.
type laboratory struct {
	dir  string
	wide bool
	file *File
	fns  []*Func
	// exact are the functions without sums.
	exact map[string]bool
}

func newLaboratory(t *testing.T, wide bool) *laboratory {
	t.Helper()
	return &laboratory{dir: t.TempDir(), wide: wide, file: NewFile("lab", wide), exact: map[string]bool{}}
}

// add prints the function of a loop.
func (l *laboratory) add(t *testing.T, nest *kernel.Loop) Decl {
	t.Helper()
	fn, ok := Build(nest, l.wide)
	require.True(t, ok, "no assembly of\n%s", kernel.StmtText(nest))
	d, err := l.file.Add(fn)
	require.NoError(t, err)
	l.fns = append(l.fns, fn)
	l.exact[d.Name] = len(fn.Reds) == 0
	return d
}

const labMain = `package main

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"os"
	"slices"
	"syscall"
	"unsafe"
)

type real = REAL

type call struct {
	Fn      string
	Ints    []int
	Bufs    [][]float64
	Scalars []float64
	Results []float64
}

// edge returns memory for n elements between two pages that cannot be touched, at
// the end of what lies between them, or at its beginning.
func edge[T any](n int, low bool) []T {
	page, size := syscall.Getpagesize(), int(unsafe.Sizeof(*new(T)))
	room := (n*size + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, room+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	guard := func(b []byte) {
		if err := syscall.Mprotect(b, syscall.PROT_NONE); err != nil {
			panic(err)
		}
	}
	guard(mem[:page])
	guard(mem[page+room:])
	at := page
	if !low {
		at += room - n*size
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[at])), n)
}

func memorybool(from []float64, low bool) []bool {
	out := edge[bool](len(from), low)
	for i, x := range from {
		out[i] = x != 0
	}
	return out
}

func backbool(to []float64, from []bool) {
	for i, x := range from {
		to[i] = 0
		if x {
			to[i] = 1
		}
	}
}

func memory[T real | int32](from []float64, low bool) []T {
	out := edge[T](len(from), low)
	for i, x := range from {
		out[i] = T(x)
	}
	return out
}

func back[T real | int32](to []float64, from []T) {
	for i, x := range from {
		to[i] = float64(x)
	}
	page := uintptr(syscall.Getpagesize())
	size := unsafe.Sizeof(from[0])
	begin := uintptr(unsafe.Pointer(&from[0])) / page * page - page
	end := (uintptr(unsafe.Pointer(&from[len(from)-1]))+size+page-1) / page * page
	_, _, _ = syscall.Syscall(syscall.SYS_MUNMAP, begin, end+page-begin, 0)
}

func main() {
	in, out, text := os.Stdin, bytes.Buffer{}, len(os.Args) > 1
	if text {
		in, _ = os.Open(os.Args[1])
	}
	var calls []call
	if err := gob.NewDecoder(in).Decode(&calls); err != nil {
		panic(err)
	}
	for i, c := range calls {
		before := make([][]float64, len(c.Bufs))
		for k := range before {
			before[k] = append(before[k], c.Bufs[k]...)
		}
		table[c.Fn](&calls[i], i%2 == 1)
		for k := range before {
			if text && slices.Equal(before[k], calls[i].Bufs[k]) {
				calls[i].Bufs[k] = nil // so that less is to be printed
			}
		}
	}
	if err := gob.NewEncoder(&out).Encode(calls); err != nil {
		panic(err)
	}
	if text {
		fmt.Println(base64.StdEncoding.EncodeToString(out.Bytes()))
		return
	}
	_, _ = out.WriteTo(os.Stdout)
}

var table = map[string]func(c *call, low bool){
`

// wrapper calls a function with what a call holds.
func wrapper(name string, d Decl, real string) string {
	var before, args, after []string
	ints, bufs, scalars := 0, 0, 0
	for _, p := range d.Params {
		switch {
		case p.Type == "int":
			args = append(args, fmt.Sprintf("c.Ints[%d]", ints))
			ints++
		case strings.HasPrefix(p.Type, "*"):
			kind, suffix := "["+p.Type[1:]+"]", ""
			if p.Type == "*bool" {
				kind, suffix = "bool", "bool"
			}
			before = append(before, fmt.Sprintf("b%d := memory%s(c.Bufs[%d], low)", bufs, kind, bufs))
			args = append(args, fmt.Sprintf("&b%d[0]", bufs))
			after = append(after, fmt.Sprintf("back%s(c.Bufs[%d], b%d)", suffix, bufs, bufs))
			bufs++
		default:
			text := fmt.Sprintf("%s(c.Scalars[%d])", p.Type, scalars)
			if p.Type == "bool" {
				text = fmt.Sprintf("c.Scalars[%d] != 0", scalars)
			}
			args = append(args, text)
			scalars++
		}
	}
	text := fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))
	if len(d.Result) > 0 {
		var names, values []string
		for k := range d.Result {
			names, values = append(names, fmt.Sprintf("r%d", k)), append(values, fmt.Sprintf("float64(r%d)", k))
		}
		text = strings.Join(names, ", ") + " := " + text + "\nc.Results = append(c.Results, " + strings.Join(values, ", ") + ")"
	}
	return fmt.Sprintf("%q: func(c *call, low bool) {\n%s\n%s\n%s\n},\n", name, strings.Join(before, "\n"), text, strings.Join(after, "\n"))
}

// build builds and vets the program.
func (l *laboratory) build(t *testing.T) {
	t.Helper()
	real := "float32"
	if l.wide {
		real = "float64"
	}
	main := strings.Replace(labMain, "REAL", real, 1)
	decls := "package main\n"
	for _, d := range l.file.Decls {
		var params, results []string
		for _, p := range d.Params {
			params = append(params, p.Name+" "+p.Type)
		}
		for i, r := range d.Result {
			results = append(results, map[bool]string{true: "ret ", false: fmt.Sprintf("ret%d ", i)}[i == 0]+r)
		}
		for _, name := range []string{d.Name, d.Wide} {
			if name != "" {
				main += wrapper(name, d, real)
				decls += fmt.Sprintf("\n//go:noescape\nfunc %s(%s) (%s)\n", name, strings.Join(params, ", "), strings.Join(results, ", "))
			}
		}
	}
	for name, text := range map[string]string{
		"go.mod": "module lab\n\ngo 1.26\n", "main.go": main + "}\n", "lab_amd64.go": decls, "lab_amd64.s": l.file.Assembly(),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o644))
	}
	for _, args := range [][]string{{"vet", "-asmdecl", "."}, {"build", "-o", "lab", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = l.dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// twin runs the loop statement by statement, in float64, on the same memory.
func (l *laboratory) twin(t *testing.T, fn *Func, memory map[*kernel.Buffer][]float64, dims map[string]int64, outside []kernel.Stmt, results *kernel.Buffer) {
	t.Helper()
	body := append(append([]kernel.Stmt{}, outside...), fn.Nest)
	k := int64(0)
	for _, r := range fn.Results {
		if r.Name != watched {
			body = append(body, store(results, shape.Const(k), ref(r.Name)))
			k++
		}
	}
	m := interp.Machine{Dims: dims, Memory: func(b *kernel.Buffer) []float64 {
		if memory[b.Root()] == nil {
			memory[b.Root()] = make([]float64, 4096) // read for nothing
		}
		return memory[b.Root()]
	}}
	require.NoError(t, m.Run(&kernel.Section{Kernels: []*kernel.Kernel{{Name: "twin", Body: body}}}))
}

// Words for writing kernels.
func op(name string) *graph.Op {
	for _, o := range ops.All {
		if o.Name == name {
			return o
		}
	}
	panic("no operator " + name)
}

func apply(name string, args ...kernel.Expr) *kernel.Apply {
	elem := graph.Real
	switch name {
	case "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "isnan", "isfinite":
		elem = graph.Bool
	case "iadd", "isub", "imul":
		elem = graph.Int
	}
	return &kernel.Apply{Op: op(name), Elem: elem, Args: args}
}

func buffer(name string, elem graph.Elem) *kernel.Buffer {
	return &kernel.Buffer{Name: name, Kind: kernel.Arena, Elem: elem}
}

func load(b *kernel.Buffer, at shape.Dim) *kernel.Load {
	return &kernel.Load{Buf: b, At: kernel.Addr{Base: at}}
}

func store(b *kernel.Buffer, at shape.Dim, x kernel.Expr) *kernel.Store {
	return &kernel.Store{Buf: b, At: kernel.Addr{Base: at}, X: x}
}

func number(x float64) *kernel.Lit { return &kernel.Lit{V: x} }

func ref(name string) *kernel.Ref { return &kernel.Ref{Name: name} }

var (
	i = shape.Var(".i")
	j = shape.Var(".j")
	n = shape.Var("n")
)

func loopTo(v string, hi shape.Dim, body ...kernel.Stmt) *kernel.Loop {
	return &kernel.Loop{Var: v, Hi: hi, Body: body}
}

// unaryLoop is y[i] = f(x[i]).
func unaryLoop(name string) *kernel.Loop {
	return loopTo(".i", n, store(buffer("y", graph.Real), i, apply(name, load(buffer("x", graph.Real), i))))
}

// ulps is the distance of got from want in units in the last place of want.
func ulps(got, want float64, wide bool) float64 {
	switch {
	case math.IsNaN(want) || math.IsNaN(got):
		if math.IsNaN(want) && math.IsNaN(got) {
			return 0
		}
		return math.Inf(1)
	case got == want:
		return 0
	case math.IsInf(got, 0) || math.IsInf(want, 0):
		return math.Inf(1)
	}
	digits, least := 24, -149
	if wide {
		digits, least = 53, -1074
	}
	_, e := math.Frexp(want)
	return math.Abs(got-want) / math.Ldexp(1, max(e-digits, least))
}
