package main

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"

	"github.com/gradgen/gradgen/bench/peers/go/child"
)

// The backend lacks Pad, Reverse and SelectAndScatter, and so gradients of slices, of convolutions by their input and of
// pooling: gates, queries, keys and values have weights of their own with the same values, pooling is a reduction, and a
// convolution a gather and a product.

const note = "gradients of products as products"

// dot multiplies over axes ca and cb after nb axes of a batch. GoMLX makes the gradient of a product by broadcasting,
// multiplying and summing, which its backend in Go does as it stands; here it is made of products.
func dot(a, b *Node, nb, ca, cb int) *Node {
	batch := []int{0, 1}[:nb]
	mul := func(x *Node, cx int, y *Node, cy int) *Node {
		return DotGeneral(x, []int{cx}, batch, y, []int{cy}, batch)
	}
	var vy *Node
	fa, fb := 2*nb+1-ca, 2*nb+1-cb // the axes that stay
	a2 := IdentityWithCustomGradient(a, func(_, _ *Node) *Node {
		if ca < fa {
			return mul(b, fb, vy, nb+1)
		}
		return mul(vy, nb+1, b, fb)
	})
	b2 := IdentityWithCustomGradient(b, func(_, _ *Node) *Node {
		if cb < fb {
			return mul(a, fa, vy, nb)
		}
		return mul(vy, nb, a, fa)
	})
	return IdentityWithCustomGradient(mul(a2, ca, b2, cb), func(_, v *Node) *Node { vy = v; return v })
}

// net is a graph under construction.
type net struct {
	child.Args
	ctx *context.Context
	g   *Graph
}

func (n net) variable(name string, values []float32, dims ...int) *Node {
	return n.ctx.VariableWithValue(name, tensors.FromFlatDataAndDimensions(values, dims...)).ValueGraph(n.g)
}

func (n net) w(name string, dims ...int) *Node {
	size := 1
	for _, d := range dims {
		size *= d
	}
	return n.variable(name, n.Floats(name, size), dims...)
}

// part is block i of the columns of a parameter, or of a vector if it has one row.
func (n net) part(name string, i, parts, rows, cols int) *Node {
	v, c := n.Floats(name, rows*cols), cols/parts
	out := make([]float32, 0, rows*c)
	for r := range rows {
		out = append(out, v[r*cols+i*c:][:c]...)
	}
	dims := []int{rows, c}
	if rows == 1 {
		dims = dims[1:]
	}
	return n.variable(fmt.Sprintf("%s_%d", name, i), out, dims...)
}

func row(b *Node, rank int) *Node {
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = 1
	}
	dims[rank-1] = b.Shape().Size()
	return Reshape(b, dims...)
}

func (n net) dense(x *Node, w, b string, in, out int) *Node {
	return Add(dot(x, n.w(w, in, out), 0, 1, 0), row(n.w(b, out), 2))
}

func mlp(n net, x *Node) *Node {
	return n.dense(activations.Relu(n.dense(x, "w1", "b1", 784, 128)), "w2", "b2", 128, 10)
}

// conv is of x [h, w, batch, c] with a kernel of k rows and columns, and is [.., .., batch, o].
func (n net) conv(x *Node, kernel, bias string, k, o int) *Node {
	h, w, b, c := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	ho, wo := h-k+1, w-k+1
	var at []int32
	for i := range ho * wo * k * k {
		p, t := i/(k*k), i%(k*k)
		at = append(at, int32((p/wo+t/k)*w+p%wo+t%k))
	}
	patches := Gather(Reshape(x, h*w, b*c), Const(n.g, tensors.FromFlatDataAndDimensions(at, len(at), 1)))
	patches = Reshape(TransposeAllAxes(Reshape(patches, ho*wo, k*k, b, c), 0, 2, 3, 1), ho*wo*b, c*k*k)
	weights := TransposeAllAxes(Reshape(n.w(kernel, o, c, k, k), o, c*k*k), 1, 0)
	return Reshape(Add(dot(patches, weights, 0, 1, 0), row(n.w(bias, o), 2)), ho, wo, b, o)
}

func pool(x *Node) *Node {
	d := x.Shape().Dimensions
	return ReduceMax(Reshape(x, d[0]/2, 2, d[1]/2, 2, d[2], d[3]), 1, 3)
}

func lenet(n net, x *Node) *Node {
	b := x.Shape().Dim(0)
	x = TransposeAllAxes(Reshape(x, b, 28, 28, 1), 1, 2, 0, 3)
	zero := Zeros(n.g, x.Shape())
	rows := Slice(zero, AxisRange(0, 2))
	x = Concatenate([]*Node{rows, x, rows}, 0)
	corner := Slice(rows, AxisRange(), AxisRange(0, 2))
	cols := Concatenate([]*Node{corner, Slice(zero, AxisRange(), AxisRange(0, 2)), corner}, 0)
	x = Concatenate([]*Node{cols, x, cols}, 1)
	h := pool(activations.Relu(n.conv(x, "k1", "c1", 5, 6)))
	h = pool(activations.Relu(n.conv(h, "k2", "c2", 5, 16)))
	h = Reshape(TransposeAllAxes(h, 2, 3, 0, 1), b, 400)
	h = activations.Relu(n.dense(h, "w1", "b1", 400, 120))
	return n.dense(activations.Relu(n.dense(h, "w2", "b2", 120, 84)), "w3", "b3", 84, 10)
}

const symbols, layers, width, heads, seq = 65, 4, 128, 4, 128

func (n net) norm(x *Node, gain, bias string) *Node {
	c := Sub(x, ReduceAndKeep(x, ReduceMean, -1))
	s := Sqrt(AddScalar(ReduceAndKeep(Square(c), ReduceMean, -1), 1e-5)) // Rsqrt has no gradient
	return Add(Mul(Div(c, s), row(n.w(gain, width), 2)), row(n.w(bias, width), 2))
}

func gelu(x *Node) *Node {
	t := Tanh(MulScalar(Add(x, MulScalar(Mul(x, Square(x)), 0.044715)), math.Sqrt(2/math.Pi)))
	return Mul(MulScalar(x, 0.5), AddScalar(t, 1))
}

func gpt(n net, x *Node) *Node {
	b := x.Shape().Dim(0)
	tok := Gather(n.w("tok", symbols, width), Reshape(x, b, seq, 1))
	h := Reshape(Add(tok, Reshape(n.w("pos", seq, width), 1, seq, width)), b*seq, width)
	for i := range layers {
		p := fmt.Sprintf("l%d.", i)
		h = Add(h, n.dense(n.attention(n.norm(h, p+"g1", p+"b1"), p, b), p+"wo", p+"bo", width, width))
		h = Add(h, n.dense(gelu(n.dense(n.norm(h, p+"g2", p+"b2"), p+"w1", p+"c1", width, 4*width)), p+"w2", p+"c2", 4*width, width))
	}
	return dot(n.norm(h, "gf", "bf"), n.w("head", width, symbols), 0, 1, 0)
}

func (n net) attention(x *Node, p string, b int) *Node {
	var q [3]*Node
	for i := range q {
		q[i] = Add(dot(x, n.part(p+"wqkv", i, 3, width, 3*width), 0, 1, 0), row(n.part(p+"bqkv", i, 3, 1, 3*width), 2))
		q[i] = TransposeAllAxes(Reshape(q[i], b, seq, heads, width/heads), 0, 2, 1, 3)
	}
	s := MulScalar(dot(q[0], q[1], 2, 3, 3), 1/math.Sqrt(width/heads))
	mask := Reshape(LowerTriangular(n.g, seq), 1, 1, seq, seq)
	s = Where(BroadcastToShape(mask, s.Shape()), s, BroadcastToShape(Scalar(n.g, s.DType(), -1e30), s.Shape()))
	return Reshape(TransposeAllAxes(dot(Softmax(s, -1), q[2], 2, 3, 2), 0, 2, 1, 3), b*seq, width)
}

func lstm(n net, x *Node) *Node {
	b := x.Shape().Dim(0)
	var wx, wh, bias [4]*Node
	for i := range 4 {
		wx[i], wh[i], bias[i] = n.part("wx", i, 4, 64, 512), n.part("wh", i, 4, 128, 512), row(n.part("b", i, 4, 1, 512), 2)
	}
	var h, c *Node
	for t := range 64 {
		xt := Reshape(Slice(x, AxisRange(), AxisElem(t)), b, 64)
		var z [4]*Node
		for i := range z {
			z[i] = Add(dot(xt, wx[i], 0, 1, 0), bias[i])
			if t > 0 {
				z[i] = Add(z[i], dot(h, wh[i], 0, 1, 0))
			}
		}
		next := Mul(Sigmoid(z[0]), Tanh(z[2]))
		if t > 0 {
			next = Add(next, Mul(Sigmoid(z[1]), c))
		}
		c, h = next, Mul(Sigmoid(z[3]), Tanh(next))
	}
	return n.dense(h, "w", "c", 128, 10)
}
