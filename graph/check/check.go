// Package check turns syntax into graphs: names, types, shapes, layers, index
// notation. Functions and layers are specialised where they are called.
//
// Index notation is compiled by vectorising. In
//
//	C[i, j] = sum(k: A[i, k] * B[k, j])
//
// A[i, k] is A viewed over the indices i and k, and the product, over i, j and
// k, an ordinary element-wise one; sum drops k, and C takes i and j as axes.
// Every value thus carries the indices it depends on as leading axes, and a
// block or function under an index is evaluated once, for all of them.
package check

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
	"strings"
)

// Options are what the caller decides about a compilation.
type Options struct {
	Dims map[string]int64 // values for dims, over those in the file
	Real string           // "f32", "f64", or "" for what the file says

	// Load parses an imported module; from is the importing file. The checker
	// asks once for each path. A nil Load refuses all imports.
	Load loader
}

type loader = func(from *diag.File, path string) (*ast.File, diag.List)

// Check returns the program of a root file, and what there is to say about it
// in source order. The program is nil if any of that is an error, or if the file
// has errors of syntax already.
func Check(f *ast.File, opt Options) (*graph.Program, diag.List) {
	unrolled := map[loopIn]graph.Unrolled{}
	opt.Load = once(opt.Load)
	for {
		c := &checker{opt: opt, modules: map[string]*module{}, done: map[string]*finished{}, usedDims: map[string]bool{},
			reached: map[*function][]*function{}, isPure: map[*function]bool{},
			blamed: map[diag.Span]bool{}, read: map[diag.Span]bool{}, flat: unrolled, makers: map[*graph.Param][]*forLoop{}, stacks: map[string][]*region{}}
		if p, list, ok := c.attempt(f); ok {
			return p, list
		}
	}
}

// once keeps what a loader has given, so that all attempts see the same trees.
func once(load loader) loader {
	if load == nil {
		return nil
	}
	type key struct {
		from *diag.File
		path string
	}
	type answer struct {
		file *ast.File
		list diag.List
	}
	known := map[key]answer{}
	return func(from *diag.File, path string) (*ast.File, diag.List) {
		a, ok := known[key{from, path}]
		if !ok {
			a.file, a.list = load(from, path)
			known[key{from, path}] = a
		}
		return a.file, a.list
	}
}

// attempt checks a file; ok is false where another loop has to be unrolled.
func (c *checker) attempt(f *ast.File) (p *graph.Program, list diag.List, ok bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case again:
			ok = false
		default:
			panic(r)
		}
	}()
	p, list = c.file(f)
	return p, list, true
}

func (c *checker) file(f *ast.File) (*graph.Program, diag.List) {
	root := c.module(f, nil)
	p := &graph.Program{Source: f.Src, Real64: c.real64(f)}
	c.prog = p
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.Model:
			c.model(root, d)
		case *ast.Func:
			if !d.Layer && exported(d.Name.Text) {
				c.exportedFunc(root, d)
			}
		}
	}
	c.names(root)
	c.goNames(f)
	c.unusedImports(root)
	c.unknownDims(f)
	c.neverRead()
	list := c.certain(c.diags.Sorted())
	if c.lost && !c.diags.HasErrors() && !f.Faulty {
		panic("a value is missing, and nothing was said of it")
	}
	if list.HasErrors() || f.Faulty {
		return nil, firm(list)
	}
	p.Warnings, p.Unrolled = list, c.unrolledLoops()
	return p, list
}

// firm drops the warnings that something has no use or effect: where there are
// errors, that may lie in what could not be checked.
func firm(list diag.List) diag.List {
	var out diag.List
	for _, d := range list {
		switch d.Code {
		case "G0213", "G0410", "G0505", "G0603", "G0705":
		default:
			out = append(out, d)
		}
	}
	return out
}

func (c *checker) real64(f *ast.File) bool {
	want := c.opt.Real
	if want == "" && f.Real != nil {
		want = f.Real.Type.Text
	}
	return want == "f64"
}

// unknownDims reports values given for dims that no model has.
func (c *checker) unknownDims(f *ast.File) {
	for _, name := range sortedKeys(c.opt.Dims) {
		if !c.usedDims[name] && !f.Faulty {
			c.errorf("G0201", diag.Span{File: f.Src}, "a value is given for the dim %s, which no model declares", name)
		}
	}
}

// checker holds what is common to one compilation.
type checker struct {
	opt      Options
	prog     *graph.Program
	diags    diag.List
	quiet    int                // >0: evaluation on trial, diagnostics are dropped
	muted    bool               // the last diagnostic was dropped
	site     diag.Span          // the call under way that stands outside of the library
	blamed   map[diag.Span]bool // the calls that library errors (true) and warnings are said of
	read     map[diag.Span]bool // definitions that something reads
	unread   []*entry           // those that nothing reads in a block, as far as it was evaluated once
	modules  map[string]*module
	loading  []string
	doubtful []doubt // declarations that hold something broken
	usedDims map[string]bool
	flat     map[loopIn]graph.Unrolled // the for loops that are unrolled
	homeAt   diag.Span                 // of the model
	home     string                    // the model whose parameters are made, or the function

	b            *graph.Builder // of the body being checked
	m            *graph.Model   // nil in exported functions
	fn           *graph.Func    // the exported function, if it is one
	body         *graph.Body
	remembered   []remembered         // the carries of the model
	base         *finished            // what the model being checked stands over
	done         map[string]*finished // models checked so far, by name
	frame        *frame
	binders      int                       // binders made so far, for their order
	counts       map[*graph.Node]shape.Dim // what numbers of steps stand for as dims
	countIn      map[string]*region        // where these belong
	sites        int                       // random calls in the body so far
	active       []*binder                 // the indices in scope, outer ones first
	defining     []*ast.Target             // names of the statement
	callers      []caller
	masks        []val // conditions under which the current expression is taken
	checks       *[]graph.Check
	lost         bool                        // something that a program returns has an error
	subscripting int                         // brackets around the expression
	depth        int                         // of calls under way
	deep         int                         // 0, or 1 more than quiet was where they turned out to have no end
	unrolled     int64                       // iterations of for loops so far
	rolled       []*region                   // the for loops under way that stay loops
	stacks       map[string][]*region        // the loops under way that states are stacked over, by path
	makers       map[*graph.Param][]*forLoop // the loops that make a parameter anew
	rolls        []*region                   // all for loops that stayed loops
	turns        []turn                      // the iterations under way of unrolled loops
	params       map[string]*graph.Param     // by path, both variants of a model
	// stateNow is what `<-` made of the states of the body under way, by path.
	stateNow   map[string]val
	train      bool                   // the value of `training`
	rule       *ruleBuild             // while an optimizer is checked
	reg        *region                // the loop or branch being checked; nil outside
	underIf    int                    // run-time ifs around the current statement
	journal    *journal               // of the innermost of these
	rest       []ast.Stmt             // what follows the current if in its function
	calls      map[string]*sharedCall // of recursive functions, in the graph under way
	reached    map[*function][]*function
	isPure     map[*function]bool
	stateReads int // so far
}

// module is one file with its top-level names.
type module struct {
	file    *ast.File
	name    string
	scope   *scope
	imports map[string]*module
	used    map[string]bool
	targets map[string]bool // names some derivative is taken by
	library bool
}

// frame is one activation of a model, layer or function body.
type frame struct {
	mod    *module
	inst   *instance // where params are declared; nil in a func outside any layer
	loops  []around  // the enclosing for loops
	loopAt diag.Span // the innermost of these
	outer  *frame
	layer  bool
	model  bool
}

func (c *checker) errorf(code string, at diag.Span, format string, args ...any) {
	c.report(diag.New(code, at, format, args...))
}

// report adds a diagnostic. What goes wrong inside the standard library is said
// of the call that led there, once.
func (c *checker) report(d diag.Diagnostic) {
	if c.muted = c.quiet > 0; c.muted {
		return
	}
	if len(c.rolled) > 0 && !d.Warning {
		c.unroll(c.rolled[len(c.rolled)-1], d.Span, d.Message)
	}
	if !c.site.IsZero() && c.inLibrary(d.Span.File) {
		wrong, said := c.blamed[c.site]
		if c.muted = said && (wrong || d.Warning); c.muted {
			return
		}
		c.blamed[c.site] = !d.Warning
		d.Related = append([]diag.Related{{Span: d.Span, Label: d.Label}}, d.Related...)
		d.Span, d.Label = c.site, ""
	}
	if n := len(c.callers); n > 0 && ofTypes(d) {
		if last := c.callers[n-1]; last.holds(d.Span) && !last.holds(last.at) {
			d = d.WithRelated(last.at, "called here")
		}
	}
	c.diags.Add(d)
}

// caller is a call under way: where it stands, and the declaration of what it calls.
type caller struct{ at, in diag.Span }

func (l caller) holds(at diag.Span) bool {
	return at.File == l.in.File && l.in.Start <= at.Start && at.End <= l.in.End
}

// ofTypes reports whether an error is about shapes or types, which a function has
// by its call.
func ofTypes(d diag.Diagnostic) bool {
	return strings.HasPrefix(d.Code, "G03") || strings.HasPrefix(d.Code, "G04") || d.Code == "G0209"
}

func (c *checker) inLibrary(f *diag.File) bool {
	for _, m := range c.modules {
		if m.library && m.file.Src == f {
			return true
		}
	}
	return false
}

// bad is the value of an expression with an error; it causes no further ones.
func (c *checker) bad(code string, at diag.Span, format string, args ...any) val {
	c.errorf(code, at, format, args...)
	return val{kind: kBad, at: at}
}

func (c *checker) newGraph() {
	c.b, c.calls = ops.NewBuilder(graph.New()), map[string]*sharedCall{}
}

func exported(name string) bool {
	for _, r := range name {
		return 'A' <= r && r <= 'Z' || r > 127 && isUpper(r)
	}
	return false
}

// addCheck records an entry check on run-time dims, once.
func (c *checker) addCheck(cond shape.Cond, at diag.Span, message string) {
	if c.runTime(cond) {
		c.report(diag.New("G0323", at, "only the run can tell whether this holds: %s", runTimeDim.ReplaceAllString(message, "steps")).
			WithHelp("run both loops to one int, or index by an int, which is checked when it runs"))
		return
	}
	if c.checks == nil || c.quiet > 0 {
		return
	}
	for _, k := range *c.checks {
		if k.Cond.String() == cond.String() {
			return
		}
	}
	*c.checks = append(*c.checks, graph.Check{Cond: cond, Span: at, Message: message})
}
