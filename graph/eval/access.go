package eval

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
)

func count(ext []int) int {
	c := 1
	for _, e := range ext {
		c *= e
	}
	return c
}

// each calls f with every element's number and place, row-major. The place is
// valid during the call only.
func each(ext []int, f func(i int, place []int)) {
	place := make([]int, len(ext))
	for i := range count(ext) {
		f(i, place)
		for k := len(ext) - 1; k >= 0; k-- {
			if place[k]++; place[k] < ext[k] {
				break
			}
			place[k] = 0
		}
	}
}

// offset is the number of the element at place, or the first axis on which the
// place is outside.
func offset(place, ext []int) (at, outside int) {
	for k, p := range place {
		if p < 0 || p >= ext[k] {
			return 0, k
		}
		at = at*ext[k] + p
	}
	return at, -1
}

func (r *run) view(v graph.View, x, out graph.Tensor) (err error) {
	each(out.Shape, func(i int, place []int) {
		value := r.at(place)
		for _, g := range v.Map.Guard {
			if !g.Holds(value) {
				out.Data[i] = v.Fill
				return
			}
		}
		from := make([]int, len(v.Map.In))
		for k, in := range v.Map.In {
			q, d := in.Eval(value), v.Map.DivOf(k)
			if q%d != 0 {
				err = fmt.Errorf("internal error in eval: view %s divides %d by %d", v, q, d)
			}
			from[k] = int(q / d)
		}
		at, outside := offset(from, x.Shape)
		if outside >= 0 {
			err = fmt.Errorf("internal error in eval: view %s reads %v of %v at %v", v, from, x.Shape, place)
			return
		}
		out.Data[i] = x.Data[at]
	})
	return err
}

// target finds the element of a tensor of shape ext that a gather or scatter
// accesses at one place of its domain; ok is false where none is.
func (r *run) target(n *graph.Node, ints []graph.Tensor, ext []int, i int, place []int) (at int, ok bool, err error) {
	g := n.Attr.(graph.Gather)
	if g.Masked && ints[len(ints)-1].Data[i] == 0 {
		return 0, false, nil
	}
	to := make([]int, len(ext))
	source := func(outside int) string {
		if by := g.By[outside]; by >= 0 {
			return r.origin(n.Args[1+by], place)
		}
		return ""
	}
	for k := range ext {
		if by := g.By[k]; by >= 0 {
			to[k] = int(ints[by].Data[i])
		} else {
			to[k] = int(g.In[k].Eval(r.at(place)))
		}
	}
	at, outside := offset(to, ext)
	if outside >= 0 && g.Checked {
		err = &IndexError{Index: to[outside], Extent: ext[outside], Axis: outside, Span: n.Span, Source: source(outside)}
	}
	return at, outside < 0, err
}

func (r *run) gather(n *graph.Node, args []graph.Tensor, out graph.Tensor) (err error) {
	each(out.Shape, func(i int, place []int) {
		at, ok, bad := r.target(n, args[1:], args[0].Shape, i, place)
		if bad != nil && err == nil {
			err = bad
		}
		out.Data[i] = n.Attr.(graph.Gather).Fill
		if ok {
			out.Data[i] = args[0].Data[at]
		}
	})
	return err
}

func (r *run) scatter(n *graph.Node, args []graph.Tensor, out graph.Tensor) (err error) {
	each(args[0].Shape, func(i int, place []int) {
		at, ok, bad := r.target(n, args[1:], out.Shape, i, place)
		if bad != nil && err == nil {
			err = bad
		}
		if ok {
			out.Data[at] += args[0].Data[i]
		}
	})
	return err
}
