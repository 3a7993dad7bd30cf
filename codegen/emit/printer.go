package emit

import (
	"maps"
	"regexp"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/plan"
	"github.com/gradgen/gradgen/graph/shape"
)

// printer prints the body of one kernel.
type printer struct {
	f     *file
	w     *workspace
	k     *kernel.Kernel
	names *scope
	out   []jen.Code // the statements of the block being printed

	env   map[string]shape.Dim // loop variables in terms of printed ones, which begin with a dot
	depth map[string]int       // of printed loop variables
	used  map[string]bool      // printed loop variables that occur in the text
	read  map[string]bool      // lets and accumulators that are read anywhere
	refs  map[string]string    // their Go names
	known map[string]string    // addresses and rows named in the blocks around, by their text

	bufs     []*kernel.Buffer // used, in order of first use
	bufName  map[*kernel.Buffer]string
	inUse    map[*kernel.Buffer]bool
	dims     []string // used, in order of first use
	dimNames map[string]string

	loop     *leaf                       // the innermost loop, if it holds no other
	direct   map[*kernel.Buffer]variable // inputs that are the function's own parameters
	lets     map[string]kernel.Expr      // what lets stand for
	guards   int                         // number of guarded reads around the expression in that loop
	pairs    map[string]*kernel.Let      // of a sine the cosine of the same angle, and the other way round
	turned   map[string]bool             // printed with its pair
	said     string                      // the last comment on a source line
	branches int                         // number of conditions around the statement inside that loop
	quiet    bool                        // a failing check returns nothing further
	isUnit   bool                        // no rows: one piece
	portable bool                        // inside a loop that there is assembly for as a whole
}

func newPrinter(f *file, w *workspace, k *kernel.Kernel) *printer {
	p := &printer{
		f: f, w: w, k: k, names: newScope("w", "lo", "hi", "loop", "worker", "own"),
		env: map[string]shape.Dim{}, depth: map[string]int{}, used: map[string]bool{},
		refs: map[string]string{}, lets: map[string]kernel.Expr{}, known: map[string]string{}, bufName: map[*kernel.Buffer]string{}, inUse: map[*kernel.Buffer]bool{}, dimNames: map[string]string{},
		isUnit: k.Rows.Is(0),
	}
	p.env[".lo"], p.env[".hi"] = shape.Var(".lo"), shape.Var(".hi")
	p.depth[".lo"], p.depth[".hi"] = 0, 0
	p.read = readNames(k.Body)
	return p
}

func (p *printer) add(c jen.Code) { p.out = append(p.out, c) }

// block prints statements into a list of their own. Names given inside are free
// again after it, but not those of an innermost loop, which stand before it.
func (p *printer) block(print func()) []jen.Code {
	outer, given, known := p.out, len(p.names.given), maps.Clone(p.known)
	p.out = nil
	print()
	inner := p.out
	p.out = outer
	if p.loop == nil {
		p.names.release(given)
		p.known = known
	}
	return inner
}

// conditional is block for statements that do not always run; guarded ones may
// say places that are nowhere when they do not.
func (p *printer) conditional(guarded bool, print func()) []jen.Code {
	guards := p.guards
	p.branches++
	if guarded {
		p.guards++
	}
	defer func() { p.branches, p.guards = p.branches-1, guards }()
	return p.block(print)
}

// subst writes a dim in terms of printed loop variables.
func (p *printer) subst(d shape.Dim) shape.Dim {
	return d.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		r, ok := p.env[s.Name]
		return r, ok && s.Fn == ""
	})
}

// dim prints a dim whose loop variables are printed ones.
func (p *printer) dim(d shape.Dim) expr {
	return dimPrinter{sym: p.symbol, depth: p.depthOf, floor: p.f.floorDiv}.dim(d)
}

func (p *printer) depthOf(name string) int {
	if d, ok := p.depth[name]; ok {
		return d
	}
	return -1
}

// symbol is the Go name of a loop variable or of a run-time dim.
func (p *printer) symbol(name string) string {
	field, isStep := p.stepField(name)
	if strings.HasPrefix(name, ".") && !isStep {
		p.used[name] = true
		return name[1:]
	}
	have, ok := p.dimNames[name]
	if !ok {
		if !isStep {
			field = local(name)
		}
		have = p.names.name(field)
		p.dimNames[name] = have
		p.dims = append(p.dims, name)
	}
	return have
}

// stepField is the field that numbers the steps of a loop of kernels around.
func (p *printer) stepField(name string) (string, bool) {
	if p.w == nil || !strings.HasPrefix(name, ".") {
		return "", false
	}
	field, ok := p.w.dimFields[name]
	return field, ok
}

// buf is the local name of a buffer.
func (p *printer) buf(b *kernel.Buffer) string {
	if t, ok := p.f.tables[b]; ok {
		return t
	}
	have, ok := p.bufName[b]
	if !ok {
		have = p.names.name(p.w.goName(b))
		p.bufName[b] = have
	}
	if !p.inUse[b] {
		p.inUse[b] = true
		p.bufs = append(p.bufs, b)
	}
	return have
}

// reserve names the buffers of a kernel before its scalars, which give way.
func (p *printer) reserve() {
	plan.Uses(p.k, func(b *kernel.Buffer) {
		if _, ok := p.bufName[b]; !ok && p.f.tables[b] == "" {
			p.bufName[b] = p.names.name(p.w.goName(b))
		}
	})
}

// declare names a let or an accumulator.
func (p *printer) declare(name string) string {
	p.refs[name] = p.names.short(local(counter.ReplaceAllString(name, "")))
	return p.refs[name]
}

// counter is what lowering appends to tell names apart in a whole program.
var counter = regexp.MustCompile(`_\d+$`)

// ref is the Go name of a let or an accumulator.
func (p *printer) ref(name string) string {
	have, ok := p.refs[name]
	if !ok {
		p.f.fail("%s is read before it is set in %s", name, p.k.Name)
	}
	return have
}

// prologue lists the buffers and dims that the body uses as local variables.
func (p *printer) prologue() []jen.Code {
	var left, right []string
	own := p.ownMemory()
	for _, b := range p.bufs {
		if b.Kind == kernel.Own {
			continue
		}
		left = append(left, p.bufName[b])
		right = append(right, "w."+p.w.fieldOf(b))
	}
	for _, d := range p.dims {
		left = append(left, p.dimNames[d])
		right = append(right, "w."+p.w.dimField(d))
	}
	var out []jen.Code
	for len(left) > 0 {
		n := min(len(left), 6)
		out = append(out, line("%s := %s", strings.Join(left[:n], ", "), strings.Join(right[:n], ", ")))
		left, right = left[n:], right[n:]
	}
	return append(out, own...)
}

// readNames lists the lets and accumulators whose value is used.
func readNames(body []kernel.Stmt) map[string]bool {
	read := map[string]bool{}
	walkExprs(body, func(x kernel.Expr) {
		if r, ok := x.(*kernel.Ref); ok {
			read[r.Name] = true
		}
	})
	return read
}

// walkExprs visits every scalar expression of a body, operands too.
func walkExprs(body []kernel.Stmt, visit func(kernel.Expr)) {
	kernel.Walk(body, func(s kernel.Stmt) {
		for _, x := range kernel.Exprs(s) {
			walkExpr(*x, visit)
		}
	})
}

func walkExpr(x kernel.Expr, visit func(kernel.Expr)) {
	visit(x)
	for _, a := range kernel.Operands(x) {
		walkExpr(a, visit)
	}
}
