// Package codegen drives the compiler: one table of passes from source text to
// Go. The model
//
//	model Twice { input x; output y = 2 * x }
//
// in twice.grad becomes, through parse, check, inline, demand, diff, rewrite, expand,
// lower, unroll, block, plan and emit, the file twice_grad.go beside it. The text form of what a pass
// makes can be asked for by the name of the pass.
package codegen

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gradgen/gradgen/codegen/block"
	"github.com/gradgen/gradgen/codegen/emit"
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/lower"
	"github.com/gradgen/gradgen/codegen/plan"
	"github.com/gradgen/gradgen/codegen/unroll"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/graph/demand"
	"github.com/gradgen/gradgen/graph/diff"
	"github.com/gradgen/gradgen/graph/inline"
	"github.com/gradgen/gradgen/graph/rewrite"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// Options are what the user decides about a compilation.
type Options struct {
	Dims    map[string]int64 // values of dims, over those in the file
	Real    string           // "f32", "f64", or "" for what the file says
	Package string           // of the generated file; "" takes "main"
	Version string           // of gradgen, for the header
	Dump    string           // pass whose result Result.Dump is to hold; the last pass run
	Until   string           // last pass to run; "" runs all
	Flags   []string         // of go build, for code that is run

	// ReadFile reads an imported file; nil reads from the disk.
	ReadFile func(path string) ([]byte, error)
}

// Result is what the passes made, as far as they came.
type Result struct {
	File    *ast.File
	Program *graph.Program
	Unit    *kernel.Unit
	Go      []byte
	Decl    []byte // declarations of the assembly
	Asm     []byte // for amd64; nil where no loop gains by it
	Dump    string
}

// job is a compilation under way.
type job struct {
	name string
	src  []byte
	opt  Options
	res  Result
	list diag.List
}

// pass is a row of the table: what runs, and the text form of what it made.
type pass struct {
	name string
	run  func(j *job) error
	dump func(j *job) string
}

// passes is the pipeline.
var passes = []pass{
	{"parse", (*job).parse, func(j *job) string { return ast.Dump(j.res.File) }},
	{"check", (*job).check, (*job).graphText},
	{"inline", func(j *job) error { inline.Program(j.res.Program); return nil }, (*job).graphText},
	{"demand", func(j *job) error { demand.Program(j.res.Program); return nil }, (*job).graphText},
	{"diff", func(j *job) error { diff.Program(j.res.Program); return nil }, (*job).graphText},
	{"rewrite", func(j *job) error { rewrite.Program(j.res.Program); return nil }, (*job).graphText},
	{"expand", func(j *job) error { rewrite.Expand(j.res.Program); return nil }, (*job).graphText},
	{"lower", func(j *job) error { j.res.Unit = lower.Lower(j.res.Program); return nil }, (*job).kernelText},
	{"unroll", func(j *job) error { unroll.Unit(j.res.Unit); return nil }, (*job).kernelText},
	{"block", func(j *job) error { block.Unit(j.res.Unit); return nil }, (*job).kernelText},
	{"plan", func(j *job) error { plan.Plan(j.res.Unit); return nil }, (*job).kernelText},
	{"emit", (*job).emit, func(j *job) string { return string(j.res.Go) }},
}

// Passes lists the names of the passes in order.
func Passes() []string {
	names := make([]string, len(passes))
	for i, p := range passes {
		names[i] = p.name
	}
	return names
}

// Compile takes a source text through the passes. The list holds what there is
// to say about the program, in source order; where it has errors the later
// passes have not run. The error is a compiler bug or a wrong option.
func Compile(name string, src []byte, opt Options) (Result, diag.List, error) {
	j := &job{name: name, src: src, opt: opt}
	for _, want := range []string{opt.Dump, opt.Until} {
		if want != "" && !known(want) {
			return j.res, nil, fmt.Errorf("there is no pass %q; the passes are %s", want, strings.Join(Passes(), ", "))
		}
	}
	for _, p := range passes {
		if err := j.step(p); err != nil {
			return j.res, j.list.Sorted(), err
		}
		if p.name == opt.Dump && !j.list.HasErrors() {
			j.res.Dump = p.dump(j)
		}
		if j.list.HasErrors() && p.name != "parse" || p.name == opt.Dump || p.name == opt.Until {
			break
		}
	}
	return j.res, j.list.Sorted(), nil
}

// Finish takes a program that has been differentiated through the passes that are left
// before emit. A panic inside is a compiler bug.
func Finish(p *graph.Program) *kernel.Unit {
	j := &job{res: Result{Program: p}}
	at := slices.IndexFunc(passes, func(p pass) bool { return p.name == "diff" })
	for _, p := range passes[at+1 : len(passes)-1] {
		if err := p.run(j); err != nil {
			panic(err)
		}
	}
	return j.res.Unit
}

func known(name string) bool {
	for _, p := range passes {
		if p.name == name {
			return true
		}
	}
	return false
}

// step runs a pass. A panic inside is a compiler bug and says in which pass.
func (j *job) step(p pass) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: internal error in %s: %v\n%s", filepath.Base(j.name), p.name, r, place(debug.Stack()))
		}
	}()
	return p.run(j)
}

// place is the part of a stack that shows where a panic came from.
func place(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "panic(") && i+3 < len(lines) {
			return strings.Join(lines[i+2:min(len(lines), i+8)], "\n")
		}
	}
	return ""
}

func (j *job) parse() error {
	j.res.File, j.list = parser.Parse(j.name, j.src)
	return nil
}

func (j *job) check() error {
	if j.res.File.Astray {
		return nil
	}
	l := &loader{read: j.opt.ReadFile, files: map[string]*ast.File{}}
	p, list := check.Check(j.res.File, check.Options{Dims: j.opt.Dims, Real: j.opt.Real, Load: l.load})
	j.res.Program = p
	j.list = append(j.list, list...)
	return nil
}

func (j *job) emit() error {
	pkg := j.opt.Package
	if pkg == "" {
		pkg = "main"
	}
	out, err := emit.File(j.res.Unit, emit.Options{Package: pkg, Source: filepath.Base(j.name), Version: j.opt.Version})
	j.res.Go, j.res.Decl, j.res.Asm = out.Go, out.Decl, out.Asm
	return err
}
