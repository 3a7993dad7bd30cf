package lower

import "github.com/gradgen/gradgen/codegen/kernel"

// settle finishes a program: buffers that stand for the memory of another are
// replaced by it, their stores moved behind all reads of the block, and targets
// that no leaf mentions are listed.
func (p *pass) settle() {
	for _, s := range p.prog.Sections {
		for _, k := range s.Kernels {
			k.Body = p.inPlace(k.Body)
		}
	}
	p.list()
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

// list adds the buffers that are stored to but were never listed.
func (p *pass) list() {
	have := map[*kernel.Buffer]bool{}
	for _, b := range p.prog.Buffers {
		have[b] = true
	}
	for _, s := range p.prog.Sections {
		for _, k := range s.Kernels {
			kernel.Walk(k.Body, func(st kernel.Stmt) {
				if s, ok := st.(*kernel.Store); ok && !have[s.Buf] {
					have[s.Buf] = true
					p.add(s.Buf)
				}
			})
		}
	}
}
