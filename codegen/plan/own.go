package plan

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// own places the buffers of which each worker has one, for a row of the kernel, by
// the statements of the loop over its rows.
func own(k *kernel.Kernel, hosts map[*kernel.Buffer]*kernel.Buffer) {
	lives, now, seen := map[*kernel.Buffer]*life{}, 0, map[kernel.Expr]bool{}
	var order []*kernel.Buffer
	use := func(b *kernel.Buffer) {
		if b.Kind != kernel.Own {
			return
		}
		if h := hosts[b]; h != nil {
			b = h
		}
		if lives[b] == nil {
			lives[b] = &life{first: now}
			order = append(order, b)
		}
		lives[b].last = now
	}
	for _, s := range k.Body {
		parts := []kernel.Stmt{s}
		if l, ok := s.(*kernel.Loop); ok && l.Lo.Equal(shape.Var(".lo")) {
			parts = l.Body
		}
		for _, part := range parts {
			clear(seen)
			kernel.Walk([]kernel.Stmt{part}, func(s kernel.Stmt) { statement(s, seen, use) })
			now++
		}
	}
	if k.Own = (shape.Dim{}); len(order) > 0 {
		k.Own = pack(order, lives, shape.Dim{})
	}
}
