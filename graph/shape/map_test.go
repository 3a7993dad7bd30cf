package shape_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/gradgen/gradgen/graph/shape"
)

// bound gives the named dims of the tests their values.
var bound = map[string]int64{"n": 3, "m": 4}

// at evaluates symbols at a point of a domain.
func at(p []int64) func(*Sym) int64 {
	return func(s *Sym) int64 {
		if s.Axis >= 0 {
			return p[s.Axis]
		}
		return bound[s.Name]
	}
}

// points enumerates a domain.
func points(ext []Dim) [][]int64 {
	out := [][]int64{nil}
	for _, d := range ext {
		var next [][]int64
		for _, p := range out {
			for v := range max(d.Eval(at(nil)), 0) {
				next = append(next, append(slices.Clone(p), v))
			}
		}
		out = next
	}
	return out
}

// read is where m reads for result element r; ok is false where a guard fails.
func read(m Map, r []int64) (p []int64, ok bool) {
	for _, g := range m.Guard {
		if !g.Holds(at(r)) {
			return nil, false
		}
	}
	for k, in := range m.In {
		v := in.Eval(at(r))
		if v%m.DivOf(k) != 0 {
			return nil, false // the maps drawn below guard against it; Transpose and Compose have to
		}
		p = append(p, v/m.DivOf(k))
	}
	return p, true
}

// pairs lists (result, operand) of a map, sorted.
func pairs(m Map, ext []Dim) []string {
	var out []string
	for _, r := range points(ext) {
		if p, ok := read(m, r); ok {
			out = append(out, fmt.Sprint(r, p))
		}
	}
	slices.Sort(out)
	return out
}

func drawShape(t *rapid.T, label string, lo, hi int) []Dim {
	sizes := []Dim{Const(1), Const(2), Const(3), Const(5), Var("n"), Var("m"), Var("n").Add(Var("m")), Var("n").AddInt(-1)}
	return rapid.SliceOfN(rapid.SampledFrom(sizes), lo, hi).Draw(t, label)
}

func drawAffine(t *rapid.T, rank int) Dim {
	d := Const(int64(rapid.IntRange(-2, 2).Draw(t, "c0")))
	if rapid.IntRange(0, 4).Draw(t, "sym") == 0 {
		d = d.Add(Var("n"))
	}
	for k := range rank {
		c := rapid.SampledFrom([]int64{0, 0, 0, 1, 1, -1, 2, 3, -2}).Draw(t, "c")
		d = d.Add(Idx(k).Scale(c))
	}
	return d
}

// drawMap draws a map from ext into operand that is guarded to stay inside.
func drawMap(t *rapid.T, ext, operand []Dim) Map {
	m := Map{In: make([]Dim, len(operand)), Div: make([]int64, len(operand))}
	for k, size := range operand {
		in := drawAffine(t, len(ext))
		div := rapid.SampledFrom([]int64{1, 1, 1, 2, 3}).Draw(t, "div")
		m.In[k], m.Div[k] = in, div
		m.Guard = append(m.Guard,
			Cond{Kind: NonNegative, E: in},
			Cond{Kind: NonNegative, E: size.Scale(div).Sub(in).AddInt(-1)},
			Cond{Kind: Multiple, E: in, Mod: div})
	}
	if rapid.Bool().Draw(t, "extra") {
		kind := rapid.SampledFrom([]CondKind{NonNegative, Zero, Multiple}).Draw(t, "kind")
		m.Guard = append(m.Guard, Cond{Kind: kind, E: drawAffine(t, len(ext)), Mod: 2})
	}
	return m
}

func TestTransposeIsTheTransposedRelation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ext, operand := drawShape(t, "ext", 0, 3), drawShape(t, "operand", 0, 3)
		m := drawMap(t, ext, operand).Prune(ext)
		checkTranspose(t, m, ext, operand)
	})
}

func checkTranspose(t require.TestingT, m Map, ext, operand []Dim) {
	tr, free, ok := m.Transpose(ext, operand)
	require.True(t, ok, "no transpose of %s", m)
	require.Len(t, tr.In, len(ext))
	var got []string
	for _, q := range points(append(slices.Clone(operand), free...)) {
		if r, ok := read(tr, q); ok {
			got = append(got, fmt.Sprint(r, append([]int64(nil), q[:len(operand)]...)))
		}
	}
	slices.Sort(got)
	require.Equal(t, pairs(m, ext), got, "%s over %s of %s becomes %s", m, Format(ext), Format(operand), tr)
}

func TestTransposeOfCommonViews(t *testing.T) {
	n, m := Var("n"), Var("m")
	for name, c := range map[string]struct {
		in           []Dim
		ext, operand []Dim
	}{
		"window":    {[]Dim{Idx(0).Add(Idx(1))}, []Dim{n, Const(2)}, []Dim{n.AddInt(1)}},
		"stride":    {[]Dim{Idx(0).Scale(2).Add(Idx(1))}, []Dim{n, Const(2)}, []Dim{n.Scale(2)}},
		"flip":      {[]Dim{n.AddInt(-1).Sub(Idx(0))}, []Dim{n}, []Dim{n}},
		"diagonal":  {[]Dim{Idx(0), Idx(0)}, []Dim{n}, []Dim{n, n}},
		"broadcast": {[]Dim{Idx(1)}, []Dim{n, m}, []Dim{m}},
		"one row":   {[]Dim{Const(1), Idx(0)}, []Dim{m}, []Dim{n, m}},
	} {
		t.Run(name, func(t *testing.T) {
			checkTranspose(t, Map{In: c.in}, c.ext, c.operand)
		})
	}
}

func TestTransposeOfAWindowSumsOverTheWindow(t *testing.T) {
	m := Map{In: []Dim{Idx(0).Scale(2).Add(Idx(1))}}
	_, free, ok := m.Transpose([]Dim{Var("n"), Const(3)}, []Dim{Var("n").Scale(2).AddInt(1)})
	require.True(t, ok)
	require.True(t, EqualShapes(free, []Dim{Const(3)}), "sums over %s", Format(free))
}

func TestTransposeRefusesSymbolicSteps(t *testing.T) {
	m := Map{In: []Dim{Idx(0).Mul(Var("m"))}}
	_, _, ok := m.Transpose([]Dim{Var("n")}, []Dim{Var("n").Mul(Var("m"))})
	require.False(t, ok)
}

func TestComposeReadsThroughBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ext, mid, operand := drawShape(t, "ext", 0, 3), drawShape(t, "mid", 0, 3), drawShape(t, "operand", 0, 3)
		outer, inner := drawMap(t, ext, mid).Prune(ext), drawMap(t, mid, operand).Prune(mid)
		var want []string
		for _, r := range points(ext) {
			if q, ok := read(outer, r); ok {
				if p, ok := read(inner, q); ok {
					want = append(want, fmt.Sprint(r, p))
				}
			}
		}
		slices.Sort(want)
		c := Compose(outer, inner)
		require.Equal(t, want, pairs(c, ext), "%s then %s is %s", outer, inner, c)
		require.Equal(t, want, pairs(c.Prune(ext), ext), "pruned %s", c.Prune(ext))
	})
}

func TestPruneKeepsTheRelation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ext, operand := drawShape(t, "ext", 0, 3), drawShape(t, "operand", 0, 3)
		m := drawMap(t, ext, operand)
		require.Equal(t, pairs(m, ext), pairs(m.Prune(ext), ext))
	})
}

func TestPruneDropsWhatAlwaysHolds(t *testing.T) {
	n := Var("n")
	m := Map{In: []Dim{Idx(0).Add(Idx(1))}, Guard: []Cond{
		{Kind: NonNegative, E: Idx(0)},
		{Kind: NonNegative, E: n.AddInt(1).Sub(Idx(0)).Sub(Idx(1))},
		{Kind: Multiple, E: Idx(0).Scale(4), Mod: 2},
	}}
	require.Empty(t, m.Prune([]Dim{n, Const(3)}).Guard)
	require.Len(t, m.Prune([]Dim{n, Const(4)}).Guard, 1)
}
