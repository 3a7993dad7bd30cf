package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

// settleAlone applies rule 2.
func (r *rangeEnv) settleAlone() bool {
	for _, v := range r.all {
		if v.known || v.top != nil || len(v.alone) == 0 {
			continue
		}
		v.ext, v.known = v.alone[0].ext, true
		for _, u := range v.alone[1:] {
			if !r.c.sameDim(v.ext, u.ext, u.at) {
				r.c.report(diag.New("G0307", u.at, "index %s runs over %s here and over %s elsewhere", v.name, u.ext, v.ext).
					WithRelated(v.alone[0].at, "%s runs over %s here", v.name, v.ext))
				return false
			}
		}
		v.ext = v.ext.Sub(v.lo)
	}
	return true
}

// settleTops gives ranges whose ends depend on other indices the largest extent.
func (r *rangeEnv) settleTops() bool {
	for _, v := range r.all {
		if v.known || v.top == nil {
			continue
		}
		if _, hi, ok := r.bounds(*v.top); ok {
			v.ext, v.known = hi.Sub(v.lo), true
			return true
		}
	}
	return false
}

// settleAffine applies rule 3, or, padded, rule 4, to the indices that it can;
// it reports whether any got a range.
func (r *rangeEnv) settleAffine(padded bool) bool {
	progress := false
	for _, v := range r.all {
		if v.known {
			continue
		}
		found := false
		var best shape.Dim
		for _, u := range r.uses {
			if u.padded != padded {
				continue
			}
			ext, ok := r.fit(v, u)
			if !ok {
				continue
			}
			if !found || (shape.Facts{}).Less(ext, best) == shape.Yes {
				best = ext
			} else if (shape.Facts{}).Less(best, ext) == shape.Unknown && !best.Equal(ext) {
				best = shape.Min(best, ext)
			}
			found = true
		}
		if found {
			v.ext, v.known, progress = best, true, true
		}
	}
	return progress
}

// fit is the largest extent of v that keeps an access inside, the other indices
// at their ends.
func (r *rangeEnv) fit(v *ranged, u affineUse) (shape.Dim, bool) {
	coef, rest, ok := u.e.Linear(v.sym)
	a, isConst := coef.IsConst()
	if !ok || !isConst || a == 0 {
		return shape.Dim{}, false
	}
	if u.padded {
		if a < 0 {
			return shape.Dim{}, false
		}
		return shape.CeilDiv(u.ext, shape.Const(a)), true
	}
	lo, hi, ok := r.bounds(rest)
	if !ok {
		return shape.Dim{}, false
	}
	if a > 0 {
		return floorBy(u.ext.AddInt(-1).Sub(hi), a).AddInt(1), true
	}
	return floorBy(lo, -a).AddInt(1), true
}

func floorBy(d shape.Dim, a int64) shape.Dim {
	if a == 1 {
		return d
	}
	return shape.Div(d, shape.Const(a))
}

// bounds are the least and greatest value of d over the known indices.
func (r *rangeEnv) bounds(d shape.Dim) (lo, hi shape.Dim, ok bool) {
	var idx []*binder
	for _, v := range r.all {
		coef, _, linear := d.Linear(v.sym)
		if !linear {
			return lo, hi, false
		}
		if coef.Is(0) {
			continue
		}
		if !v.known {
			return lo, hi, false
		}
		d = d.Add(coef.Mul(v.lo))
		idx = append(idx, &binder{sym: v.sym, ext: v.ext})
	}
	placed := place(d, idx)
	lo, ok1 := smallest(placed, extents(idx))
	neg, ok2 := smallest(placed.Scale(-1), extents(idx))
	return lo, neg.Scale(-1), ok1 && ok2
}

// lower begins a range, whose lower end is not fixed, where that is least.
func (r *rangeEnv) lower(v *ranged, env map[string]*ranged) {
	if !v.known || len(v.limits) == 0 || !v.limits[0].low {
		return
	}
	d, affine := r.extreme(v.limits[0].end, env, true)
	lo, _, bounded := r.bounds(d)
	forced := false // an access keeps the index from being negative
	for _, u := range r.uses {
		if slices.Contains(u.e.Syms(), v.sym) {
			_, rest, _ := u.e.Linear(v.sym)
			n, fixed := rest.IsConst()
			forced = forced || fixed && n <= 0
		}
	}
	switch {
	case affine && bounded && (shape.Facts{}).NonNeg(lo) == shape.Yes:
	case affine && bounded:
		if (shape.Facts{}).NonNeg(lo.Scale(-1)) != shape.Yes {
			lo = shape.Min(lo, shape.Dim{})
		}
		v.lo, v.ext = lo, v.ext.Add(v.lo).Sub(lo)
	case !forced:
		v.known = false // only the run can tell it
	}
}
