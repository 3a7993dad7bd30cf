package lower

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
)

// interner hash-conses scalar expressions: equal ones are one pointer.
type interner struct {
	table map[string]kernel.Expr
	ids   map[kernel.Expr]int
	bufs  map[*kernel.Buffer]int
	deps  map[kernel.Expr]*deps
}

func newInterner() *interner {
	return &interner{table: map[string]kernel.Expr{}, ids: map[kernel.Expr]int{},
		bufs: map[*kernel.Buffer]int{}, deps: map[kernel.Expr]*deps{}}
}

// of is the one expression equal to e.
func (in *interner) of(e kernel.Expr) kernel.Expr {
	if _, ok := in.ids[e]; ok {
		return e
	}
	e = in.operands(e)
	k := in.key(e)
	if have, ok := in.table[k]; ok {
		return have
	}
	in.table[k] = e
	in.ids[e] = len(in.ids)
	return e
}

// operands is e with the one expression for each of its operands.
func (in *interner) operands(e kernel.Expr) kernel.Expr {
	args := kernel.Operands(e)
	one, changed := make([]kernel.Expr, len(args)), false
	for i, a := range args {
		one[i] = in.of(a)
		changed = changed || one[i] != a
	}
	if !changed {
		return e
	}
	return kernel.WithOperands(e, one)
}

func (in *interner) buf(b *kernel.Buffer) int {
	id, ok := in.bufs[b]
	if !ok {
		id = len(in.bufs)
		in.bufs[b] = id
	}
	return id
}

func (in *interner) key(e kernel.Expr) string {
	var b strings.Builder
	switch e := e.(type) {
	case *kernel.Load:
		fmt.Fprintf(&b, "load %d %s", in.buf(e.Buf), e.At.Base)
		for _, d := range e.At.Dyn {
			fmt.Fprintf(&b, " +%d*%s", in.ids[d.X], d.Stride)
		}
		return b.String()
	case *kernel.Lit:
		return fmt.Sprintf("lit %d %b", e.Elem, e.V)
	case *kernel.Ref:
		return "ref " + e.Name
	case *kernel.IndexExpr:
		return fmt.Sprintf("index %s / %d", e.E, e.Div)
	case *kernel.Apply:
		fmt.Fprintf(&b, "%s %v", e.Op.Name, e.Attr)
	case *kernel.Guard:
		fmt.Fprintf(&b, "guard %v else %b", e.Conds, e.Fill)
	case *kernel.Select:
		b.WriteString("select")
	}
	for _, a := range kernel.Operands(e) {
		fmt.Fprintf(&b, " %d", in.ids[a])
	}
	return b.String()
}

// deps is what the value of an expression depends on.
type deps struct {
	vars map[string]bool // loop variables, ".lo" and ".hi"
	refs map[string]bool
	bufs map[*kernel.Buffer]bool
	cost int
	dyn  bool // reads a place that comes from data, or divides integers
}

// of collects the dependences of e, its operands' included.
func (in *interner) dependences(e kernel.Expr) *deps {
	if d, ok := in.deps[e]; ok {
		return d
	}
	d := &deps{vars: map[string]bool{}, refs: map[string]bool{}, bufs: map[*kernel.Buffer]bool{}}
	d.own(e)
	for _, a := range kernel.Operands(e) {
		d.join(in.dependences(a))
	}
	in.deps[e] = d
	return d
}

func (d *deps) own(e kernel.Expr) {
	switch e := e.(type) {
	case *kernel.Load:
		loopVars(e.At.Base, d.vars)
		d.bufs[e.Buf] = true
		d.cost, d.dyn = 1, len(e.At.Dyn) > 0
	case *kernel.Ref:
		d.refs[e.Name] = true
	case *kernel.IndexExpr:
		loopVars(e.E, d.vars)
	case *kernel.Apply:
		d.cost = max(e.Op.Scalar.Cost, 1)
		d.dyn = e.Op.Name == "idiv" || e.Op.Name == "imod"
	case *kernel.Guard:
		d.cost = 1
		for _, c := range e.Conds {
			loopVars(c.E, d.vars)
		}
	case *kernel.Select:
		d.cost = 1
	}
}

func (d *deps) join(e *deps) {
	for v := range e.vars {
		d.vars[v] = true
	}
	for r := range e.refs {
		d.refs[r] = true
	}
	for b := range e.bufs {
		d.bufs[b] = true
	}
	d.cost += e.cost
	d.dyn = d.dyn || e.dyn
}
