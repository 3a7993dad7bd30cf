package check

import (
	"slices"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

func randomBuiltins() map[string]*builtin {
	return map[string]*builtin{
		"dropout":            {params: []string{"x", "p"}, run: dropout},
		"random.normal":      {params: []string{"shape?"}, run: func(b *bcall) val { return b.random("normal") }},
		"random.uniform":     {params: []string{"shape?"}, run: func(b *bcall) val { return b.random("uniform") }},
		"random.bernoulli":   {params: []string{"p"}, run: bernoulli},
		"random.categorical": {params: []string{"logits"}, run: categorical},
	}
}

// random is a tensor of numbers of a distribution; a scalar without a shape.
func (b *bcall) random(dist string) val {
	var ext []shape.Dim
	if b.has(0) {
		list, ok := b.dims(0)
		if !ok {
			return b.bad()
		}
		ext = list
	}
	return b.draw(dist, ext)
}

// draw numbers the call and makes its tensor: each call in the source, on each
// way to it, has a site of its own, and under iterations each of these its own
// numbers.
func (b *bcall) draw(dist string, ext []shape.Dim) val {
	c := b.c
	if c.rule != nil {
		return c.bad("G0508", b.at, "an update rule draws no random numbers")
	}
	if c.m == nil && c.fn == nil {
		return c.bad("G0520", b.at, "a constant of a file draws no random numbers")
	}
	c.sites++
	from := []val{b.counter("seed.low"), b.counter("seed.high"), b.counter("step")}
	element := shape.Dim{}
	stride := shape.Const(1)
	for k := len(ext) - 1; k >= 0; k-- {
		element = element.Add(shape.Idx(k).Mul(stride))
		stride = stride.Mul(ext[k])
	}
	number := tensor(c.b.IndexValue(element, ext), nil, b.at)
	return c.elementwiseAttr(dist, graph.Count(c.sites), b.at, append(from, b.iteration(), number)...)
}

// counter is a part of what random numbers are functions of. A call of an exported
// function is the first call with its seed.
func (b *bcall) counter(name string) val {
	c := b.c
	v, t := val{}, graph.Type{Elem: graph.Int}
	c.atRoot(func() {
		if c.fn != nil && name == "step" {
			v = tensor(c.b.Fill(1, t), nil, b.at)
		} else {
			v = tensor(c.b.Leaf("scalar", name, t), nil, b.at)
		}
	})
	return v
}

// iteration is the hash of the numbers of all enclosing iterations, the outermost
// of which are the batches of a training step.
func (b *bcall) iteration() val {
	c := b.c
	hash := tensor(c.b.Fill(0, graph.Type{Elem: graph.Int}), nil, b.at)
	if c.train {
		hash = b.counter("seed.batch")
	}
	around := []*region{nil}
	for r := c.reg; r != nil; r = r.outer {
		around = slices.Insert(around, 1, r)
	}
	for _, r := range around {
		if r != nil && r.step != nil {
			hash = c.elementwise("mixiter", b.at, hash, tensor(r.step, nil, b.at))
		}
		for _, t := range c.turns {
			if t.in == r {
				hash = c.elementwise("mixiter", b.at, hash, tensor(c.b.Fill(float64(t.k), graph.Type{Elem: graph.Int}), nil, b.at))
			}
		}
	}
	for _, k := range c.active {
		d := symDim(k.sym)
		hash = c.elementwise("mixiter", b.at, hash, val{kind: kTensor, aff: &d, idx: []*binder{k}, at: b.at})
	}
	return hash
}

// dropout sets elements to 0 with probability p while training, and scales the
// rest so that the mean stays. It is a product, not a choice: what has to be in
// range for x has to be so whatever is drawn. N. Srivastava et al.: Dropout, 2014.
func dropout(b *bcall) val {
	c := b.c
	x, p := b.real(0), b.real(1)
	if !x.ok() || !p.ok() {
		return b.bad()
	}
	if k, ok := p.number(); ok && (k < 0 || k >= 1) {
		return c.bad("G0514", b.args[1].at, "the probability of dropout lies in 0..1, 1 excluded")
	}
	if !c.train {
		return x
	}
	u := b.draw("uniform", x.inner())
	kept := c.elementwise("ge", b.at, u, p)
	one := tensor(c.b.Real(1), nil, b.at)
	scale := c.elementwise("div", b.at, one, c.elementwise("sub", b.at, one, p))
	return c.elementwise("mul", b.at, x, c.elementwise("where", b.at, kept, scale, tensor(c.b.Real(0), nil, b.at)))
}

// bernoulli is true with probability p, for each element of p.
func bernoulli(b *bcall) val {
	p := b.real(0)
	if !p.ok() {
		return p
	}
	return b.c.elementwise("lt", b.at, b.draw("uniform", p.inner()), p)
}

// categorical draws an index along the last axis, i in proportion to
// exp(logits[i]), as the place of the largest logit + Gumbel noise.
// E. J. Gumbel, 1954; C. J. Maddison, D. Tarlow, T. Minka: A* Sampling, 2014.
func categorical(b *bcall) val {
	c := b.c
	x := b.reals(0)
	if !x.ok() {
		return x
	}
	u := b.draw("uniform", x.inner())
	log := func(v val) val { return c.elementwise("log", b.at, v) }
	neg := func(v val) val { return c.elementwise("neg", b.at, v) }
	noisy := c.elementwise("sub", b.at, x, log(neg(log(u))))
	if !noisy.ok() {
		return noisy
	}
	return tensor(c.b.Op("argmax", graph.Axis(noisy.node.Type.Rank()-1), noisy.node), noisy.idx, b.at)
}
