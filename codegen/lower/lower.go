// Package lower turns graphs into kernels: it chooses which nodes get memory,
// recognises matrix products by their index maps, and fuses what works on the
// same rows.
//
// For `h = relu(x @ W + b)` the graph has views of x and W on [batch, n, k], their
// product, its sum over k, and the bias and relu around it. Lowering stores the
// product as h_contract and relu's result as h, in one kernel over rows:
//
//	kernel h rows 0..batch by 16
//	    matmul h_contract[lo*128, 128 1] = x[lo*784, 784 1] @ W[0, 128 1]  (hi-lo, 128, 784)
//	    for i0 in lo..hi
//	        for i1 in 0..128
//	            h[i0*128 + i1] = relu(h_contract[i0*128 + i1] + b[i1])
package lower

import (
	"slices"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Lower makes the kernels of all passes of a program whose graphs hold
// primitive operators only.
func Lower(p *graph.Program) *kernel.Unit {
	u := &kernel.Unit{Program: p}
	for _, m := range p.Models {
		u.Models = append(u.Models, lowerModel(m))
	}
	for _, f := range p.Funcs {
		u.Funcs = append(u.Funcs, lowerFunc(f))
	}
	return u
}

func newPass(name string, leaves func(*graph.Node) *kernel.Buffer) *pass {
	return &pass{intern: newInterner(), hints: map[kernel.Expr]string{}, prog: &kernel.Program{Name: name},
		leaves: leaves, bufs: map[*graph.Node]*kernel.Buffer{}, names: map[string]int{},
		sourced: map[*kernel.Buffer]bool{}, windows: map[*kernel.Buffer]movingPart{},
		results: map[*graph.Node][]*kernel.Buffer{}, callees: &callees{byKey: map[string]*kernel.Section{}, names: map[string]bool{}}}
}

// modelLeaves finds the memory of a model's leaves.
type modelLeaves struct{ params, states map[string]shape.Dim }

func newLeaves(m *graph.Model) *modelLeaves {
	return &modelLeaves{offsets(m.Params), offsets(m.States)}
}

func offsets(ps []*graph.Param) map[string]shape.Dim {
	out, at := map[string]shape.Dim{}, shape.Dim{}
	for _, p := range ps {
		out[p.Path] = at
		at = at.Add(shape.Product(p.Node.Type.Shape))
	}
	return out
}

func (l *modelLeaves) buffer(n *graph.Node) *kernel.Buffer {
	if t, ok := n.Attr.(graph.Table); ok {
		return &kernel.Buffer{Name: "table", Kind: kernel.Const, Elem: n.Type.Elem, Shape: n.Type.Shape, Data: t}
	}
	name, ok := n.Attr.(graph.Leaf)
	if !ok {
		return nil
	}
	b := &kernel.Buffer{Name: string(name), Elem: n.Type.Elem, Shape: n.Type.Shape}
	switch n.Op.Name {
	case "input":
		b.Kind = kernel.Input
	case "param":
		b.Kind, b.Offset = kernel.Param, l.params[string(name)]
	case "state":
		b.Kind, b.Offset = kernel.State, l.states[string(name)]
	case "grad":
		b.Kind = kernel.Grad
	case "scalar":
		b.Kind = kernel.Scalar
	case "carry":
		b.Kind = kernel.Carry
	}
	return b
}

func lowerModel(m *graph.Model) *kernel.Model {
	out := &kernel.Model{Model: m}
	if m.Predict != nil && len(m.Predict.Outputs) > 0 {
		p := newPass("predict", newLeaves(m).buffer)
		p.run(append(results(m.Predict.Outputs, "output", 0), results(carried(m.Predict, false), "carry", 0)...), "predict")
		p.session(m.Predict)
		out.Predict = p.prog
	}
	if m.Train != nil {
		for i := range m.Train.Losses {
			if p := lowerTrain(m, i); i == 0 {
				out.Train = p
			} else {
				out.Others = append(out.Others, p)
			}
		}
	}
	if len(m.Constrained) > 0 {
		p := newPass("constrain", newLeaves(m).buffer)
		p.run(results(m.Constrained, "output", 0), "constrain")
		out.Constrain = p.prog
	}
	if m.Predict != nil && len(m.Predict.Losses) > 0 {
		p := newPass("evaluate", newLeaves(m).buffer)
		p.run(append(results(m.Predict.Losses, "loss", 0), results(m.Predict.Metrics, "metric", 0)...), "evaluate")
		out.Evaluate = p.prog
	}
	if m.Predict != nil && len(m.Predict.Carries) > 0 {
		p := newPass("reset", newLeaves(m).buffer)
		p.run(results(carried(m.Predict, true), "carry", 0), "reset")
		out.Reset = p.prog
	}
	for _, r := range m.Rules {
		out.Updates = append(out.Updates, lowerRule(r))
	}
	return out
}

// carried lists the next values of what a session carries, or the initial ones.
func carried(b *graph.Body, initial bool) []*graph.Value {
	var out []*graph.Value
	for _, c := range b.Carries {
		v := &graph.Value{Name: c.Name, Node: c.Next, Span: c.Span, Checks: c.Checks}
		if initial {
			v.Node, v.Checks = c.Init, nil
		}
		out = append(out, v)
	}
	return out
}

func results(vs []*graph.Value, kind string, section int) []root {
	var out []root
	for _, v := range vs {
		out = append(out, root{node: v.Node, result: kernel.Result{Name: v.Name, Kind: kind}, section: section})
		for _, c := range v.Checks {
			out = append(out, root{node: c, section: section, checks: true})
		}
	}
	return out
}

// lowerTrain lowers the training step of one loss.
func lowerTrain(m *graph.Model, loss int) *kernel.Program {
	p := newPass("train", newLeaves(m).buffer)
	b := m.Train
	roots := append(results(b.Losses[loss:loss+1], "loss", 0), results(b.Metrics, "metric", 0)...)
	roots = append(roots, results(b.Updates, "state", 0)...)
	roots = append(roots, results(carried(b, false), "carry", 0)...)
	at := shape.Dim{}
	for i, r := range results(b.Grads, "grad", 1) { // which have no checks of their own
		if len(b.Losses) > 1 && b.Grads[i].Loss != b.Losses[loss].Name {
			continue
		}
		r.own = &kernel.Buffer{Name: p.fresh("d" + r.result.Name), Kind: kernel.Grad, Elem: graph.Real,
			Shape: r.node.Type.Shape, Offset: at}
		at = at.Add(r.own.Len())
		p.add(r.own)
		roots = append(roots, r)
	}
	p.run(roots, "forward", "backward")
	p.session(b)
	return p.prog
}

// session lists the memory of all that is carried: a session goes on at every
// call, also where the call does not read it.
func (p *pass) session(b *graph.Body) {
	for _, c := range b.Carries {
		if !slices.ContainsFunc(p.prog.Buffers, func(x *kernel.Buffer) bool { return x.Kind == kernel.Carry && x.Name == c.Name }) {
			p.add(p.leaves(c.Leaf))
		}
	}
}

// lowerRule lowers an update rule; its results overwrite the parameter and the
// states.
func lowerRule(r *graph.Rule) *kernel.Program {
	known := map[string]*kernel.Buffer{}
	target := func(kind, name string, k kernel.Kind, x *graph.Node) root {
		b := &kernel.Buffer{Name: name, Kind: k, Elem: x.Type.Elem, Shape: x.Type.Shape}
		known[kind+" "+name] = b
		return root{node: x, over: b}
	}
	roots := []root{target("param", "p", kernel.Param, r.P)}
	for _, s := range r.States {
		roots = append(roots, target("state", s.Name, kernel.State, s.Next))
	}
	none := &modelLeaves{}
	p := newPass("update", func(n *graph.Node) *kernel.Buffer {
		if b := known[n.Op.Name+" "+leafName(n)]; b != nil {
			return b
		}
		return none.buffer(n)
	})
	p.run(roots, "update")
	return p.prog
}

func leafName(n *graph.Node) string {
	name, _ := n.Attr.(graph.Leaf)
	return string(name)
}

func lowerFunc(f *graph.Func) *kernel.Func {
	p := newPass(f.Name, (&modelLeaves{}).buffer)
	p.run(results(f.Results, "output", 0), "call")
	return &kernel.Func{Func: f, Program: p.prog}
}
