// Package plan gives every buffer of a program its place in one workspace, and finds what
// products may keep for one another.
//
// For `h = relu(x @ W + b); y = h @ V` the buffers of a prediction are the
// product h_contract, h and y. h is computed in place of the product, which is
// read for the last time by the statement that writes h; y gets a place of its
// own, since the kernel that writes it reads h:
//
//	h_contract [batch, 128]  at 0
//	h          [batch, 128]  at 0
//	y          [batch, 10]   at 128*batch
//
// Places are polynomials in the run-time dims, found without knowing their
// values: buffers share a place where one is certainly not smaller. A buffer whose
// size only the run tells has memory of its own, which grows.
package plan

import (
	"sort"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// Plan places the buffers of all programs of a unit.
func Plan(u *kernel.Unit) {
	for _, m := range u.Models {
		for _, p := range m.Programs() {
			Program(p)
		}
	}
	for _, f := range u.Funcs {
		Program(f.Program)
	}
}

// Program places the arena buffers of one program.
func Program(p *kernel.Program) {
	lives := lifetimes(p)
	hosts := inPlace(p, lives)
	p.ArenaLen = map[graph.Elem]shape.Dim{}
	for _, e := range []graph.Elem{graph.Real, graph.Int, graph.Bool} {
		for _, frame := range frames(p) {
			var own []*kernel.Buffer
			for _, b := range p.Buffers {
				if b.Kind == kernel.Arena && b.Elem == e && hosts[b] == nil && !b.Grows() && frame.holds(b) {
					own = append(own, b)
				}
			}
			if len(own) > 0 {
				p.ArenaLen[e] = pack(own, lives, p.ArenaLen[e])
			}
		}
	}
	keep(p)
	for _, s := range p.Sections {
		for _, k := range kernel.All(s.Kernels) {
			own(k, hosts)
		}
	}
	for _, b := range p.Buffers {
		if h := hosts[b]; h != nil {
			b.Offset = h.Offset
		}
	}
}

// frames are the kernels whose buffers may share places. A section that others call
// has a frame of its own, since they go on when it is done; it is under way once at
// most.
func frames(p *kernel.Program) []life {
	out, n := []life{{last: 1}}, 0
	for _, s := range p.Sections {
		if s.Called() {
			out = append(out, life{n, n + len(s.Kernels)})
		} else {
			out[0].last = max(out[0].last, n+len(s.Kernels))
		}
		n += len(s.Kernels)
	}
	return out
}

// holds reports a buffer of these kernels.
func (f life) holds(b *kernel.Buffer) bool { return f.first <= b.First && b.First < f.last }

// life is the range of kernels, numbered through all sections, in which a place
// is taken: by a buffer and those computed in its place.
type life struct{ first, last int }

// lifetimes sets First and Last of all buffers.
func lifetimes(p *kernel.Program) map[*kernel.Buffer]*life {
	lives, n := map[*kernel.Buffer]*life{}, 0
	use := func(b *kernel.Buffer) {
		if l := lives[b]; l != nil {
			l.last = n
		} else {
			lives[b] = &life{first: n, last: n}
		}
	}
	for _, s := range p.Sections {
		for _, k := range s.Kernels {
			Uses(k, use)
			n++
		}
	}
	for b, l := range lives {
		if b.Result {
			l.last = n
		}
		b.First, b.Last = l.first, l.last
	}
	return lives
}

// Uses calls use with every buffer that k and the kernels inside it mention, in
// order of appearance and as often as they do.
func Uses(k *kernel.Kernel, use func(*kernel.Buffer)) {
	seen := map[kernel.Expr]bool{}
	reads, writes := k.Controls()
	for _, b := range append(reads, writes...) {
		use(b)
	}
	for _, in := range k.Inside() {
		for _, k := range in {
			Uses(k, use)
		}
	}
	kernel.Walk(k.Body, func(s kernel.Stmt) { statement(s, seen, use) })
}

// statement calls use with what s itself mentions.
func statement(s kernel.Stmt, seen map[kernel.Expr]bool, use func(*kernel.Buffer)) {
	for _, x := range kernel.Exprs(s) {
		loads(*x, seen, func(l *kernel.Load) { use(l.Buf) })
	}
	reads, writes := kernel.Touched(s)
	for _, b := range append(reads, writes...) {
		use(b)
	}
}

func loads(e kernel.Expr, seen map[kernel.Expr]bool, f func(*kernel.Load)) {
	if seen[e] {
		return
	}
	seen[e] = true
	if l, ok := e.(*kernel.Load); ok {
		f(l)
	}
	for _, a := range kernel.Operands(e) {
		loads(a, seen, f)
	}
}

// space is a place in the arena, free again after the kernel last.
type space struct {
	size shape.Dim
	last int
	held []*kernel.Buffer
}

// pack places buffers in order of their first use, each in the free space that
// fits best, from at on, and returns the length of the arena.
func pack(bs []*kernel.Buffer, lives map[*kernel.Buffer]*life, at shape.Dim) shape.Dim {
	sort.SliceStable(bs, func(i, j int) bool { return start(bs[i], lives) < start(bs[j], lives) })
	pk := &packer{known: map[[2]string]bool{}}
	for _, b := range bs {
		l := lives[b]
		if l == nil {
			continue
		}
		s := pk.choose(aligned(b), l.first)
		s.last = l.last
		s.held = append(s.held, b)
	}
	for _, s := range pk.spaces {
		for _, b := range s.held {
			b.Offset = at
		}
		at = at.Add(s.size)
	}
	return at
}

func start(b *kernel.Buffer, lives map[*kernel.Buffer]*life) int {
	if l := lives[b]; l != nil {
		return l.first
	}
	return 0
}

// packer holds the spaces of an arena and what is known about sizes.
type packer struct {
	spaces []*space
	known  map[[2]string]bool
}

// fits reports whether a is certainly not larger than b.
func (pk *packer) fits(a, b shape.Dim) bool {
	k := [2]string{a.String(), b.String()}
	yes, ok := pk.known[k]
	if !ok {
		yes = shape.Facts{}.NonNeg(b.Sub(a)) == shape.Yes
		pk.known[k] = yes
	}
	return yes
}

// choose finds a free space: one of the same size, else the smallest that is
// certainly large enough, else the largest that is certainly too small, grown,
// else a new one.
func (pk *packer) choose(size shape.Dim, first int) *space {
	var fits, grows *space
	for _, s := range pk.spaces {
		if s.last >= first {
			continue
		}
		switch {
		case s.size.Equal(size):
			return s
		case pk.fits(size, s.size):
			if fits == nil || pk.fits(s.size, fits.size) {
				fits = s
			}
		case pk.fits(s.size, size):
			if grows == nil || pk.fits(grows.size, s.size) {
				grows = s
			}
		}
	}
	switch {
	case fits != nil:
		return fits
	case grows != nil:
		grows.size = size
		return grows
	}
	s := &space{size: size}
	pk.spaces = append(pk.spaces, s)
	return s
}

// lineLen is a cache line in elements of four bytes.
const lineLen = 16

// aligned is the length of b rounded up to whole cache lines.
func aligned(b *kernel.Buffer) shape.Dim {
	n, line := b.Len(), shape.Const(lineLen)
	if _, whole := n.DivExact(line); whole {
		return n
	}
	return shape.CeilDiv(n, line).Mul(line)
}
