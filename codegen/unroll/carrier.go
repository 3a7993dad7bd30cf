package unroll

import (
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// carrying is the loop over rounds of steps around that over rows: from..to counts
// rounds of so many steps, or where these are 1, steps.
func (n *nest) carrying(over func([]kernel.Stmt) *kernel.Loop, v string, from, to shape.Dim, steps int64) *kernel.Loop {
	c := &carrier{nest: n, env: map[string]kernel.Expr{}}
	for u := range steps {
		c.step(n.steps.Lo.Add(shape.Var(v).Scale(steps)).AddInt(u), u)
	}
	for _, name := range sortedKeys(c.env) {
		if m := n.memory[name]; m != nil && c.set[name] {
			c.body = append(c.body, &kernel.Store{Buf: m.Buf, At: m.At, X: c.env[name]})
		}
	}
	body := append(append(c.sums, over(c.body)), c.totals...)
	return &kernel.Loop{Var: v, Lo: from, Hi: to, Body: body}
}

func sortedKeys(m map[string]kernel.Expr) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// carrier writes steps out.
type carrier struct {
	*nest
	env          map[string]kernel.Expr // what names stand for
	set          map[string]bool
	sums, totals []kernel.Stmt // before and after the loop over rows
	body         []kernel.Stmt
}

func (c *carrier) step(at shape.Dim, u int64) {
	if c.set == nil {
		c.set = map[string]bool{}
	}
	for _, s := range copied(c.steps.Body, same) {
		kernel.MapDims(s, func(d shape.Dim) shape.Dim {
			return d.Subst(func(s *shape.Sym) (shape.Dim, bool) { return at, s.Fn == "" && s.Name == c.steps.Var })
		})
		switch s := s.(type) {
		case *kernel.Let:
			c.env[s.Name] = c.let(fmt.Sprintf("%s.%d", s.Name, u), s.Elem, c.value(s.X))
		case *kernel.Set:
			x := c.value(s.X)
			c.set[s.Name] = true
			c.env[s.Name] = c.let(fmt.Sprintf("%s.%d", s.Name, u), graph.Real, x)
		case *kernel.Store:
			c.store(s, u)
		}
	}
}

func (c *carrier) let(name string, e graph.Elem, x kernel.Expr) kernel.Expr {
	c.body = append(c.body, &kernel.Let{Name: name, Elem: e, X: x})
	return &kernel.Ref{Name: name, Elem: e}
}

// value is an expression of a step, with names of now; what has memory is loaded once.
func (c *carrier) value(x kernel.Expr) kernel.Expr {
	if r, ok := x.(*kernel.Ref); ok {
		if c.env[r.Name] == nil && c.memory[r.Name] != nil {
			c.env[r.Name] = c.let(r.Name+".now", graph.Real, c.memory[r.Name])
		}
		if v := c.env[r.Name]; v != nil {
			return v
		}
		return x
	}
	args := slices.Clone(kernel.Operands(x))
	for i, a := range args {
		args[i] = c.value(a)
	}
	if len(args) == 0 {
		return x
	}
	return kernel.WithOperands(x, args)
}

// store keeps a store to an element of each row; what rows add to one element is
// summed up first.
func (c *carrier) store(s *kernel.Store, u int64) {
	s.X = c.value(s.X)
	if s.At.Base.Mentions(c.rows.Var) {
		c.body = append(c.body, s)
		return
	}
	sum := &kernel.Ref{Name: fmt.Sprintf("%s.%d.%d", s.Buf.Name, len(c.sums), u), Elem: graph.Real}
	c.sums = append(c.sums, &kernel.Accumulator{Name: sum.Name, Elem: graph.Real, Init: &kernel.Lit{}})
	c.body = append(c.body, &kernel.Set{Name: sum.Name, X: &kernel.Apply{Op: ops.Table()["add"], Elem: graph.Real, Args: []kernel.Expr{sum, s.X}}})
	c.totals = append(c.totals, &kernel.Store{Buf: s.Buf, At: s.At, X: sum, Add: true})
}
