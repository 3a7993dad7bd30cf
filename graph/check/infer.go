package check

import (
	"maps"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// ranged is an index whose range is being found. While it is, its symbol stands
// for the index itself, lo included.
type ranged struct {
	name   string
	at     diag.Span
	sym    *shape.Sym
	lo     shape.Dim
	ext    shape.Dim
	known  bool
	top    *shape.Dim // a given end that depends on other indices
	alone  []soleUse
	limits []limit // ends that depend on other indices or on data
}

// soleUse is an access where an index is a whole subscript.
type soleUse struct {
	ext shape.Dim
	at  diag.Span
}

// limit is one end of a dependent range, to become a condition.
type limit struct {
	end ast.Expr
	low bool
}

// affineUse is an access at an affine place.
type affineUse struct {
	e, ext shape.Dim
	padded bool
}

// rangeEnv finds index ranges; nested comprehensions take part, since the
// ranges of their indices bound those of the outer ones.
type rangeEnv struct {
	c     *checker
	s     *scope
	f     *frame
	all   []*ranged
	bound map[string]bool // names that the body binds
	uses  []affineUse
	ends  []affineUse // in the ends of inner ranges, which count where nothing else tells
	inEnd bool        // ends are being scanned
	why   []func()    // tell of errors for which a range may not be known
}

// ranges gives the range of each index of a comprehension, by the five rules of
// the language: given; alone as a subscript; the largest that keeps affine
// accesses inside; padded accesses alone; otherwise an error.
func (c *checker) ranges(s *scope, f *frame, bs []*ast.Binder, body ast.Expr) ([]*ranged, bool) {
	r := &rangeEnv{c: c, s: s, f: f, bound: boundIn(body)}
	env := map[string]*ranged{}
	own, ok := r.open(env, bs, false)
	if !ok {
		return nil, false
	}
	r.scan(body, env)
	if !r.settleAlone() {
		return nil, false
	}
	for range 2 {
		for r.settleTops() || r.settleAffine(false) || r.settleAffine(true) {
		}
		r.uses, r.ends = append(r.uses, r.ends...), nil
	}
	for _, v := range own {
		r.lower(v, env)
		switch {
		case v.known && v.top == nil && (shape.Facts{}).NonNeg(v.ext) == shape.No:
			c.report(diag.New("G0305", v.at, "there is no %s for which all that is read lies inside", v.name).
				WithHelp("a part is larger than the whole it is read from"))
			ok = false
		case v.known || len(v.limits) > 0: // in the second case only the run can tell it
		default:
			ok = false
			if r.tells() {
				break
			}
			c.report(diag.New("G0306", v.at, "the range of index %s cannot be inferred", v.name).
				WithHelp("write %s in n, or use it alone as a subscript", v.name))
		}
	}
	return own, ok
}

// boundIn holds the names that a body binds itself.
func boundIn(body ast.Expr) map[string]bool {
	out := map[string]bool{}
	for _, n := range ast.Bound(body) {
		out[n.Text] = true
	}
	return out
}

// tells reports the errors for which ranges may not be known, if there are any.
func (r *rangeEnv) tells() bool {
	before := len(r.c.diags)
	for _, tell := range r.why {
		tell()
	}
	return len(r.c.diags) > before || len(r.why) > 0 && r.c.muted
}

// open enters binders. nested ones are only looked at, without complaint.
func (r *rangeEnv) open(env map[string]*ranged, bs []*ast.Binder, nested bool) ([]*ranged, bool) {
	var own []*ranged
	ok := true
	for _, b := range bs {
		r.c.binders++
		v := &ranged{name: b.Name.Text, at: b.Name.At, sym: indexSym(r.c.binders)}
		for _, o := range own {
			if o.name == v.name && !nested {
				r.c.report(diag.New("G0202", v.at, "the index %s stands twice", v.name).
					WithRelated(o.at, "here first").WithHelp("indices that are to be equal: where(i == j, e, 0)"))
				return nil, false
			}
		}
		if b.In != nil {
			if nested {
				r.givenNested(v, b.In, env)
			} else if !r.given(v, b.In, env) {
				ok = false
			}
		}
		env[v.name] = v
		own = append(own, v)
		r.all = append(r.all, v)
	}
	return own, ok
}

// given reads an explicit range; ends that depend on indices or data become
// conditions, and bound the range where they are affine.
func (r *rangeEnv) given(v *ranged, in *ast.Range, env map[string]*ranged) bool {
	c := r.c
	if in.Lo != nil {
		d, fixed, ok := r.end(in.Lo, env)
		if !ok {
			return false
		}
		if fixed {
			v.lo = d
		} else {
			v.limits = append(v.limits, limit{in.Lo, true})
		}
	}
	d, fixed, ok := r.end(in.Hi, env)
	if !ok {
		return false
	}
	if fixed {
		v.ext, v.known = d.Sub(v.lo), true
		return c.require(v.ext, in.At, endsFirst)
	}
	v.limits = append(v.limits, limit{in.Hi, false})
	if top, affine := r.affine(in.Hi, env); affine {
		v.top = &top
	}
	return true
}

// end evaluates one end of a range: fixed if it depends on dims only.
func (r *rangeEnv) end(e ast.Expr, env map[string]*ranged) (d shape.Dim, fixed, ok bool) {
	if r.usesIndex(e, env) {
		return shape.Dim{}, false, true
	}
	v := r.c.expr(r.s, r.f, e)
	if v.kind == kUntyped {
		d, ok = r.c.dimOf(v)
		return d, true, ok
	}
	if !r.c.oneInt(v, e) {
		return d, false, false
	}
	v = r.c.asInt(v)
	d, fixed = constDim(v)
	return d, fixed, v.ok()
}

// largest is the greatest value of an affine d over its indices.
func largest(d shape.Dim, idx []*binder) (shape.Dim, bool) {
	least, ok := smallest(place(d, idx).Scale(-1), extents(idx))
	return least.Scale(-1), ok
}

func constDim(v val) (shape.Dim, bool) {
	if v.kind == kUntyped && v.den.Is(1) {
		return v.num, true
	}
	if v.kind == kTensor && v.aff != nil && len(v.idx) == 0 && len(steps(*v.aff)) == 0 {
		return *v.aff, true
	}
	return shape.Dim{}, false
}

// givenNested reads what it can of a nested range.
func (r *rangeEnv) givenNested(v *ranged, in *ast.Range, env map[string]*ranged) {
	lo := shape.Dim{}
	if in.Lo != nil {
		d, ok := r.affine(in.Lo, env)
		if !ok {
			return
		}
		lo = d
	}
	hi, ok := r.affine(in.Hi, env)
	if !ok || r.mentionsIndex(lo) || r.mentionsIndex(hi) {
		return
	}
	v.lo, v.ext, v.known = lo, hi.Sub(lo), true
}

func (r *rangeEnv) mentionsIndex(d shape.Dim) bool {
	for _, s := range d.Syms() {
		if s.Name[0] == '@' {
			return true
		}
	}
	return false
}

// scan collects the accesses in e.
func (r *rangeEnv) scan(e ast.Expr, env map[string]*ranged) {
	ast.Inspect(e, func(n ast.Spanned) bool {
		switch n := n.(type) {
		case *ast.Comprehension:
			r.scanUnder(n.Binders, n.Body, env)
			return false
		case *ast.Assign:
			if len(n.Targets) == 1 && n.Targets[0].Indexed {
				r.scanUnder(n.Targets[0].Index, n.Value, env)
				return false
			}
		case *ast.Index:
			r.access(n, env)
		}
		return true
	})
}

// scanUnder scans the body of a nested comprehension; conditions are left out.
func (r *rangeEnv) scanUnder(bs []*ast.Binder, body ast.Expr, env map[string]*ranged) {
	inner := maps.Clone(env)
	r.open(inner, bs, true)
	outer := r.inEnd
	r.inEnd = true
	for _, b := range bs {
		if b.In != nil && b.In.Lo != nil {
			r.scan(b.In.Lo, inner)
		}
		if b.In != nil {
			r.scan(b.In.Hi, inner)
		}
	}
	r.inEnd = outer
	r.scan(body, inner)
}

// access records how an index expression uses the indices.
func (r *rangeEnv) access(e *ast.Index, env map[string]*ranged) {
	x, ok := r.operand(e.X, env)
	if !ok {
		return
	}
	r.c.quiet++
	items, ok := r.c.perAxis(e, len(x.inner()), x)
	r.c.quiet--
	if !ok {
		r.why = append(r.why, func() { r.c.perAxis(e, len(x.inner()), x) })
		return
	}
	for k, it := range items {
		if it == nil {
			continue
		}
		if sl, slice := it.(*ast.Slice); slice {
			r.sliced(sl, x.inner()[k], e.Pad != nil, env)
			continue
		}
		d, affine := r.affine(it, env)
		if !affine || !r.mentionsIndex(d) {
			continue
		}
		use := affineUse{d, x.inner()[k], e.Pad != nil}
		if r.inEnd {
			r.ends = append(r.ends, use)
			continue
		}
		if v := r.sole(d); v != nil && !r.usesOuter(it, env) {
			v.alone = append(v.alone, soleUse{x.inner()[k], it.Span()})
		}
		r.uses = append(r.uses, use)
	}
}

// sliced records that a slice reads from its first place to its last.
func (r *rangeEnv) sliced(sl *ast.Slice, ext shape.Dim, padded bool, env map[string]*ranged) {
	uses := &r.uses
	if r.inEnd {
		uses = &r.ends
	}
	note := func(e ast.Expr, off int64) {
		if e == nil {
			return
		}
		if d, affine := r.affine(e, env); affine && r.mentionsIndex(d) {
			*uses = append(*uses, affineUse{d.AddInt(off), ext, padded})
		}
	}
	note(sl.Lo, 0)
	if !padded {
		note(sl.Hi, -1)
	}
}

// operand evaluates an indexed expression on trial, unless it depends on indices.
func (r *rangeEnv) operand(e ast.Expr, env map[string]*ranged) (val, bool) {
	simple := true
	walk(e, func(x ast.Expr) {
		switch x := x.(type) {
		case *ast.Ident:
			if env[x.Name] != nil {
				simple = false
			}
		case *ast.LayerInst:
			simple = false
		}
	})
	if !simple {
		return val{}, false
	}
	r.c.quiet++
	v := r.c.typed(r.c.expr(r.s, r.f, e), false)
	r.c.quiet--
	if root := rootOf(e); root != "" && !v.ok() && !r.bound[root] {
		r.why = append(r.why, func() { r.c.typed(r.c.expr(r.s, r.f, e), false) })
	}
	return v, v.kind == kTensor
}

// rootOf is the name that a path begins with, "" of what is no path.
func rootOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.Field:
		return rootOf(e.X)
	}
	return ""
}
