package runtime

import "sync/atomic"

// A shelf keeps memory between calls. Each call has some of its own, so there is as
// much as calls ever ran at the same time. Unlike that of a [sync.Pool], the garbage
// collector leaves it there.
type shelf[P any] struct {
	slots [64]atomic.Pointer[P]
}

// reserve fills slots until n are full.
func (l *shelf[P]) reserve(n int, fresh func() *P) {
	for i := range min(n, len(l.slots)) {
		if s := &l.slots[i]; s.Load() == nil {
			s.CompareAndSwap(nil, fresh())
		}
	}
}

// take returns what nobody else has.
func (l *shelf[P]) take(fresh func() *P) *P {
	for i := range l.slots {
		if s := &l.slots[i]; s.Load() != nil {
			if p := s.Swap(nil); p != nil {
				return p
			}
		}
	}
	return fresh()
}

// give puts something back; where there are no more slots it is garbage.
func (l *shelf[P]) give(p *P) {
	for i := range l.slots {
		if s := &l.slots[i]; s.Load() == nil && s.CompareAndSwap(nil, p) {
			return
		}
	}
}
