package ops

import "github.com/gradgen/gradgen/graph"

var control = []*graph.Op{
	{Name: "mark", Doc: "x itself, under an identity of its own", Arity: 1, Class: graph.MarkOp, Unique: true,
		Infer: func(args []graph.Type, _ graph.Attr) (graph.Type, error) { return args[0], nil },
		Pullback: func(_ *builder, _ *node, ct graph.Cotangent) []graph.Cotangent {
			return []graph.Cotangent{ct}
		},
		Pushforward: func(_ *builder, _ *node, t []*node) *node { return t[0] },
		Reference:   copyOf},
	{Name: "stated", Doc: "a value with a derivative stated by hand", Arity: -1, Class: graph.MarkOp, Stated: true,
		Infer: func(args []graph.Type, _ graph.Attr) (graph.Type, error) { return args[0], nil }, Reference: copyOf},
	// Derivatives still to be taken, by a mark or leaf x; they have no rules of their own.
	{Name: "gradient", Doc: "gradient of the scalar y by x", Arity: 2, Class: graph.DerivOp, Given: true},
	{Name: "jvp", Doc: "tangent of y, the tangents of x, .. being v, ..: y, x, v, ..", Arity: -1, Class: graph.DerivOp, Given: true},
	{Name: "vjp", Doc: "cotangent of x, the cotangent of y being u", Arity: 3, Class: graph.DerivOp, Given: true},
	{Name: "jvps", Doc: "jvp for each element of a first axis of v, ..", Arity: -1, Class: graph.DerivOp, Given: true},
	{Name: "vjps", Doc: "vjp for each element of a first axis of u", Arity: 3, Class: graph.DerivOp, Given: true},
	// Control flow has rules of its own in every pass.
	{Name: "scan", Doc: "a body run a number of times, values carried from step to step", Arity: -1,
		Class: graph.RegionOp, Given: true},
	{Name: "while", Doc: "a body run as long as a condition holds", Arity: -1, Class: graph.RegionOp, Given: true},
	{Name: "branch", Doc: "one of two bodies, by a condition", Arity: -1, Class: graph.RegionOp, Given: true},
	{Name: "call", Doc: "the body of a recursive function, shared by all calls of it with the same shapes", Arity: -1,
		Class: graph.RegionOp, Given: true},
	{Name: "result", Doc: "one of the values of a loop, branch or call", Arity: 1, Class: graph.ResultOp, Given: true},
}

// copyOf gives the elements of the operand under the result's shape.
func copyOf(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
	t := tensor(out)
	copy(t.Data, args[0].Data)
	return t, nil
}
