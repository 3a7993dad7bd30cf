package lower

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/kernel"
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

// permuted reads axes in another order.
func TestAttention(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 2, "seq": 5})
	x := b.real("input", "x", "batch", "seq", 8)
	var params []*node
	project := func(name string) *node {
		w := b.real("param", name, 8, 8)
		params = append(params, w)
		y := b.Reshape(b.matmul(x, w), dims("batch", "seq", 2, 4))
		return b.Permute(y, []int{0, 2, 1, 3})
	}
	q, k, v := project("Wq"), project("Wk"), project("Wv")
	ext := dims("batch", 2, "seq", "seq", 4)
	product := b.Mul(b.View(q, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(2), idx(4)}}, 0, ext),
		b.View(k, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(3), idx(4)}}, 0, ext))
	scores := b.Scale(0.5, b.Sum(product, 4))
	causal := b.Map("le", b.IndexValue(idx(3), scores.Type.Shape), b.IndexValue(idx(2), scores.Type.Shape))
	masked := b.Where(causal, scores, b.Like(-1e9, scores))
	p := called("p", b.Op("softmax", nil, masked))
	ext = dims("batch", 2, "seq", 4, "seq")
	out := b.Sum(b.Mul(b.View(p, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(2), idx(4)}}, 0, ext),
		b.View(v, shape.Map{In: []shape.Dim{idx(0), idx(1), idx(4), idx(3)}}, 0, ext)), 4)
	merged := b.Reshape(b.Permute(out, []int{0, 2, 1, 3}), dims("batch", "seq", 8))
	wo := b.real("param", "Wo", 8, 8)
	y := b.matmul(merged, wo)
	prog := b.train(b.mean(b.Mul(y, y)), append(params, wo))
	t.Log(text(prog))
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

func TestLayerNormAndEmbedding(t *testing.T) {
	b := newBench(t, map[string]int64{"batch": 2, "seq": 3})
	tokens := b.ints("tokens", 7, "batch", "seq")
	e, gain, bias, w := b.real("param", "E", 7, 6), b.real("param", "g", 6), b.real("param", "b", 6), b.real("param", "W", 6, 6)
	ext := dims("batch", "seq", 6)
	wide := b.View(tokens, shape.Map{In: []shape.Dim{idx(0), idx(1)}}, 0, ext)
	at := graph.Gather{In: []shape.Dim{{}, idx(2)}, By: []int{0, -1}, Checked: true}
	x := called("x", b.Op("gather", at, e, wide))
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
