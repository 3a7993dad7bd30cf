package ops

import (
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// dimsFunc gives the values of named dims.
type dimsFunc = func(*shape.Sym) int64

// reference computes a node in the plainest way.
type reference = func(n *node, args []graph.Tensor, out []int, dims dimsFunc) (graph.Tensor, error)

// tensor is a new tensor of zeros.
func tensor(ext []int) graph.Tensor {
	n := 1
	for _, d := range ext {
		n *= d
	}
	return graph.Tensor{Shape: ext, Data: make([]float64, n)}
}

// places visits every place of a shape in row-major order.
func places(ext []int, visit func(at []int)) {
	p := make([]int, len(ext))
	var walk func(k int)
	walk = func(k int) {
		if k == len(ext) {
			visit(p)
			return
		}
		for p[k] = 0; p[k] < ext[k]; p[k]++ {
			walk(k + 1)
		}
	}
	walk(0)
}

// offset is where the element at p is kept; ok is false outside the tensor.
func offset(ext, p []int) (o int, ok bool) {
	for k, d := range ext {
		if p[k] < 0 || p[k] >= d {
			return 0, false
		}
		o = o*d + p[k]
	}
	return o, true
}

// get is the element at p.
func get(t graph.Tensor, p []int) float64 {
	o, _ := offset(t.Shape, p)
	return t.Data[o]
}

// set stores v at p.
func set(t graph.Tensor, p []int, v float64) {
	o, _ := offset(t.Shape, p)
	t.Data[o] = v
}

// withIndices evaluates dims whose index symbols are the places p.
func withIndices(dims dimsFunc, p []int) dimsFunc {
	return func(s *shape.Sym) int64 {
		if s.Axis >= 0 {
			return int64(p[s.Axis])
		}
		return dims(s)
	}
}

// eachOf applies f to every element.
func eachOf(f func(float64) float64) reference {
	return func(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
		t := tensor(out)
		for i, v := range args[0].Data {
			t.Data[i] = f(v)
		}
		return t, nil
	}
}

// onLine applies f to the elements along the last axis.
func onLine(f func(dst, src []float64)) reference {
	return func(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
		t := tensor(out)
		if n := out[len(out)-1]; n > 0 {
			for i := 0; i < len(t.Data); i += n {
				f(t.Data[i:i+n], args[0].Data[i:i+n])
			}
		}
		return t, nil
	}
}

// overAxes applies f to the elements that one result element is made of, in order.
func overAxes(f func(x []float64) float64) reference {
	return func(n *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
		axes := reducedAxes(n)
		groups := make([][]float64, len(tensor(out).Data))
		places(args[0].Shape, func(p []int) {
			var q []int
			for k := range p {
				if !axes.Has(k) {
					q = append(q, p[k])
				}
			}
			o, _ := offset(out, q)
			groups[o] = append(groups[o], get(args[0], p))
		})
		t := tensor(out)
		for i, g := range groups {
			t.Data[i] = f(g)
		}
		return t, nil
	}
}

// reducedAxes are the axes that a reduction's attribute names; without one it
// is the last.
func reducedAxes(n *node) graph.Axes {
	switch a := n.Attr.(type) {
	case graph.Axis:
		return graph.Axes{int(a)}
	case graph.Axes:
		return a
	}
	return lastAxis(n.Args[0])
}
