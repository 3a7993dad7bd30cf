// Package block cuts chains of products and row-wise loops into blocks of rows, so that
// what lies between them never exists as a whole. Attention,
//
//	s = q @ kᵀ                                   products over all t rows
//	for i in 0..t: w[i, 0..i+1] = softmax(s[i])
//	y = w @ v
//
// becomes a loop over blocks of 32 rows, in which s and w have room for one block, and
// what is above the diagonal is left out:
//
//	for b in 0..t/32
//	    s = q[32*b..] @ k[..32*b+32]ᵀ
//	    for i in 32*b..32*b+32: w[i-32*b, 0..i+1] = softmax(s[i-32*b])
//	    y[32*b..] = w @ v[..32*b+32]
//
// In the adjoints, sums over rows are added up block by block, in order.
package block

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// Unit cuts the kernels of all programs of a unit.
func Unit(u *kernel.Unit) {
	for _, m := range u.Models {
		for _, p := range m.Programs() {
			Program(p)
		}
	}
	for _, f := range u.Funcs {
		Program(f.Program)
	}
}

// Program cuts the kernels of a program.
func Program(p *kernel.Program) {
	var kernels []*kernel.Kernel
	for _, s := range p.Sections {
		kernels = append(kernels, kernel.All(s.Kernels)...)
	}
	for _, k := range kernels {
		k.Body = join(k.Body)
	}
	uses := usesIn(p, kernels)
	for _, k := range kernels {
		b := &blocker{uses: uses, kernel: k}
		k.Body = b.cut(k.Body, nil)
	}
	uses = usesIn(p, kernels)
	for _, k := range kernels {
		own(k, uses)
	}
}

// usesIn counts accesses, in all of a program.
func usesIn(p *kernel.Program, kernels []*kernel.Kernel) map[*kernel.Buffer]int {
	uses := map[*kernel.Buffer]int{}
	for _, r := range p.Results {
		uses[r.Buffer.Root()]++
	}
	for _, k := range kernels {
		reads, writes := k.Controls()
		for _, c := range append(reads, writes...) {
			uses[c.Root()]++
		}
		for _, s := range k.Body {
			for _, a := range accesses(s, nil) {
				uses[a.buf]++
			}
		}
	}
	return uses
}

// blocker cuts the kernels of a program.
type blocker struct {
	uses   map[*kernel.Buffer]int
	kernel *kernel.Kernel
	blocks int // loops over blocks in it
}

// cut looks for chains in a list of statements inside the given loops.
func (b *blocker) cut(body []kernel.Stmt, around []*kernel.Loop) []kernel.Stmt {
	for i := 0; i < len(body); i++ {
		l, ok := body[i].(*kernel.Loop)
		if !ok {
			continue
		}
		if c := b.chain(body, i, around); c != nil {
			body = append(append(body[:c.from:c.from], c.blocks()), body[c.to:]...)
			i = c.from
			continue
		}
		l.Body = b.cut(l.Body, append(around[:len(around):len(around)], l))
	}
	return body
}

// rows is how many rows a block has.
const rows = 32

// long reports a number of rows that is worth cutting.
func long(t shape.Dim) bool {
	n, fixed := t.IsConst()
	return !fixed || n >= 2*rows
}
