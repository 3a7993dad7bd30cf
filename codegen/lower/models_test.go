package lower

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/plan"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

func idx(k int) shape.Dim { return shape.Idx(k) }

// conv is Σ (u, v, c) image[n, s·y+u-pad, s·x+v-pad, c]·K[u, v, c, f], zero outside.
func (b *bench) conv(image, k *node, stride, pad int64) *node {
	out := func(in, win shape.Dim) shape.Dim {
		return shape.Div(in.AddInt(2*pad).Sub(win), shape.Const(stride)).AddInt(1)
	}
	is, ks := image.Type.Shape, k.Type.Shape
	ext := []shape.Dim{is[0], out(is[1], ks[0]), out(is[2], ks[1]), ks[3], ks[0], ks[1], is[3]}
	y, x := idx(1).Scale(stride).Add(idx(4)).AddInt(-pad), idx(2).Scale(stride).Add(idx(5)).AddInt(-pad)
	m := shape.Map{In: []shape.Dim{idx(0), y, x, idx(6)}}
	for i, e := range []shape.Dim{y, x} {
		m.Guard = append(m.Guard, shape.Cond{E: e}, shape.Cond{E: is[1+i].AddInt(-1).Sub(e)})
	}
	kernel := b.View(k, shape.Map{In: []shape.Dim{idx(4), idx(5), idx(6), idx(3)}}, 0, ext)
	return b.Sum(b.Mul(b.View(image, m, 0, ext), kernel), 4, 5, 6)
}

// pool is the greatest of windows of 2 by 2.
func (b *bench) pool(x *node) *node {
	s := x.Type.Shape
	half := func(d shape.Dim) shape.Dim { return shape.Div(d, shape.Const(2)) }
	ext := []shape.Dim{s[0], half(s[1]), half(s[2]), s[3], shape.Const(2), shape.Const(2)}
	m := shape.Map{In: []shape.Dim{idx(0), idx(1).Scale(2).Add(idx(4)), idx(2).Scale(2).Add(idx(5)), idx(3)}}
	return b.Reduce("rmax", b.View(x, m, 0, ext), 4, 5)
}

func matmuls(p *kernel.Program) (n int) {
	for _, s := range p.Sections {
		for _, k := range s.Kernels {
			kernel.Walk(k.Body, func(s kernel.Stmt) {
				if _, ok := s.(*kernel.MatMul); ok {
					n++
				}
			})
		}
	}
	return n
}

func TestConvolution(t *testing.T) {
	for _, c := range []struct{ stride, pad int64 }{{1, 0}, {1, 1}, {2, 1}, {2, 0}} {
		b := newBench(t, map[string]int64{"batch": 3})
		x := b.real("input", "x", "batch", 9, 8, 2)
		k1, k2 := b.real("param", "K1", 3, 3, 2, 4), b.real("param", "K2", 3, 3, 4, 3)
		h := called("h", b.Op("relu", nil, b.conv(x, k1, c.stride, c.pad)))
		y := called("y", b.conv(h, k2, 1, c.pad))
		p := b.train(b.mean(b.Mul(y, y)), []*node{k1, k2})
		require.Equal(t, 5, matmuls(p), text(p)) // two forward, two dK, one dx
		t.Log(text(p))
	}
}

// The operand of a convolution has a gradient too: products by window, added up.
func TestConvolutionOfAParameter(t *testing.T) {
	for _, c := range []struct{ stride, pad int64 }{{1, 0}, {1, 2}, {2, 1}, {3, 0}} {
		b := newBench(t, map[string]int64{"batch": 3})
		x, k := b.real("param", "x", "batch", 9, 8, 2), b.real("param", "K", 3, 3, 2, 4)
		y := called("y", b.conv(x, k, c.stride, c.pad))
		p := b.train(b.mean(b.Mul(y, y)), []*node{x, k})
		require.Equal(t, 3, matmuls(p), text(p))
		require.NotContains(t, text(p), "x_view") // no windows of x
		if c.stride < 3 {
			require.Contains(t, text(p), "+= contract[") // products added up in order
		}
	}
}

// A signal has no batch: its places are rows, and each piece reads beyond its own.
func TestConvolutionOfASignal(t *testing.T) {
	for _, stride := range []int64{1, 2} {
		b := newBench(t, map[string]int64{"n": 11})
		x, k := b.real("param", "x", 25, 3), b.real("param", "K", 5, 3, 4)
		out := (25-5)/stride + 1
		ext := dims(int(out), 4, 5, 3)
		windows := b.View(x, shape.Map{In: []shape.Dim{idx(0).Scale(stride).Add(idx(2)), idx(3)}}, 0, ext)
		y := called("y", b.Sum(b.Mul(windows, b.View(k, shape.Map{In: []shape.Dim{idx(2), idx(3), idx(1)}}, 0, ext)), 2, 3))
		p := b.train(b.mean(b.Mul(y, y)), []*node{x, k})
		require.Equal(t, 3, matmuls(p), text(p))
	}
}

func TestAutocorrelation(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 40})
	x := b.real("param", "x", "n")
	ext := []shape.Dim{shape.Const(8), x.Type.Shape[0].AddInt(-8)}
	later := b.View(x, shape.Map{In: []shape.Dim{idx(0).Add(idx(1))}}, 0, ext)
	y := called("y", b.Sum(b.Mul(b.View(x, shape.Map{In: []shape.Dim{idx(1)}}, 0, ext), later), 1))
	b.train(b.mean(b.Mul(y, y)), []*node{x})
}

func TestLeNet(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 2})
	x, label := b.real("input", "x", "batch", 12, 12, 1), b.ints("label", 4, "batch")
	k1, k2 := b.real("param", "K1", 3, 3, 1, 4), b.real("param", "K2", 3, 3, 4, 3)
	w := b.real("param", "W", 12, 4)
	h := b.pool(b.Op("relu", nil, b.conv(x, k1, 1, 1)))
	h = b.pool(b.Op("relu", nil, b.conv(h, k2, 1, 0)))
	logits := b.matmul(b.Reshape(h, dims("batch", 12)), w)
	loss := b.mean(b.Op("cross_entropy", nil, logits, label))
	t.Log(text(b.train(loss, []*node{k1, k2, w})))
}

// attention is causal self-attention with two heads.
func (b *bench) attention(name string, x *node) (out *node, params []*node) {
	batch, seq, width := x.Type.Shape[0], x.Type.Shape[1], x.Type.Shape[2]
	d := shape.Quotient(width, shape.Const(2))
	weights := func(s string) *node {
		w := b.real("param", name+s, width, width)
		params = append(params, w)
		return w
	}
	project := func(s string) *node {
		return b.Permute(b.Reshape(b.matmul(x, weights(s)), dims(batch, seq, 2, d)), []int{0, 2, 1, 3})
	}
	q, k, v := project("Wq"), project("Wk"), project("Wv")
	ext := dims(batch, 2, seq, seq, d)
	product := b.Mul(b.View(q, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(2), idx(4)}}, 0, ext),
		b.View(k, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(3), idx(4)}}, 0, ext))
	scores := b.Scale(0.5, b.Sum(product, 4))
	causal := b.Map("le", b.IndexValue(idx(3), scores.Type.Shape), b.IndexValue(idx(2), scores.Type.Shape))
	masked := b.Where(causal, scores, b.Like(-1e9, scores))
	p := called(name+"p", b.Op("softmax", nil, masked))
	ext = dims(batch, 2, seq, d, seq)
	heads := b.Sum(b.Mul(b.View(p, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(2), idx(4)}}, 0, ext),
		b.View(v, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(4), idx(3)}}, 0, ext)), 4)
	merged := b.Reshape(b.Permute(heads, []int{0, 2, 1, 3}), dims(batch, seq, width))
	return b.matmul(merged, weights("Wo")), params
}

func TestAttention(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 2, "seq": 5})
	y, params := b.attention("", b.real("input", "x", "batch", "seq", 8))
	t.Log(text(b.train(b.mean(b.Mul(y, y)), params)))
}

func (b *bench) layerNorm(x, gain, bias *node) *node {
	last := x.Type.Rank() - 1
	n := b.ToReal(b.Dim(x.Type.Shape[last]))
	mean := b.Restore(b.Div(b.Sum(x, last), b.View(n, shape.Map{}, 0, x.Type.Shape[:last])), graph.Axes{last}, x.Type.Shape)
	c := b.Sub(x, mean)
	v := b.Op("var", graph.Axes{last}, x)
	r := b.Restore(b.Op("rsqrt", nil, b.Add(v, b.Like(1e-5, v))), graph.Axes{last}, x.Type.Shape)
	return b.Add(b.Mul(b.Mul(c, r), gain), bias)
}

// embed reads the rows of e that tokens name.
func (b *bench) embed(e, tokens *node) *node {
	ext := append(append([]shape.Dim{}, tokens.Type.Shape...), e.Type.Shape[1])
	wide := b.View(tokens, shape.Map{In: []shape.Dim{idx(0), idx(1)}}, 0, ext)
	at := graph.Gather{In: []shape.Dim{{}, idx(2)}, By: []int{0, -1}, Checked: true}
	return b.Op("gather", at, e, wide)
}

func TestLayerNormAndEmbedding(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 2, "seq": 3})
	tokens := b.ints("tokens", 7, "batch", "seq")
	e, gain, bias, w := b.real("param", "E", 7, 6), b.real("param", "g", 6), b.real("param", "b", 6), b.real("param", "W", 6, 6)
	x := called("x", b.embed(e, tokens))
	h := called("h", b.Op("gelu", nil, b.matmul(b.layerNorm(x, gain, bias), w)))
	y := b.Add(x, h)
	t.Log(text(b.train(b.mean(b.Mul(y, y)), []*node{e, gain, bias, w})))
}

func TestRowsAndConcat(t *testing.T) {
	b := newBench(t, map[string]int64{"n": 4})
	x, y := b.real("param", "x", "n", 5), b.real("param", "y", "n", 2)
	z := b.Op("concat", graph.Axis(1), b.Op("sort", nil, x), b.Op("exp", nil, y))
	u := b.Op("concat", graph.Axis(0), z, b.Op("cumsum", nil, z))
	l := b.Op("logsumexp", graph.Axes{1}, u)
	b.train(b.Sum(b.Mul(l, l), 0), []*node{x, y}, b.Sum(b.Op("cumprod", nil, x), 0, 1), b.ToReal(b.Sum(b.ToReal(b.Op("argsort", nil, y)), 0, 1)))
}

// transformer is a language model of that many blocks.
func (b *bench) transformer(layers int, width any) (loss *node, params []*node) {
	param := func(name string, xs ...any) *node {
		w := b.real("param", name, xs...)
		params = append(params, w)
		return w
	}
	tokens, label := b.ints("tokens", 7, "batch", "seq"), b.ints("label", 7, "batch", "seq")
	x := b.embed(param("E", 7, width), tokens)
	norm := func(name string, x *node) *node {
		return b.layerNorm(x, param(name+"g", width), param(name+"b", width))
	}
	for i := range layers {
		name := fmt.Sprintf("block%d.", i)
		y, ws := b.attention(name, norm(name+"1", x))
		params = append(params, ws...)
		x = b.Add(x, y)
		w1, w2 := param(name+"W1", width, dim(width).Scale(4)), param(name+"W2", dim(width).Scale(4), width)
		x = b.Add(x, b.matmul(b.Op("gelu", nil, b.matmul(norm(name+"2", x), w1)), w2))
	}
	logits := b.matmul(x, param("out", width, 7))
	return b.mean(b.Op("cross_entropy", nil, logits, label)), params
}

func TestTransformer(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 2, "seq": 3})
	loss, params := b.transformer(2, 4)
	b.train(loss, params)
}

// TestCodeGrowsWithLayersOnly: every block adds the same number of statements.
func TestCodeGrowsWithLayersOnly(t *testing.T) {
	var sizes []int
	for layers := 1; layers <= 4; layers++ {
		b := newBench(t, map[string]int64{"batch": 1, "seq": 1})
		loss, params := b.transformer(layers, 64)
		n := 0
		for _, s := range lowerTrain(b.model(loss, params), 0).Sections {
			for _, k := range s.Kernels {
				kernel.Walk(k.Body, func(kernel.Stmt) { n++ })
			}
		}
		sizes = append(sizes, n)
	}
	require.InDelta(t, sizes[2]-sizes[1], sizes[3]-sizes[2], 2, sizes)
	require.Less(t, sizes[3]-sizes[2], 250, sizes)
}

func BenchmarkTransformer(t *testing.B) {
	for _, layers := range []int{3, 6, 12} {
		b := newBench(t, map[string]int64{"batch": 1, "seq": 1})
		loss, params := b.transformer(layers, 128)
		m := b.model(loss, params)
		t.Run(fmt.Sprint(layers), func(t *testing.B) {
			for range t.N {
				plan.Program(lowerTrain(m, 0))
			}
		})
	}
}
