package ops_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/ops"
	"github.com/gradgen/gradgen/graph/shape"
)

func typ(e graph.Elem, s ...shape.Dim) graph.Type { return graph.Type{Elem: e, Shape: s} }

func TestInfer(t *testing.T) {
	const (
		R = graph.Real
		I = graph.Int
		B = graph.Bool
	)
	rows := graph.Gather{In: []shape.Dim{{}, i1}, By: []int{0, -1}}
	masked := graph.Gather{In: []shape.Dim{{}, i1}, By: []int{0, -1}, Masked: true}
	for _, c := range []struct {
		op   string
		attr graph.Attr
		args []graph.Type
		want string // the type or, after "!", part of the complaint
	}{
		{"exp", nil, []graph.Type{typ(R, n)}, "real [n]"},
		{"exp", nil, []graph.Type{typ(I, n)}, "!operand 1 is int [n], want real [n]"},
		{"add", nil, []graph.Type{typ(R, n), typ(R, m)}, "!operand 2 is real [m], want real [n]"},
		{"add", nil, []graph.Type{typ(R, n)}, "!1 operands, want 2"},
		{"powi", graph.Count(2), []graph.Type{typ(R, n)}, "real [n]"},
		{"powi", nil, []graph.Type{typ(R, n)}, "!no count"},
		{"powd", nil, []graph.Type{typ(R, n), typ(I, n)}, "real [n]"},
		{"powd", nil, []graph.Type{typ(R, n), typ(R, n)}, "!operand 2 is real [n], want int [n]"},
		{"iadd", nil, []graph.Type{typ(I), typ(I)}, "int"},
		{"iadd", nil, []graph.Type{typ(R), typ(R)}, "!operand 1 is real, want int"},
		{"lt", nil, []graph.Type{typ(I, n), typ(I, n)}, "bool [n]"},
		{"lt", nil, []graph.Type{typ(B, n), typ(B, n)}, "!want real or int"},
		{"eq", nil, []graph.Type{typ(B, n), typ(B, n)}, "bool [n]"},
		{"eq", nil, []graph.Type{typ(B, n), typ(I, n)}, "!operand 2 is int [n], operand 1 is bool [n]"},
		{"and", nil, []graph.Type{typ(I), typ(I)}, "!want bool"},
		{"where", nil, []graph.Type{typ(B, n), typ(I, n), typ(I, n)}, "int [n]"},
		{"where", nil, []graph.Type{typ(R, n), typ(I, n), typ(I, n)}, "!the condition is real [n], want bool"},
		{"where", nil, []graph.Type{typ(B, n), typ(I, n), typ(R, n)}, "!the alternatives are int [n] and real [n]"},
		{"where", nil, []graph.Type{typ(B, m), typ(R, n), typ(R, n)}, "!the condition is bool [m]"},
		{"real", nil, []graph.Type{typ(B, n)}, "real [n]"},
		{"int", nil, []graph.Type{typ(I, n)}, "!want real or bool"},
		{"sum", graph.Axes{0, 2}, []graph.Type{typ(R, n, m, c(2))}, "real [m]"},
		{"sum", graph.Axes{2}, []graph.Type{typ(R, n, m)}, "!axes 2 of real [n, m]"},
		{"sum", graph.Axes{1, 0}, []graph.Type{typ(R, n, m)}, "!axes 1 0 of"},
		{"sum", nil, []graph.Type{typ(R, n)}, "!no axes"},
		{"any", graph.Axes{0}, []graph.Type{typ(B, n)}, "bool"},
		{"any", graph.Axes{0}, []graph.Type{typ(R, n)}, "!want bool"},
		{"argmax", graph.Axis(0), []graph.Type{typ(R, n, m)}, "int [m]"},
		{"argmax", graph.Axis(2), []graph.Type{typ(R, n, m)}, "!axis 2 of"},
		{"argsort", nil, []graph.Type{typ(R, n)}, "int [n]"},
		{"softmax", nil, []graph.Type{typ(R)}, "!want a real with a last axis"},
		{"concat", graph.Axis(1), []graph.Type{typ(R, n, m), typ(R, n, c(2))}, "real [n, m + 2]"},
		{"concat", graph.Axis(1), []graph.Type{typ(R, n, m), typ(R, m, m)}, "!axis 0 differs"},
		{"concat", graph.Axis(1), []graph.Type{typ(R, n, m), typ(I, n, m)}, "!operand 2 is int [n, m]"},
		{"gather", rows, []graph.Type{typ(R, n, m), typ(I, c(4), m)}, "real [4, m]"},
		{"gather", rows, []graph.Type{typ(R, n), typ(I, c(4))}, "!2 subscripts of real [n]"},
		{"gather", rows, []graph.Type{typ(R, n, m), typ(R, c(4), m)}, "!operand 2 is real [4, m], want int [4, m]"},
		{"gather", masked, []graph.Type{typ(R, n, m), typ(I, n, m), typ(B, n, m)}, "real [n, m]"},
		{"gather", masked, []graph.Type{typ(R, n, m), typ(I, n, m), typ(I, n, m)}, "!want bool [n, m]"},
		{"cross_entropy", nil, []graph.Type{typ(R, n, m), typ(I, n)}, "real [n]"},
		{"cross_entropy", nil, []graph.Type{typ(R, n, m), typ(I, m)}, "!the label is int [m], want int [n]"},
		{"cross_entropy", nil, []graph.Type{typ(R), typ(I)}, "!the logits are real"},
		{"bce", nil, []graph.Type{typ(R, n), typ(R, m)}, "!operand 2 is real [m]"},
		{"inv", nil, []graph.Type{typ(R, m, n, n)}, "real [m, n, n]"},
		{"inv", nil, []graph.Type{typ(R, n, m)}, "!the operand is real [n, m], want real square matrices"},
		{"cholesky", nil, []graph.Type{typ(R, n)}, "!want real square matrices"},
		{"det", nil, []graph.Type{typ(R, m, n, n)}, "real [m]"},
		{"det", nil, []graph.Type{typ(I, n, n)}, "!want real square matrices"},
		{"solve", nil, []graph.Type{typ(R, n, n), typ(R, n, m)}, "real [n, m]"},
		{"solve", nil, []graph.Type{typ(R, n, n), typ(R, n)}, "!operand 2 is real [n], operand 1 is real [n, n]"},
		{"lower_solve", nil, []graph.Type{typ(R, n, n), typ(R, m, n)}, "!operand 2 is real [m, n]"},
		{"view", nil, []graph.Type{typ(R, n)}, "!stated, not inferred"},
	} {
		got, err := graph.InferType(ops.Table()[c.op], c.args, c.attr)
		if c.want[0] == '!' {
			require.Error(t, err, c.op)
			assert.Contains(t, err.Error(), c.want[1:], c.op)
		} else {
			require.NoError(t, err, c.op)
			assert.Equal(t, c.want, got.String(), c.op)
		}
	}
}
