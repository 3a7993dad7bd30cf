package vector

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// TestRefusals: loops that are left to Go.
func TestRefusals(t *testing.T) {
	x, o := buf("x"), buf("o")
	index := buffer("index", graph.Int)
	far := &kernel.Load{Buf: x, At: kernel.Addr{Base: i, Dyn: []kernel.Dyn{{X: load(index, shape.Const(0)), Stride: n}}}}
	_, ok := Build(loopTo(".i", n, store(o, i, far)), false)
	require.True(t, ok, "a whole row that data chooses")
	for name, l := range map[string]*kernel.Loop{
		"a row that may be nowhere": loopTo(".i", n, store(o, i, &kernel.Select{Cond: apply("gt", at(x), number(0)), X: far, Y: number(0)})),
		"a scalar that may be nowhere": loopTo(".i", n, store(o, i, &kernel.Select{Cond: apply("gt", at(x), number(0)),
			X: &kernel.Load{Buf: x, At: kernel.Addr{Dyn: far.At.Dyn}}, Y: number(0)})),
		"a gather":                 loopTo(".i", n, store(o, i, &kernel.Load{Buf: x, At: kernel.Addr{Dyn: []kernel.Dyn{{X: load(index, i), Stride: shape.Const(1)}}}})),
		"a step of two":            loopTo(".i", n, store(o, i, load(x, i.Scale(2)))),
		"a recurrence":             loopTo(".i", n, store(x, i.AddInt(1), at(x))),
		"memory read elsewhere":    loopTo(".i", n, store(x, i, load(x, shape.Const(3)))),
		"a value carried on":       loopTo(".i", n, set("s", apply("mul", ref("s"), at(x)))),
		"a sum that is read":       loopTo(".i", n, set("s", apply("add", ref("s"), at(x))), store(o, i, ref("s"))),
		"two steps of a sum":       loopTo(".i", n, set("s", apply("add", ref("s"), at(x))), set("s", apply("add", ref("s"), number(1)))),
		"few steps":                loopTo(".i", shape.Const(3), store(o, i, at(x))),
		"no vector form":           loopTo(".i", n, store(o, i, apply("lgamma", at(x)))),
		"angles of what it writes": loopTo(".i", n, store(x, i, apply("sin", at(x)))),
	} {
		_, ok := Build(l, false)
		assert.False(t, ok, name)
		assert.NotEmpty(t, Why(l, false), name)
	}
}
