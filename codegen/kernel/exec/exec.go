// Package exec runs kernel IR in float64, statement by statement, as plainly as
// it can be: what lowering and planning are tested with, before any Go code
// is printed.
package exec

import (
	"errors"
	"fmt"
	"maps"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// Memory gives every buffer its elements.
type Memory func(b *kernel.Buffer) []float64

// Machine runs kernels.
type Machine struct {
	Memory Memory
	Dims   map[string]int64
	steps  map[string]int64 // of the loops of kernels around
	vars   map[string]int64
	refs   map[string]float64
	grown  map[*kernel.Buffer][]float64 // memory whose size only the run tells
	bound  map[*kernel.Buffer][]float64 // what sections under way were called with
}

// Run executes one section, pieces last to first: their order must not matter.
func (m *Machine) Run(s *kernel.Section) error {
	m.steps, m.bound = map[string]int64{}, map[*kernel.Buffer][]float64{}
	if m.grown == nil {
		m.grown = map[*kernel.Buffer][]float64{}
	}
	return m.kernels(s.Kernels)
}

func (m *Machine) kernels(ks []*kernel.Kernel) error {
	for _, k := range ks {
		if err := m.kernel(k); err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
	}
	return nil
}

// section runs a section that another calls.
func (m *Machine) section(s *kernel.Run) error {
	bind := func(list []kernel.Slice, to []*kernel.Buffer) {
		for i, a := range list {
			m.bound[to[i]] = m.slice(a)
		}
	}
	bind(s.Args, s.Section.Params)
	bind(s.To, s.Section.Yields)
	return m.kernels(s.Section.Kernels)
}

// memory is that of b, as long as b is now.
func (m *Machine) memory(b *kernel.Buffer) []float64 {
	if have, ok := m.bound[b]; ok {
		return have
	}
	if !b.Grows() {
		return m.Memory(b)
	}
	n := int(m.dim(b.Len()))
	if have := m.grown[b]; len(have) < n {
		m.grown[b] = append(have, make([]float64, n-len(have))...)
	}
	return m.grown[b][:n]
}

// trip gives a run-time dim its value.
func (m *Machine) trip(t *kernel.Trip) {
	m.vars = m.steps
	n := m.dim(t.Value)
	if t.Count != nil {
		n = int64(m.memory(t.Count)[0])
	}
	m.Dims[t.Dim] = n
}

func (m *Machine) kernel(k *kernel.Kernel) error {
	switch {
	case k.Repeat != nil:
		return m.repeat(k.Repeat)
	case k.Trip != nil:
		m.trip(k.Trip)
		return nil
	case k.Branch != nil && m.memory(k.Branch.Cond)[0] != 0:
		return m.kernels(k.Branch.Then)
	case k.Branch != nil:
		return m.kernels(k.Branch.Else)
	}
	m.vars, m.refs = maps.Clone(m.steps), map[string]float64{}
	if k.Rows.Is(0) {
		return m.block(k.Body)
	}
	rows := m.dim(k.Rows)
	pieces := (rows + k.Grain - 1) / k.Grain
	for p := pieces - 1; p >= 0; p-- {
		m.vars[".lo"], m.vars[".hi"] = p*k.Grain, min(rows, (p+1)*k.Grain)
		if err := m.block(k.Body); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) repeat(r *kernel.Repeat) error {
	m.vars = m.steps
	trip, limit := m.dim(r.Trip), m.dim(r.Limit)
	step := int64(0)
	for ; r.While != nil || step < trip; step++ {
		m.steps[r.Var] = step
		if r.Reverse {
			m.steps[r.Var] = trip - 1 - step
		}
		if err := m.kernels(r.Cond); err != nil {
			return err
		}
		if r.While != nil && m.memory(r.While)[0] == 0 {
			break
		}
		if r.Limited && step >= limit {
			return fmt.Errorf("more than %d steps", limit)
		}
		if r.Trips != "" {
			m.Dims[r.Trips] = step + 1
		}
		if err := m.kernels(r.Kernels); err != nil {
			return err
		}
	}
	if r.Trips != "" {
		m.Dims[r.Trips] = step
	}
	if r.Count != nil {
		m.memory(r.Count)[0] = float64(step)
	}
	delete(m.steps, r.Var)
	return nil
}

func (m *Machine) dim(d shape.Dim) int64 {
	return d.Eval(func(s *shape.Sym) int64 {
		if v, ok := m.vars[s.Name]; ok {
			return v
		}
		v, ok := m.Dims[s.Name]
		if !ok {
			panic("exec: unbound " + s.Name + " in " + d.String())
		}
		return v
	})
}

func (m *Machine) block(body []kernel.Stmt) error {
	for _, s := range body {
		if err := m.stmt(s); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) stmt(s kernel.Stmt) error {
	switch s := s.(type) {
	case *kernel.Loop:
		return m.loop(s)
	case *kernel.Let:
		m.refs[s.Name] = m.expr(s.X)
	case *kernel.Accumulator:
		m.refs[s.Name] = m.expr(s.Init)
	case *kernel.Set:
		m.refs[s.Name] = m.expr(s.X)
	case *kernel.Store:
		m.store(s)
	case *kernel.If:
		if m.expr(s.Cond) != 0 {
			return m.block(s.Then)
		}
		return m.block(s.Else)
	case *kernel.Check:
		x := m.expr(s.X)
		if s.Nonzero {
			if x == 0 {
				return errors.New(s.What)
			}
			return nil
		}
		if limit := m.dim(s.Limit); x < 0 || x >= float64(limit) {
			return fmt.Errorf("%s %g is outside 0..%d", s.What, x, limit)
		}
	case *kernel.MatMul:
		m.matmul(s)
	case *kernel.Call:
		return m.call(s)
	case *kernel.Run:
		return m.section(s)
	case *kernel.Zero:
		m.fill(s.Slice, 0)
	case *kernel.Fill:
		m.fill(s.Slice, s.Value)
	}
	return nil
}

func (m *Machine) loop(s *kernel.Loop) error {
	lo, hi := m.dim(s.Lo), m.dim(s.Hi)
	for _, b := range s.From {
		lo = max(lo, int64(m.expr(b.X))+m.dim(b.Plus))
	}
	for _, b := range s.To {
		hi = min(hi, int64(m.expr(b.X))+m.dim(b.Plus))
	}
	for v := lo; v < hi; v++ {
		m.vars[s.Var] = v
		if err := m.block(s.Body); err != nil {
			return err
		}
	}
	delete(m.vars, s.Var)
	return nil
}

func (m *Machine) addr(a kernel.Addr) int64 {
	at := m.dim(a.Base)
	for _, d := range a.Dyn {
		at += int64(m.expr(d.X)) * m.dim(d.Stride)
	}
	return at
}

func (m *Machine) store(s *kernel.Store) {
	v, at := m.expr(s.X), m.addr(s.At)
	if s.Add {
		v += m.memory(s.Buf)[at]
	}
	m.memory(s.Buf)[at] = v
}

func (m *Machine) slice(s kernel.Slice) []float64 {
	at := m.dim(s.At)
	return m.memory(s.Buf)[at : at+m.dim(s.Len)]
}

func (m *Machine) fill(s kernel.Slice, v float64) {
	data := m.slice(s)
	for i := range data {
		data[i] = v
	}
}

func (m *Machine) matmul(s *kernel.MatMul) {
	r := s.Runs
	if r == nil {
		m.product(s, s.Add, 0, 0, 0)
		return
	}
	for q := range m.dim(r.Rows) {
		for h := range m.dim(r.Groups) {
			m.product(s, s.Add || h > 0, q*m.dim(r.CRow), q*m.dim(r.ARow)+h*m.dim(r.AGroup), h*m.dim(r.BGroup))
		}
	}
}

// product is one product of a run and a group, whose operands begin so far behind
// the first ones.
func (m *Machine) product(s *kernel.MatMul, add bool, c, a, b int64) {
	behind := map[*kernel.Operand]int64{&s.C: c, &s.A: a, &s.B: b}
	at := func(o *kernel.Operand, i, j int64) *float64 {
		return &m.memory(o.Buf)[m.dim(o.At)+behind[o]+i*m.dim(o.Strides[0])+j*m.dim(o.Strides[1])]
	}
	rows, cols, inner := m.dim(s.M), m.dim(s.N), m.dim(s.K)
	for i := range rows {
		for j := range cols {
			sum := 0.0
			for k := range inner {
				sum += *at(&s.A, i, k) * *at(&s.B, k, j)
			}
			if add {
				sum += *at(&s.C, i, j)
			}
			*at(&s.C, i, j) = sum
		}
	}
}

func (m *Machine) expr(e kernel.Expr) float64 {
	switch e := e.(type) {
	case *kernel.Load:
		return m.memory(e.Buf)[m.addr(e.At)]
	case *kernel.Lit:
		return e.V
	case *kernel.Ref:
		v, ok := m.refs[e.Name]
		if !ok {
			panic("exec: unbound " + e.Name)
		}
		return v
	case *kernel.IndexExpr:
		return float64(m.dim(e.E) / max(e.Div, 1))
	case *kernel.Apply:
		x := make([]float64, len(e.Args))
		for i, a := range e.Args {
			x[i] = m.expr(a)
		}
		return e.Op.Scalar.On(e.Attr, x...)
	case *kernel.Guard:
		for _, c := range e.Conds {
			if !m.holds(c) {
				return e.Fill
			}
		}
		return m.expr(e.X)
	case *kernel.Select:
		if m.expr(e.Cond) != 0 {
			return m.expr(e.X)
		}
		return m.expr(e.Y)
	}
	panic(fmt.Sprintf("exec: no expression %T", e))
}

func (m *Machine) holds(c shape.Cond) bool {
	return shape.Cond{Kind: c.Kind, E: shape.Const(m.dim(c.E)), Mod: c.Mod}.Holds(nil)
}
