package check

import (
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// unrollLimit bounds the iterations of all for loops of a body together.
const unrollLimit = 1 << 14

// forStmt runs a for whose bounds are known: as a loop where that is possible,
// else its body once for each index.
func (c *checker) forStmt(s *scope, f *frame, st *ast.For) {
	lo, hi, remat, ok := c.forBounds(s, f, st)
	if !ok {
		c.headlessFor(s, f, st)
	}
	if !ok || hi <= lo {
		return
	}
	why, flat := c.flat[loopIn{st, c.home}]
	if c.quiet == 0 && c.rule == nil && hi-lo > 1 && !flat && rollable(st.Body) {
		c.rollFor(s, f, st, lo, hi-lo, remat)
		return
	}
	if remat > 0 && flat {
		c.report(diag.Warn("G0410", firstLine(st.At), "this loop is unrolled, and keeps what remat would compute again").
			WithRelated(why.At, "%s", why.Because).WithHelp("a scan recomputes; so does a for whose iterations are alike"))
	}
	if c.unrolled += int64(hi - lo); c.unrolled > unrollLimit {
		c.unrolled = 0
		c.report(diag.New("G0407", firstLine(st.At), "for loops would be unrolled more than %d times", unrollLimit).
			WithHelp("scan runs a loop at run time"))
		return
	}
	c.unrollFor(s, f, st, lo, hi)
}

// forBounds are the numbers of the first line of a for.
func (c *checker) forBounds(s *scope, f *frame, st *ast.For) (lo, hi, remat int, ok bool) {
	if st.Range.Lo != nil {
		if lo, ok = c.bound(s, f, st.Range.Lo); !ok {
			return
		}
	}
	hi, ok = c.bound(s, f, st.Range.Hi)
	if ok && hi < lo {
		ok = c.require(shape.Const(int64(hi-lo)), st.Range.At, endsFirst)
	}
	if !ok || st.Remat == nil {
		return
	}
	k, ok := c.asCount(c.expr(s, f, st.Remat))
	if ok && k < 1 {
		c.errorf("G0401", st.Remat.Span(), "remat keeps every k-th step, with k of at least 1")
		ok = false
	}
	return lo, hi, int(k), ok
}

// unrollFor runs the body once for each index. The random calls of all
// iterations are the same, told apart by the iteration.
func (c *checker) unrollFor(s *scope, f *frame, st *ast.For, lo, hi int) {
	loops, at, site, last := f.loops, f.loopAt, c.sites, c.sites
	f.loopAt = st.At
	loop := c.beginFor()
	for i := lo; i < hi; i++ {
		c.sites = site
		c.turns = append(c.turns, turn{c.reg, i - lo})
		f.loops = append(loops[:len(loops):len(loops)], around{loop: loop, text: "[" + ordinal(i) + "]"})
		inner, returned := c.iteration(s, f, st, untyped(shape.Const(int64(i)), st.Index.At))
		c.turns, last = c.turns[:len(c.turns)-1], max(last, c.sites)
		if returned {
			c.errorf("G0114", firstLine(st.Span()), "return is not allowed in a loop")
			break
		}
		if i == lo {
			c.unused(inner, f)
		}
	}
	f.loops, f.loopAt, c.sites = loops, at, last
	c.endFor(loop)
}

// iteration runs the body of a for at one value of its index.
func (c *checker) iteration(s *scope, f *frame, st *ast.For, index val) (inner *scope, returned bool) {
	inner = newScope(s, false)
	inner.put(&entry{name: st.Index.Text, val: index, span: st.Index.At, what: "index", declared: true})
	_, returned = c.block(inner, f, st.Body.Stmts)
	return inner, returned
}

// headlessFor looks for errors in a for of which it is not known how often it
// runs, nor what parameters it makes.
func (c *checker) headlessFor(s *scope, f *frame, st *ast.For) {
	loops, at := f.loops, f.loopAt
	f.loops = append(loops[:len(loops):len(loops)], around{loop: c.beginFor(), text: "[0]"})
	f.loopAt = st.At
	inner, _ := c.iteration(s, f, st, val{kind: kBad})
	c.unused(inner, f)
	f.loops, f.loopAt = loops, at
	if c.m != nil {
		c.doubtful = append(c.doubtful, doubt{at: c.homeAt})
	}
}
