package parser

import (
	"reflect"
	"strings"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// scope says where a statement stands.
type scope struct {
	owner  string // file, model, func, layer, optimizer; value: a block that is the body of index notation
	loop   string // the innermost for, scan or while of the owner, or ""
	direct bool   // directly in the owner, or in the loop, with no `if` between
	head   bool   // before any statement but carry, in this block
}

// belongs says in words where a statement stands, and whether it does so here.
// Statements without an entry stand in every block.
var belongs = map[string]struct {
	where string
	here  func(scope) bool
}{
	"Model":     {"at the top of a file", func(s scope) bool { return s.owner == "file" }},
	"Optimizer": {"at the top of a file", func(s scope) bool { return s.owner == "file" }},
	"Const":     {"", func(scope) bool { return true }},
	"Func":      {"", func(scope) bool { return true }},
	"Dim":       {inModelText, inModel},
	"Input":     {inModelText, inModel},
	"Output":    {inModelText, inModel},
	"Metric":    {inModelText, inModel},
	"Loss":      {inModelText, inModel},
	"Train":     {inModelText, inModel},
	"Param":     {"in a model or layer", func(s scope) bool { return s.owner == "model" || s.owner == "layer" }},
	"State":     {"in a model, layer or optimizer", keeps},
	"Update":    {"in a model, layer or optimizer", keeps},
	"Carry":     {"at the head of a scan or while, or in a model", carries},
	"Collect":   {"in a scan, outside of if", func(s scope) bool { return s.loop == "scan" && s.direct }},
	"Return":    {"in a func or layer, outside loops", returns},
}

const inModelText = "in a model, outside of loops and if"

func inModel(s scope) bool { return s.owner == "model" && s.loop == "" && s.direct }

func keeps(s scope) bool { return s.owner == "model" || s.owner == "layer" || s.owner == "optimizer" }

func carries(s scope) bool {
	return inModel(s) || (s.loop == "scan" || s.loop == "while") && s.direct && s.head
}

func returns(s scope) bool {
	return (s.owner == "func" || s.owner == "layer" || s.owner == "value") && s.loop == ""
}

func kindOf(st ast.Stmt) string { return reflect.TypeOf(st).Elem().Name() }

func (s *session) misplaced(n ast.Node, what string) {
	s.diags.Add(diag.New("G0114", n.At, "%s stands at the top of a file", quote(what)))
}

// place checks that every statement stands where it may.
func (s *session) place(f *ast.File) {
	for i, st := range f.Decls {
		f.Decls[i] = s.placeStmt(st, scope{owner: "file", direct: true})
	}
}

// placeStmt returns the statement, or what is left of it where it may not stand.
func (s *session) placeStmt(st ast.Stmt, in scope) ast.Stmt {
	kind := kindOf(st)
	rule, ruled := belongs[kind]
	before := len(s.diags)
	switch {
	case kind == "Broken":
		return st
	case ruled && !rule.here(in):
		s.diags.Add(misplacedStmt(st, kind, rule.where, in))
	case !ruled && in.owner == "file":
		s.diags.Add(diag.New("G0114", st.Span(), "%s stands in a func, layer or model", phrase(st, kind)).
			WithHelp("at the top of a file stand const, func, layer, model and optimizer"))
	}
	misplaced := len(s.diags) > before
	s.placeInside(st, in)
	if misplaced {
		return &ast.Broken{Node: ast.Node{At: st.Span()}, Names: ast.Bound(st)}
	}
	return st
}

func misplacedStmt(st ast.Stmt, kind, where string, in scope) diag.Diagnostic {
	d := diag.New("G0114", st.Span(), "%s stands %s", phrase(st, kind), where)
	switch {
	case kind == "Return" && in.loop != "":
		d.Help = "give the value a name in the loop and return it after"
	case kind == "Return" && in.owner == "model":
		d.Help = "what a model returns is declared: output y = .."
	case kind == "Dim" && in.owner == "file":
		d.Help = "a number for all of the file is a const: const n = 4"
	case kind == "Dim" && (in.owner == "func" || in.owner == "layer"):
		d.Help = "a dim of a function is a parameter: func f(x [n], k dim)"
	case kind == "Input" && (in.owner == "func" || in.owner == "layer"):
		d.Help = "what a function is given are its parameters: func f(x [n])"
	case (kind == "Output" || kind == "Metric" || kind == "Loss") && in.owner == "model":
		d.Help = "bind the value there, and declare it after the block"
	case kind == "Output" && (in.owner == "func" || in.owner == "layer"):
		d.Help = "a function returns its values: return a, b"
	case kind == "Collect" && in.loop == "scan":
		d.Help = "bind the value in the branches, and collect it after them"
	case kind == "Collect" && in.loop == "for":
		d.Help = "a scan collects: scan i in 0..n { .. }"
	case kind == "Carry" && in.loop == "for":
		d.Help = "a for may bind names from before it again; scan and while have carry lines"
	case kind == "Return" && in.owner == "optimizer":
		d.Help = "a rule moves p: p <- p - lr * g"
	case kind == "Update" && in.owner == "value":
		d.Help = "indices have no order: make one value of all, and update after it"
	case (kind == "State" || kind == "Update") && in.owner == "func":
		d.Help = "a `layer` is a func that may keep states"
	case kind == "Carry" && (in.owner == "layer" || in.owner == "func") && in.loop == "":
		d.Help = "a layer remembers by state, a loop by carry lines at its head"
	case kind == "Optimizer" && in.owner == "model":
		d.Help = "declare it at the top of the file"
	case kind == "Model" && in.owner == "model":
		d.Help = "a part with parameters of its own is a layer, declared at the top of the file"
	case kind == "Param" && (in.owner == "func" || in.owner == "value"):
		d.Help = "a `layer` is a func that may declare parameters"
	case kind == "Carry" && (in.loop == "scan" || in.loop == "while"):
		d.Help = "move it before the other statements of the loop"
	}
	return d
}

// phrase names a statement: by its keyword, or by what it does.
func phrase(st ast.Stmt, kind string) string {
	switch kind {
	case "Assign":
		return "a definition"
	case "Update":
		return quote("<-")
	}
	if f, ok := st.(*ast.Func); ok && f.Layer {
		return quote("layer")
	}
	return quote(strings.ToLower(kind))
}

// placeInside goes into the blocks of a statement.
func (s *session) placeInside(st ast.Stmt, in scope) {
	inner := scope{owner: in.owner, loop: in.loop}
	switch st := st.(type) {
	case *ast.Model:
		s.placeBlock(st.Body, scope{owner: "model", direct: true})
		return
	case *ast.Optimizer:
		s.placeBlock(st.Body, scope{owner: "optimizer", direct: true})
		return
	case *ast.Func:
		s.placeFunc(st)
		return
	case *ast.For:
		inner.loop, inner.direct = "for", true
		s.placeBlock(st.Body, inner)
	case *ast.Scan:
		inner.loop, inner.direct = "scan", true
		s.placeBlock(st.Body, inner)
	case *ast.While:
		inner.loop, inner.direct = "while", true
		s.placeBlock(st.Body, inner)
	case *ast.If:
		s.placeBlock(st.Then, inner)
		if st.Else != nil {
			s.placeBlock(st.Else, inner)
		}
		if st.ElseIf != nil {
			s.placeInside(st.ElseIf, in)
		}
	}
	s.placeValues(st)
}

func (s *session) placeFunc(f *ast.Func) {
	owner := "func"
	if f.Layer {
		owner = "layer"
	}
	for _, p := range f.Params {
		s.placeValues(p)
	}
	s.placeBody(f.Body, owner)
	if f.Derivative != nil {
		s.placeBody(f.Derivative.Body, "func")
	}
}

// placeBody checks what computes a value: a block has to return.
func (s *session) placeBody(body ast.Expr, owner string) {
	b, ok := body.(*ast.Block)
	if !ok {
		s.placeValues(body)
		return
	}
	s.placeBlock(b, scope{owner: owner, direct: true})
	if !ends(b) && !s.faultyWithin(b.At) {
		at := b.At
		at.Start = max(at.Start, at.End-1)
		s.diags.Add(diag.New("G0116", at, "this block ends without a return").
			WithRelated(diag.Span{File: at.File, Start: b.At.Start, End: b.At.Start + 1}, "the block begins here").
			WithHelp("end it with return and the value"))
		b.Stmts = append(b.Stmts, &ast.Broken{Node: ast.Node{At: at}})
	}
}

// faultyWithin reports whether something in the span could not be parsed, so that
// what seems to be missing may only have been left out.
func (s *session) faultyWithin(at diag.Span) bool {
	for _, d := range s.diags {
		if at.Start <= d.Span.Start && d.Span.Start <= at.End {
			return true
		}
	}
	return false
}

func (s *session) placeBlock(b *ast.Block, in scope) {
	in.head = true
	for i, st := range b.Stmts {
		switch st.(type) {
		case *ast.Carry, *ast.Broken:
		default:
			in.head = false
		}
		b.Stmts[i] = s.placeStmt(st, in)
		if _, ok := b.Stmts[i].(*ast.Return); ok && i+1 < len(b.Stmts) {
			s.diags.Add(diag.New("G0115", b.Stmts[i+1].Span(), "this is never reached").
				WithRelated(st.Span(), "the block returns here"))
			b.Stmts = b.Stmts[:i+1]
			break
		}
	}
}

// placeValues checks the blocks in the expressions below a node.
func (s *session) placeValues(n ast.Spanned) {
	ast.Inspect(n, func(x ast.Spanned) bool {
		switch x := x.(type) {
		case *ast.Comprehension:
			if b, ok := x.Body.(*ast.Block); ok {
				s.placeBody(b, "value")
			}
		case *ast.Assign:
			if b, ok := x.Value.(*ast.Block); ok {
				s.placeBody(b, "value")
			}
		case *ast.Block:
			return false
		}
		return true
	})
}

// ends reports whether a block always returns.
func ends(b *ast.Block) bool {
	if len(b.Stmts) == 0 {
		return false
	}
	switch st := b.Stmts[len(b.Stmts)-1].(type) {
	case *ast.Return:
		return true
	case *ast.If:
		return endsIf(st)
	}
	return false
}

func endsIf(st *ast.If) bool {
	switch {
	case !ends(st.Then):
		return false
	case st.Else != nil:
		return ends(st.Else)
	}
	return st.ElseIf != nil && endsIf(st.ElseIf)
}
