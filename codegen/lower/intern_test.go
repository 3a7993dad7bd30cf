package lower

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

// Expressions are told apart by their operands, known before or not.
func TestExpressionsOfStrangersDiffer(t *testing.T) {
	in, b := newInterner(), &kernel.Buffer{Name: "x"}
	times := func(y kernel.Expr) kernel.Expr {
		return in.of(&kernel.Apply{Op: ops.Table()["mul"], Args: []kernel.Expr{&kernel.Ref{Name: "p"}, y}})
	}
	at := func(i int64) kernel.Expr { return &kernel.Load{Buf: b, At: kernel.Addr{Base: shape.Const(i)}} }
	require.NotSame(t, times(&kernel.Lit{V: -1}), times(at(0)))
	require.NotSame(t, times(at(0)), times(at(1)))
	require.Same(t, times(at(1)), times(at(1)))
}
