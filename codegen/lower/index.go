package lower

import (
	"strconv"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// Loop variables: result axis k of a node is ".i<k>", reduced axis k ".k<k>".
func axisVar(k int) string   { return ".i" + strconv.Itoa(k) }
func reduceVar(k int) string { return ".k" + strconv.Itoa(k) }

// sumVar is the variable of reduced axis k of an operand where the result has
// rank axes: ".i<k>" where that is free, so that the loop can join one over the
// operand's axis.
func sumVar(rank int) func(k int) string {
	return func(k int) string {
		if k >= rank {
			return axisVar(k)
		}
		return reduceVar(k)
	}
}

// lo and hi bound the rows of a piece.
var lo, hi = shape.Var(".lo"), shape.Var(".hi")

func isLoopVar(name string) bool { return name[0] == '.' && !kernel.RunTime(name) }

func loopVars(d shape.Dim, into map[string]bool) {
	for _, v := range d.Vars() {
		if isLoopVar(v) {
			into[v] = true
		}
	}
}

// at replaces the index symbols of e by the places idx.
func at(e shape.Dim, idx []shape.Dim) shape.Dim {
	return e.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		if s.Axis < 0 {
			return shape.Dim{}, false
		}
		return idx[s.Axis], true
	})
}

// address is the row-major place of idx in a tensor of shape ext.
func address(ext, idx []shape.Dim) shape.Dim {
	sum := shape.Dim{}
	for k, s := range kernel.Strides(ext) {
		sum = sum.Add(idx[k].Mul(s))
	}
	return sum
}

// scope knows the extent of every loop variable; they all start at 0.
type scope map[string]shape.Dim

// scope holds the steps of the loops around.
func (p *pass) scope() scope {
	sc := scope{}
	for _, s := range p.steps {
		sc[s.name] = s.trip
	}
	return sc
}

// always reports whether c holds wherever the loops of the scope go.
func (sc scope) always(c shape.Cond) bool {
	var ext []shape.Dim
	number := map[*shape.Sym]int{}
	e := c.E.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		n, ok := sc[s.Name]
		if !ok {
			return shape.Dim{}, false
		}
		if _, seen := number[s]; !seen {
			number[s] = len(ext)
			ext = append(ext, n)
		}
		return shape.Idx(number[s]), true
	})
	m := shape.Map{Guard: []shape.Cond{{Kind: c.Kind, E: e, Mod: c.Mod}}}
	return len(m.Prune(ext).Guard) == 0
}
