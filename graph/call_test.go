package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// tower calls, in each region, the one below twice: f(x) = g(g(x)) + 1.
func tower(b *Builder, height int, x *Node) *Node {
	var below *Region
	for range height {
		in := b.Inner(nil)
		p := in.Arg(0, x.Type)
		y := p
		if below != nil {
			y = twice(in, below, p)
		}
		below = in.Close([]*Node{p}, []*Node{in.Add(y, in.Like(1, y))}, nil)
	}
	return twice(b, below, x)
}

func twice(b *Builder, r *Region, x *Node) *Node {
	for range 2 {
		x = b.Result(b.Region("call", Callee{Name: "f"}, Type{Elem: Bool}, []*Region{r}, x), 0)
	}
	return x
}

func TestCallsShareTheirRegions(t *testing.T) {
	b := ops.NewBuilder(New())
	x := b.Leaf("input", "x", Type{Shape: []shape.Dim{shape.Const(2)}})
	y := tower(b, 50, x)
	require.NoError(t, Verify(b.G, []*Node{y}))
	text := Text(y)
	require.Less(t, len(text), 100000, "each region is said once")
	g, roots, err := Read(text, ops.Table())
	require.NoError(t, err)
	require.NoError(t, Verify(g, roots))
	require.Equal(t, text, Text(roots...))
	require.Equal(t, y, tower(b, 50, x), "equal calls are one node")
	require.NotEqual(t, y, tower(b, 49, x))
}

func TestCallsAreWorthTheirBodies(t *testing.T) {
	b := ops.NewBuilder(New())
	y := tower(b, 5, b.Fill(3, Type{Shape: []shape.Dim{shape.Const(2)}}))
	out, err := eval.Run([]*Node{y}, eval.Env{})
	require.NoError(t, err)
	require.Equal(t, []float64{3 + 2*31, 3 + 2*31}, out[0].Data) // f of height h adds 2^h - 1
}

func TestVerifyFindsMisfitsOfCalls(t *testing.T) {
	b := ops.NewBuilder(New())
	x, flag := b.Fill(3, Type{}), b.Fill(1, Type{Elem: Bool})
	in := b.Inner(nil)
	p := in.Arg(0, x.Type)
	r := in.Close([]*Node{p}, []*Node{in.Add(p, p)}, nil)
	b.Region("call", Callee{Name: "f"}, Type{Elem: Bool}, []*Region{r}, flag)
	require.ErrorContains(t, Verify(b.G, nil), "parameter 0 is real, want bool")
}
