package values

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Solve finds the dims that given ones and the shapes of inputs determine: again
// and again an extent with one unknown dim, linear in it, gives that dim.
func Solve(decls []*graph.Value, inputs map[string]graph.Tensor, given map[string]int64) (map[string]int64, error) {
	dims := maps.Clone(given)
	if dims == nil {
		dims = map[string]int64{}
	}
	for again := true; again; {
		again = false
		for _, v := range decls {
			t, ok := inputs[v.Name]
			if !ok || len(t.Shape) != len(v.Node.Type.Shape) {
				continue
			}
			for k, d := range v.Node.Type.Shape {
				name, n, ok := solveFor(d.Bind(dims), int64(t.Shape[k]))
				if !ok {
					continue
				}
				if n < 1 {
					return nil, fmt.Errorf("input %s has shape %s; its extent %s leaves no value for the dim %s", v.Name, text(t.Shape), d, name)
				}
				dims[name], again = n, true
			}
		}
	}
	return dims, nil
}

// solveFor solves d = n where d has one unknown dim and is linear in it; n is 0
// where no whole number does.
func solveFor(d shape.Dim, n int64) (name string, value int64, ok bool) {
	vars := d.Vars()
	if len(vars) != 1 {
		return "", 0, false
	}
	coef, rest, linear := d.Linear(shape.VarSym(vars[0]))
	c, fixed := coef.IsConst()
	r, also := rest.IsConst()
	if !linear || !fixed || !also || c == 0 {
		return "", 0, false
	}
	if (n-r)%c != 0 {
		return vars[0], 0, true
	}
	return vars[0], (n - r) / c, true
}

// Hold evaluates the entry checks whose dims are known.
func Hold(checks []graph.Check, dims map[string]int64) error {
	for _, c := range checks {
		known, text := true, []string{}
		for _, v := range c.Cond.E.Vars() {
			n, ok := dims[v]
			known = known && ok
			text = append(text, fmt.Sprintf("%s = %d", v, n))
		}
		if known && !c.Cond.Holds(func(s *shape.Sym) int64 { return dims[s.Name] }) {
			return fmt.Errorf("%s, and %s", c.Message, strings.Join(text, ", "))
		}
	}
	return nil
}
