package emit

import (
	"math"
	"strconv"

	"github.com/gradgen/gradgen/graph"
)

// goType is the Go type of an element.
func (f *file) goType(e graph.Elem) string {
	return [...]string{f.real, "int32", "bool"}[e]
}

// literal prints a constant of an element type. It is the only place where
// numbers become text: signed zeros, infinities and NaN are written so that
// they arrive, and a float32 is written as the shortest text that names it.
func (f *file) literal(e graph.Elem, v float64) expr {
	switch e {
	case graph.Bool:
		return atom(strconv.FormatBool(v != 0))
	case graph.Int:
		return signed(strconv.FormatInt(int64(v), 10))
	}
	if f.width == "32" {
		v = float64(float32(v))
	}
	switch {
	case math.IsNaN(v):
		return f.converted("math.NaN()")
	case math.IsInf(v, 1):
		return f.converted("math.Inf(1)")
	case math.IsInf(v, -1):
		return f.converted("math.Inf(-1)")
	case v == 0 && math.Signbit(v):
		return f.converted("math.Copysign(0, -1)")
	}
	bits := 64
	if f.width == "32" {
		bits = 32
	}
	return signed(strconv.FormatFloat(v, 'g', -1, bits))
}

// converted wraps a float64 call for programs in float32.
func (f *file) converted(call string) expr {
	if f.width == "32" {
		return atom("float32(" + call + ")")
	}
	return atom(call)
}

func signed(s string) expr {
	if s[0] == '-' {
		return expr{s, unary}
	}
	return atom(s)
}
