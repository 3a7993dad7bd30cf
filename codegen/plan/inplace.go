package plan

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/vector"
)

// inPlace finds buffers that can be computed in the memory of another: each
// element is read for the last time by the statements before the one that
// stores the new element. It joins their lives and returns the host of each.
func inPlace(p *kernel.Program, lives map[*kernel.Buffer]*life) map[*kernel.Buffer]*kernel.Buffer {
	f := &finder{reads: map[*kernel.Buffer]*reading{}, writes: map[*kernel.Buffer]int{}, lives: lives,
		hosts: map[*kernel.Buffer]*kernel.Buffer{}, homes: map[*kernel.Buffer]place{}}
	block := 0
	f.each(p, func(k *kernel.Kernel) { f.scan(k.Body, &block) })
	f.controls(p)
	block = 0
	f.each(p, func(k *kernel.Kernel) { f.match(k.Body, &block) })
	return f.hosts
}

// each visits all kernels and notes where they stand.
func (f *finder) each(p *kernel.Program, visit func(*kernel.Kernel)) {
	lists := 0
	var down func(ks []*kernel.Kernel, at place)
	down = func(ks []*kernel.Kernel, at place) {
		for _, k := range ks {
			at.number++
			f.now = at
			visit(k)
			for _, in := range k.Inside() {
				lists++
				down(in, place{list: lists})
			}
		}
	}
	number := 0
	for _, s := range p.Sections {
		down(s.Kernels, place{number: number})
		number += len(s.Kernels)
	}
}

// place tells where a kernel stands: its number in the list of a program, or of a loop or branch.
type place struct{ list, number int }

// nowhere is the place of what different lists write.
var nowhere = place{list: -1}

// controls keeps the scalars that decide what runs out of this.
func (f *finder) controls(p *kernel.Program) {
	for _, s := range p.Sections {
		for _, k := range kernel.All(s.Kernels) {
			reads, writes := k.Controls()
			for _, b := range append(reads, writes...) {
				f.reads[b] = &reading{spread: true}
				f.writes[b] += 2
			}
		}
	}
}

// reading tells how a buffer is read: by loads of one address in one block, the
// last one in statement last of it, or in another way (spread).
type reading struct {
	block, last int
	at          string
	spread      bool
}

type finder struct {
	reads  map[*kernel.Buffer]*reading
	writes map[*kernel.Buffer]int
	lives  map[*kernel.Buffer]*life
	hosts  map[*kernel.Buffer]*kernel.Buffer
	homes  map[*kernel.Buffer]place // the last kernel that writes it
	now    place
}

// scan notes all reads and writes; blocks are numbered in the order of their
// beginnings.
func (f *finder) scan(body []kernel.Stmt, block *int) {
	*block++
	here := *block
	for i, s := range body {
		for _, x := range kernel.Exprs(s) {
			loads(*x, map[kernel.Expr]bool{}, func(l *kernel.Load) { f.read(l, here, i) })
		}
		reads, writes := kernel.Touched(s)
		for _, b := range reads {
			f.reads[b] = &reading{spread: true}
		}
		for _, b := range writes {
			f.writes[b]++
			if h, twice := f.homes[b]; twice && h.list != f.now.list {
				f.homes[b] = nowhere
			} else {
				f.homes[b] = f.now
			}
		}
		for _, b := range kernel.Blocks(s) {
			f.scan(*b, block)
		}
	}
}

func (f *finder) read(l *kernel.Load, block, i int) {
	at := l.At.Base.String()
	r := f.reads[l.Buf]
	if r == nil {
		r = &reading{block: block, at: at}
		f.reads[l.Buf] = r
	}
	r.last = i
	if r.block != block || r.at != at || len(l.At.Dyn) > 0 {
		r.spread = true
	}
}

// match looks at every plain store for a buffer it can take over.
func (f *finder) match(body []kernel.Stmt, block *int) {
	*block++
	here := *block
	again := vector.Retried(body)
	for i, s := range body {
		if st, ok := s.(*kernel.Store); ok && !again && f.taker(st, here) {
			f.take(body[:i+1], st, here, i)
		}
		for _, b := range kernel.Blocks(s) {
			f.match(*b, block)
		}
	}
}

// taker reports whether s makes each element of its buffer in one go.
func (f *finder) taker(s *kernel.Store, block int) bool {
	if r := f.reads[s.Buf]; r != nil && r.block == block {
		return false
	}
	return (s.Buf.Kind == kernel.Arena || s.Buf.Kind == kernel.Own) && !s.Add && len(s.At.Dyn) == 0 && f.writes[s.Buf] == 1 && f.hosts[s.Buf] == nil
}

func (f *finder) take(before []kernel.Stmt, s *kernel.Store, block, i int) {
	at := s.At.Base.String()
	for _, st := range before {
		for _, x := range kernel.Exprs(st) {
			loads(*x, map[kernel.Expr]bool{}, func(l *kernel.Load) {
				r := f.reads[l.Buf]
				if f.hosts[s.Buf] == nil && r.block == block && r.at == at && r.last <= i && f.givable(l.Buf, s.Buf) {
					f.join(l.Buf, s.Buf)
				}
			})
		}
	}
}

// givable reports whether b's memory may hold c from c's store on: nothing else
// reads b, and nothing writes it any more. In a loop every step reads what was
// written before the loop, and a carry is written at the end.
func (f *finder) givable(b, c *kernel.Buffer) bool {
	h := f.homes[b]
	return h.list == f.now.list && h.number <= f.now.number && b.Kind == c.Kind && !b.Result && !b.Grows() && b.Elem == c.Elem && b != c && !f.reads[b].spread &&
		b.Len().Equal(c.Len()) && f.lives[b].first <= f.lives[c].first && f.lives[b].last == f.lives[c].first
}

func (f *finder) join(b, c *kernel.Buffer) {
	host := b
	if h := f.hosts[b]; h != nil {
		host = h
	}
	f.hosts[c] = host
	f.reads[b].spread = true // given away
	f.lives[host].last = max(f.lives[host].last, f.lives[c].last)
}
