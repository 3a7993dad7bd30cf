package lower

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// settle finishes a program: buffers that stand for the memory of another are
// replaced by it, their stores moved behind all reads of the block, and targets
// that no leaf mentions are listed.
func (p *pass) settle() {
	for _, s := range p.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			p.resolve(k.Body)
			k.Body = p.inPlace(k.Body)
		}
	}
	for p.sweep() {
	}
	for _, s := range p.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			k.Body = p.powers(k.Body)
			p.inResult(k.Body)
		}
	}
	for p.sweep() {
	}
	for _, s := range p.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			collapse(k.Body)
			p.name(k)
		}
	}
	p.list()
}

// sweep removes stores to memory that nothing reads and lets that nothing uses;
// it reports whether there were any.
func (p *pass) sweep() (found bool) {
	used := p.usage()
	for _, s := range p.prog.Sections {
		found = used.kernels(&s.Kernels) || found
	}
	return found
}

// kernels prunes kernels and drops the empty ones.
func (u usage) kernels(ks *[]*kernel.Kernel) (found bool) {
	var kept []*kernel.Kernel
	for _, k := range *ks {
		found = u.prune(&k.Body) || found
		left := len(k.Body)
		if k.Repeat != nil {
			found = u.kernels(&k.Repeat.Cond) || found
			found = u.kernels(&k.Repeat.Kernels) || found
			left += len(k.Repeat.Cond) + len(k.Repeat.Kernels)
		}
		if k.Branch != nil {
			found = u.kernels(&k.Branch.Then) || found
			found = u.kernels(&k.Branch.Else) || found
			left += len(k.Branch.Then) + len(k.Branch.Else)
		}
		if left > 0 || k.Trip != nil {
			kept = append(kept, k)
		}
	}
	*ks = kept
	return found
}

// resolve replaces windows by the memory they are of.
func (p *pass) resolve(body []kernel.Stmt) {
	kernel.Walk(body, func(s kernel.Stmt) {
		kernel.MapBuffers(s, func(b *kernel.Buffer) (*kernel.Buffer, shape.Dim) {
			at := shape.Dim{}
			for w, ok := p.windows[b]; ok; w, ok = p.windows[b] {
				b, at = w.of, at.Add(w.at)
			}
			return b, at
		})
	})
}

// name calls k after the first memory it writes that has a name in the source,
// else after the first.
func (p *pass) name(k *kernel.Kernel) {
	k.Name = ""
	named := false
	kernel.Walk(k.Body, func(st kernel.Stmt) {
		_, writes := kernel.Touched(st)
		for _, b := range writes {
			if k.Name == "" || !named && p.sourced[b] {
				k.Name, named = b.Name, p.sourced[b]
			}
		}
	})
}

// usage is what the kernels of a program read.
type usage struct {
	bufs map[*kernel.Buffer]bool
	refs map[string]bool
}

func (p *pass) usage() usage {
	u := usage{map[*kernel.Buffer]bool{}, map[string]bool{}}
	seen := map[kernel.Expr]bool{}
	for _, s := range p.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			reads, _ := k.Controls()
			for _, b := range reads {
				u.bufs[b] = true
			}
			kernel.Walk(k.Body, func(st kernel.Stmt) {
				reads, _ := kernel.Touched(st)
				for _, b := range reads {
					u.bufs[b] = true
				}
				for _, x := range kernel.Exprs(st) {
					u.expr(*x, seen)
				}
			})
		}
	}
	return u
}

func (u usage) expr(e kernel.Expr, seen map[kernel.Expr]bool) {
	if seen[e] {
		return
	}
	seen[e] = true
	switch e := e.(type) {
	case *kernel.Load:
		u.bufs[e.Buf] = true
	case *kernel.Ref:
		u.refs[e.Name] = true
	}
	for _, a := range kernel.Operands(e) {
		u.expr(a, seen)
	}
}

// prune removes dead statements from body and the blocks inside it.
func (u usage) prune(body *[]kernel.Stmt) (found bool) {
	var out []kernel.Stmt
	for _, st := range *body {
		blocks, left := kernel.Blocks(st), 0
		for _, b := range blocks {
			found = u.prune(b) || found
			left += len(*b)
		}
		if u.dead(st) || len(blocks) > 0 && left == 0 {
			found = true
			continue
		}
		out = append(out, st)
	}
	*body = out
	return found
}

func (u usage) dead(st kernel.Stmt) bool {
	if l, ok := st.(*kernel.Let); ok {
		return !u.refs[l.Name]
	}
	_, writes := kernel.Touched(st)
	for _, b := range writes {
		if b.Kind != kernel.Arena || b.Result || u.bufs[b] {
			return false
		}
	}
	return len(writes) > 0
}

// inPlace names the values stored into replaced memory and moves the stores to
// the end of their block.
func (p *pass) inPlace(body []kernel.Stmt) []kernel.Stmt {
	var out, stores []kernel.Stmt
	for _, st := range body {
		for _, b := range kernel.Blocks(st) {
			*b = p.inPlace(*b)
		}
		s, ok := st.(*kernel.Store)
		if !ok || s.Buf.Alias == nil {
			out = append(out, st)
			continue
		}
		if !named(s.X) {
			l := &kernel.Let{Name: p.letName(s.X), Elem: s.Buf.Elem, X: s.X}
			out = append(out, l)
			s.X = p.intern.of(&kernel.Ref{Name: l.Name, Elem: l.Elem})
		}
		s.Buf = s.Buf.Alias
		stores = append(stores, s)
	}
	return append(out, stores...)
}

// list keeps the buffers that the kernels mention and adds targets that no leaf
// does.
func (p *pass) list() {
	have, used := map[*kernel.Buffer]bool{}, p.usage().bufs
	for _, s := range p.prog.Sections {
		for _, k := range kernel.All(s.Kernels) {
			_, writes := k.Controls()
			for _, b := range writes {
				used[b] = true
			}
			kernel.Walk(k.Body, func(st kernel.Stmt) {
				_, writes := kernel.Touched(st)
				for _, b := range writes {
					used[b] = true
				}
			})
		}
	}
	var out []*kernel.Buffer
	for _, b := range p.prog.Buffers {
		if used[b] {
			out = append(out, b)
			have[b] = true
		}
	}
	p.prog.Buffers = out
	for _, r := range p.targets {
		if !have[r] {
			p.add(r)
		}
	}
}
