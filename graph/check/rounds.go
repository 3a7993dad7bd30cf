package check

import (
	"fmt"
	"regexp"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// Run-time dims. A scan over an int makes steps whose number only the run tells;
// what it collects has an axis of that many:
//
//	scan t in 0..k { .. collect hs = h }     hs [.n1, ..]
//
// Two scans over the same int make equally many. Nothing is proved of such a dim
// but that it is not negative, and no entry check can speak of it.

var runTimeDim = regexp.MustCompile(`\.n\d+`)

// rounds is the dim that a count of steps stands for: that of an earlier scan by
// the same count, except in a branch, which may not run.
func (c *checker) rounds(count *graph.Node) shape.Dim {
	if have, ok := c.counts[count]; ok && (c.reg == nil || !c.reg.branch) {
		return have
	}
	c.binders++
	name := fmt.Sprintf(".n%d", c.binders)
	if c.counts == nil {
		c.counts, c.countIn = map[*graph.Node]shape.Dim{}, map[string]*region{}
	}
	c.counts[count], c.countIn[name] = shape.Var(name), c.reg
	return c.counts[count]
}

// even reports whether what r collects is of one size at every step.
func (c *checker) even(r *region, parts []val, st *ast.Collect) bool {
	var ext []shape.Dim
	for _, p := range parts {
		ext = append(ext, p.inner()...)
	}
	for _, d := range ext {
		for _, name := range d.Vars() {
			if in, runTime := c.countIn[name]; runTime && in.inside(r) {
				c.report(diag.New("G0323", st.Span(), "the extent of %s may differ from step to step", st.Name.Text).
					WithHelp("collect what is made of it, such as a sum"))
				return false
			}
		}
	}
	return true
}

// runTime reports a condition on dims that only the run knows.
func (c *checker) runTime(cond shape.Cond) bool {
	for _, name := range cond.E.Vars() {
		if _, ok := c.countIn[name]; ok {
			return true
		}
	}
	return false
}
