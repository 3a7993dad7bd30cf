package emit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/unroll"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

const (
	arrayLimit    = 64   // elements up to which a fixed shape is a Go array
	straightLimit = 3000 // scalars up to which a function is straight-line code
)

// variable is a parameter or result of an exported function.
type variable struct {
	name string // in Go
	src  string // in the source
	elem graph.Elem
	ext  []shape.Dim
}

func (v variable) scalar() bool { return len(v.ext) == 0 }

// array reports a Go array, passed by value, and its length.
func (v variable) array() (int64, bool) {
	n, fixed := shape.Product(v.ext).IsConst()
	return n, fixed && !v.scalar() && n <= arrayLimit
}

// slice reports a slice that the caller makes.
func (v variable) slice() bool {
	_, array := v.array()
	return !array && !v.scalar() && !v.grows()
}

// grows reports a result whose length the run tells: a slice of its own.
func (v variable) grows() bool {
	return slices.ContainsFunc(shape.Product(v.ext).Vars(), kernel.RunTime)
}

func (v variable) goType(f *file) string {
	t := f.goType(v.elem)
	if n, ok := v.array(); ok {
		return fmt.Sprintf("[%d]%s", n, t)
	}
	if v.scalar() {
		return t
	}
	return "[]" + t
}

// function is an exported function while it is printed.
type function struct {
	f       *file
	k       *kernel.Func
	name    string
	args    []variable
	results []variable
	dims    []string          // passed as int
	lengths []dimOf           // read from lengths
	dimName map[string]string // Go names of run-time dims
	fails   bool
	seed    string   // the parameter that random numbers depend on, "" without any
	halves  []string // the names of its halves
}

// dimOf says that a dim is the length of an argument by unit.
type dimOf struct {
	dim  string
	arg  variable
	unit shape.Dim
}

func (f *file) function(k *kernel.Func) {
	fn := f.newFunction(k)
	if r, ok := unroll.Program(k.Program, straightLimit); ok && !fn.fails {
		fn.straight(r)
		return
	}
	fn.loops()
}

// newFunction names what a function takes and gives.
func (f *file) newFunction(k *kernel.Func) *function {
	fn := &function{f: f, k: k, name: f.names.name(exported(k.Func.Name)), dimName: map[string]string{}}
	s := newScope("w", "err", "apart")
	if draws(k.Program) {
		fn.seed = s.name("seed")
	}
	for _, a := range k.Func.Args {
		fn.args = append(fn.args, variable{s.name(local(a.Name)), a.Name, a.Node.Type.Elem, a.Node.Type.Shape})
	}
	for _, d := range k.Func.Dims {
		fn.dimName[d] = s.name(local(d))
	}
	fn.nameResults(s)
	if fn.seed != "" {
		fn.halves = []string{s.name("low"), s.name("high")}
	}
	fn.readDims()
	fn.fails = len(k.Func.Dims) > 0 || len(k.Func.Checks) > 0 || anySlice(fn.args) || anySlice(fn.results) || programFails(k.Program)
	return fn
}

func anySlice(vs []variable) bool {
	for _, v := range vs {
		if v.slice() {
			return true
		}
	}
	return false
}

func programFails(p *kernel.Program) bool {
	for _, s := range p.Sections {
		if hasChecks(s) {
			return true
		}
	}
	return false
}

// nameResults names the results: slices are parameters dst.
func (fn *function) nameResults(s *scope) {
	slices := 0
	for i, r := range fn.k.Program.Results {
		v := variable{src: r.Name, elem: r.Buffer.Elem, ext: r.Buffer.Shape}
		if v.src == "" {
			v.src = "r" + strconv.Itoa(i)
		}
		if v.slice() {
			slices++
		}
		fn.results = append(fn.results, v)
	}
	for i, v := range fn.results {
		want := local(v.src)
		if v.slice() && slices == 1 {
			want = "dst"
		} else if v.slice() {
			want = local("dst." + v.src)
		}
		fn.results[i].name = s.name(want)
	}
}

// readDims decides where the run-time dims come from: an argument's length
// where one unknown is left in it, else an int parameter.
func (fn *function) readDims() {
	unknown := map[string]bool{}
	for _, d := range fn.k.Func.Dims {
		unknown[d] = true
	}
	for len(unknown) > 0 {
		if fn.readOne(unknown) {
			continue
		}
		for _, d := range fn.k.Func.Dims {
			if unknown[d] {
				fn.dims = append(fn.dims, d)
				delete(unknown, d)
				break
			}
		}
	}
}

func (fn *function) readOne(unknown map[string]bool) bool {
	for _, a := range fn.args {
		n := shape.Product(a.ext)
		var left []string
		for _, v := range n.Vars() {
			if unknown[v] {
				left = append(left, v)
			}
		}
		if len(left) != 1 {
			continue
		}
		coef, rest, ok := n.Linear(symOf(left[0]))
		if ok && rest.Is(0) && !coef.Is(0) {
			fn.lengths = append(fn.lengths, dimOf{left[0], a, coef})
			delete(unknown, left[0])
			return true
		}
	}
	return false
}

// signature prints parameters and results.
func (fn *function) signature() (params, results string) {
	var in, out []variable
	for _, r := range fn.results {
		if r.slice() {
			in = append(in, r)
		} else {
			out = append(out, r)
		}
	}
	params = fn.list(in)
	if fn.seed != "" {
		params = joinList(fn.seed+" uint64", params)
	}
	if len(fn.dims) > 0 {
		names := make([]string, len(fn.dims))
		for i, d := range fn.dims {
			names[i] = fn.dimName[d]
		}
		params = joinList(params, strings.Join(names, ", ")+" int")
	}
	params = joinList(params, fn.list(fn.args))
	results = fn.list(out)
	if fn.fails {
		results = joinList(results, "err error")
	}
	return params, "(" + results + ")"
}

func joinList(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// list prints variables, neighbours of one type together.
func (fn *function) list(vs []variable) string {
	var b strings.Builder
	for i, v := range vs {
		t := v.goType(fn.f)
		b.WriteString(v.name)
		if i+1 < len(vs) && vs[i+1].goType(fn.f) == t {
			b.WriteString(", ")
			continue
		}
		b.WriteString(" " + t)
		if i+1 < len(vs) {
			b.WriteString(", ")
		}
	}
	return b.String()
}

// doc says what the function is and the shapes of what it takes and gives.
func (fn *function) doc(remark string) string {
	doc := fmt.Sprintf("%s is func %s of %s", fn.name, fn.k.Func.Name, fn.f.opt.Source)
	var shapes []string
	for _, v := range append(append([]variable{}, fn.args...), fn.results...) {
		if !v.scalar() {
			shapes = append(shapes, v.name+" "+shownShape(v.ext))
		}
	}
	if len(shapes) > 0 {
		doc += ": " + strings.Join(shapes, ", ")
	}
	doc += "."
	if fn.seed != "" {
		doc += " The same seed draws the same numbers."
	}
	return doc + remark
}

func (fn *function) print(doc string, body ...jen.Code) {
	params, results := fn.signature()
	fn.f.jen.Add(comment("%s", doc))
	fn.f.jen.Add(code(fmt.Sprintf("func %s(%s) %s", fn.name, params, results)).Block(body...))
	fn.f.jen.Line()
}

var runTimeDim = regexp.MustCompile(`\.n\d+`)

// shownShape is a shape for a reader, with ? for an extent that the run tells.
func shownShape(ext []shape.Dim) string {
	return runTimeDim.ReplaceAllString(shape.Format(ext), "?")
}
