package ops

import (
	"math"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

var losses = []*graph.Op{
	// y = log Σeᶻ - z[label]; z̄ = ȳ·(softmax(z) - 1 at the label).
	{Name: "cross_entropy", Doc: "-log softmax(logits) at the label, along the last axis", Arity: 2,
		Class: graph.CompositeOp, Infer: inferCrossEntropy,
		Checks: func(*node) bool { return true },
		Spare: func(b *builder, n, taken *node) *node {
			return b.Op(n.Op.Name, nil, n.Args[0], b.Where(taken, n.Args[1], b.Fill(0, n.Args[1].Type)))
		},
		Conditions: func(b *builder, n *node) []*node {
			z := n.Args[0].Type
			return []*node{b.Op("place", graph.Place{Ext: z.Shape[z.Rank()-1], What: "cross_entropy: label"}, n.Args[1])}
		},
		Expand: expandCrossEntropy, Reference: refCrossEntropy,
		Pullback: pullSlope(lessLabel), Pushforward: pushSlope(lessLabel)},
	// y = log(1 + eᶻ) - t·z with logit z and target t; z̄ = ȳ·(sigmoid(z) - t),
	// t̄ = -ȳ·z. Written so that neither term overflows or cancels.
	{Name: "bce", Doc: "binary cross entropy of a logit and a target between 0 and 1", Arity: 2,
		Class: graph.CompositeOp, Infer: same(nil, graph.Real),
		Expand: func(b *builder, n *node) *node {
			z, t := n.Args[0], n.Args[1]
			tail := b.Map("log1p", b.Map("exp", b.Neg(b.Map("abs", z))))
			return b.Add(b.Sub(b.Map("relu", z), b.Mul(t, z)), tail)
		},
		Reference: func(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
			y := tensor(out)
			for i, z := range args[0].Data {
				t := args[1].Data[i]
				y.Data[i] = t*softplus(-z) + (1-t)*softplus(z)
			}
			return y, nil
		},
		Partials: []partial2{
			func(b *builder, x []*node, y *node) *node { return b.Sub(b.Map("sigmoid", x[0]), x[1]) },
			func(b *builder, x []*node, y *node) *node { return b.Neg(x[0]) },
		}},
}

// lessLabel is softmax(z) less 1 at the label: the slope of cross_entropy. It
// finds the label by comparing, not by scattering: it runs along the classes
// anyway.
func lessLabel(b *builder, n *node) *node {
	z := n.Args[0]
	class := b.IndexValue(shape.Idx(z.Type.Rank()-1), z.Type.Shape)
	label := b.Restore(n.Args[1], lastAxis(z), z.Type.Shape)
	p := b.Op("softmax", nil, z)
	return b.Where(b.Map("eq", class, label), b.Sub(p, b.Like(1, p)), p)
}

// expandCrossEntropy reads the logit of the label checked: a label outside the
// classes is an error when the code runs.
func expandCrossEntropy(b *builder, n *node) *node {
	z, axes := n.Args[0], lastAxis(n.Args[0])
	at := alongLast(z)
	at.Checked = true
	m, e := shifted(b, z, axes)
	own := b.Op("gather", at, z, n.Args[1])
	return b.Add(b.Map("log", b.Sum(e, axes...)), b.Sub(m, own))
}

func refCrossEntropy(_ *node, args []graph.Tensor, out []int, _ dimsFunc) (graph.Tensor, error) {
	z, y := args[0], tensor(out)
	k := z.Shape[len(z.Shape)-1]
	for i, label := range args[1].Data {
		if label < 0 || label >= float64(k) {
			return y, &IndexError{At: []int{int(label)}, Shape: []int{k}}
		}
		line := z.Data[i*k : (i+1)*k]
		y.Data[i] = math.Max(0, refLogSumExp(line)-line[int(label)])
	}
	return y, nil
}
