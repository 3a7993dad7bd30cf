package check

import (
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

type kind uint8

const (
	kBad     kind = iota
	kTensor       // node over idx, or affine int
	kUntyped      // num/den, exact
	kKnown        // a bool known now
	kList         // a bracketed list whose use decides its type
	kFunc         // a function, layer or built-in
	kInst         // a layer instance
	kTuple        // several results
	kString
)

// val is what an expression evaluates to.
type val struct {
	kind     kind
	node     *graph.Node // tensor: axes are idx, then the value's own
	idx      []*binder
	aff      *shape.Dim // an int computed from dims and indices only
	num, den shape.Dim  // untyped
	ints     *val       // the same as ints, where use decides what elements of a list are
	known    bool
	items    []val // list, tuple
	fn       *function
	inst     *instance
	text     string
	at       diag.Span // the expression
	origin   diag.Span // the declaration it names, if any
	name     string    // the name it was read from
}

// binder is an index in scope: #sym runs over 0..ext, the name means lo + sym, or,
// where only the run can tell its range, start + sym.
type binder struct {
	name  string
	sym   *shape.Sym
	lo    shape.Dim
	ext   shape.Dim
	order int
	start *val
}

func tensor(n *graph.Node, idx []*binder, at diag.Span) val {
	return val{kind: kTensor, node: n, idx: idx, at: at}
}

func untyped(d shape.Dim, at diag.Span) val {
	return val{kind: kUntyped, num: d, den: shape.Const(1), at: at}
}

func knownBool(b bool, at diag.Span) val { return val{kind: kKnown, known: b, at: at} }

func (v val) ok() bool { return v.kind != kBad }

// elem is the element type of a tensor.
func (v val) elem() graph.Elem {
	if v.node == nil {
		return graph.Int
	}
	return v.node.Type.Elem
}

// inner is the shape without the axes of indices.
func (v val) inner() []shape.Dim {
	if v.node == nil {
		return nil
	}
	return v.node.Type.Shape[len(v.idx):]
}

func (v val) lead() int { return len(v.idx) }

func (v val) shapeText() string {
	if len(v.inner()) == 0 {
		return "a scalar"
	}
	return shape.Format(v.inner())
}

// extents are those of a list of indices.
func extents(idx []*binder) []shape.Dim {
	out := make([]shape.Dim, len(idx))
	for i, b := range idx {
		out[i] = b.ext
	}
	return out
}

// union merges index lists in order of nesting.
func union(lists ...[]*binder) []*binder {
	var out []*binder
	for _, l := range lists {
		for _, b := range l {
			if position(out, b) < 0 {
				out = append(out, b)
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].order < out[j].order })
	return out
}

func position(idx []*binder, b *binder) int {
	for i, x := range idx {
		if x == b {
			return i
		}
	}
	return -1
}

// place rewrites index names in d as axis numbers of a domain.
func place(d shape.Dim, idx []*binder) shape.Dim {
	return d.Subst(func(s *shape.Sym) (shape.Dim, bool) {
		for k, b := range idx {
			if b.sym == s {
				return shape.Idx(k), true
			}
		}
		return shape.Dim{}, false
	})
}

// nodeOf gives the graph node of a tensor, making the one of an affine int.
func (c *checker) nodeOf(v val) *graph.Node {
	if v.node != nil {
		return v.node
	}
	if len(steps(*v.aff)) > 0 {
		return c.affineNode(*v.aff, v.idx)
	}
	return c.b.IndexValue(place(*v.aff, v.idx), extents(v.idx))
}

// lift stretches v to the indices idx and the shape inner.
func (c *checker) lift(v val, idx []*binder, inner []shape.Dim) *graph.Node {
	n := c.nodeOf(v)
	own := n.Type.Shape[len(v.idx):]
	m := shape.Map{}
	for _, b := range v.idx {
		m.In = append(m.In, shape.Idx(position(idx, b)))
	}
	skip := len(inner) - len(own)
	for k, d := range own {
		at := shape.Idx(len(idx) + skip + k)
		if d.Is(1) && !inner[skip+k].Is(1) {
			at = shape.Dim{}
		}
		m.In = append(m.In, at)
	}
	return c.b.View(n, m, 0, append(extents(idx), inner...))
}

// typed turns untyped constants and lists into tensors: ints where wantInt says
// so, reals otherwise.
func (c *checker) typed(v val, wantInt bool) val {
	switch v.kind {
	case kUntyped:
		if wantInt {
			return c.asInt(v)
		}
		return c.asReal(v)
	case kKnown:
		x := 0.0
		if v.known {
			x = 1
		}
		return v.with(c.b.Fill(x, graph.Type{Elem: graph.Bool}))
	case kList:
		return c.listTensor(v, wantInt)
	case kFunc:
		out := c.bad("G0211", v.at, "%s is a function, not a value", v.fn.name)
		if c.rule == nil {
			out.withHelp(c, "call it, as in "+v.fn.name+"(x), or name a value")
		}
		if c.rule != nil && v.fn.name == "grad" {
			out.withHelp(c, "in a rule the gradient is g")
		}
		return out
	case kInst:
		return c.bad("G0211", v.at, "%s is %s, and a tensor is needed", short(v.at), v.describe()).
			withHelp(c, "call it, or take one of its parameters, as in "+short(v.at)+"."+v.inst.firstParam())
	case kTuple:
		return c.bad("G0210", v.at, "this has %d results where one value is needed", len(v.items)).
			withHelp(c, "unpack them first: "+unpacked("y", len(v.items))+" = "+short(v.at))
	case kString:
		return c.bad("G0401", v.at, "a string is not a value").withHelp(c, "strings stand in imports only")
	}
	return v
}

// with keeps where v stands and gives it a node without indices.
func (v val) with(n *graph.Node) val {
	return val{kind: kTensor, node: n, at: v.at, origin: v.origin, name: v.name}
}

func (c *checker) asReal(v val) val {
	switch v.kind {
	case kUntyped:
		return v.with(c.realOf(v))
	case kList, kFunc, kInst, kTuple, kString:
		return c.asRealTensor(c.typed(v, false))
	case kKnown:
		return c.wrongType(v, "bool", "real", "where(c, 1, 0) makes a number of a condition")
	}
	return c.asRealTensor(v)
}

func (c *checker) asRealTensor(v val) val {
	if !v.ok() {
		return v
	}
	switch v.elem() {
	case graph.Int:
		if c.ofIndex(v) {
			return v.with(c.b.ToReal(c.nodeOf(v)))
		}
		c.report(diag.New("G0402", v.at, "an int meets a real").
			WithLabel("int").WithHelp("write real(%s)", short(v.at)))
		return val{kind: kBad, at: v.at}
	case graph.Bool:
		return c.wrongType(v, "bool", "real", "where(c, 1, 0) makes a number of a condition")
	}
	return v
}

func (c *checker) wrongType(v val, found, want, help string) val {
	c.report(diag.New("G0401", v.at, "%s stands where %s is needed", article(found), article(want)).
		WithLabel("%s", found).WithHelp("%s", help))
	return val{kind: kBad, at: v.at}
}

func (c *checker) asInt(v val) val {
	switch v.kind {
	case kBad:
		return v
	case kUntyped:
		d, ok := c.dimOf(v)
		if !ok {
			return val{kind: kBad, at: v.at}
		}
		if k, isConst := d.IsConst(); isConst {
			if k > math.MaxInt32 || k < math.MinInt32 {
				return c.bad("G0408", v.at, "%d does not fit an int (32 bits)", k)
			}
			out := v.with(c.b.Fill(float64(k), graph.Type{Elem: graph.Int}))
			out.aff = &d
			return out
		}
		return val{kind: kTensor, aff: &d, at: v.at, origin: v.origin}
	case kList:
		return c.typed(v, true)
	case kTensor:
		if v.ints != nil {
			return *v.ints
		}
	case kKnown:
		return c.wrongType(v, "bool", "int", "an index or count is needed here")
	}
	v = c.typed(v, true)
	if v.ok() && v.elem() != graph.Int {
		help := "int(x) truncates a real to an int"
		if v.name != "" && v.node.Op.Name == "input" {
			help = "declare " + v.name + " as int"
		}
		return c.wrongType(v, v.elem().String(), "int", help)
	}
	return v
}

// number is the value of a real constant, if v is one.
func (v val) number() (float64, bool) {
	switch {
	case v.kind == kUntyped:
		n, nok := v.num.IsConst()
		d, dok := v.den.IsConst()
		return float64(n) / float64(d), nok && dok && d != 0
	case v.kind == kTensor && v.node != nil && v.node.Op.Name == "const" && v.node.Type.Rank() == 0:
		return float64(v.node.Attr.(graph.Number)), true
	}
	return 0, false
}

// listTensor stacks the items of a list, as ints where an int is among them.
func (c *checker) listTensor(v val, wantInt bool) val {
	wantInt = wantInt || v.hasInt() && mayBeInt(v)
	items := make([]val, len(v.items))
	for i, it := range v.items {
		if items[i] = c.typed(it, wantInt); !items[i].ok() {
			return items[i]
		}
	}
	return c.stack(items, v.at)
}

// hasInt reports whether a list holds a value that is an int, not only one that
// may become one.
func (v val) hasInt() bool {
	for _, it := range v.items {
		if isInt(it) || it.kind == kList && it.hasInt() {
			return true
		}
	}
	return false
}

// mayBeInt reports a value that is an int beside an int: a constant, or a list of
// whole numbers and ints, or an element of one.
func mayBeInt(v val) bool {
	if v.kind != kList {
		return v.kind == kUntyped || isInt(v) || v.ints != nil
	}
	for _, it := range v.items {
		if !mayBeInt(it) || it.kind == kUntyped && !it.den.Is(1) {
			return false
		}
	}
	return true
}

func short(at diag.Span) string {
	t := at.Text()
	if len(t) > 24 || strings.ContainsAny(t, "\n") {
		return ".."
	}
	return t
}

func isUpper(r rune) bool { return unicode.IsUpper(r) }

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func ordinal(n int) string { return strconv.Itoa(n) }
