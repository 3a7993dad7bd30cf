package vector

import (
	"slices"

	"github.com/gradgen/gradgen/graph/shape"
)

// shortCode is the length of code that is left in the order it was made in.
const shortCode = 20

// strand is how many operations of one vector go before those of another in code
// longer than a processor looks ahead over.
const strand = 20

// order orders long code anew, that of a loop also for two vectors at a time where
// much of one waits for its own.
func (f *Func) order(p *Part) {
	if len(p.Code) <= shortCode {
		return
	}
	once, cycles := f.schedule(p.Code)
	const most = 3     // sums that have registers in both
	const rounds = 256 // from which a loop for two vectors is worth its ends
	if n, known := p.Count.IsConst(); p.Loop && f.Jam == 0 && len(p.Reds) <= most && !(known && n < rounds) {
		if twice, both := f.schedule(f.twin(p.Code)); 10*both < 17*cycles {
			p.Twin = twice
		} else if len(once) > lookahead && len(f.Rows) == 0 && f.waits(once) && !f.Overwrites() {
			p.Twin = f.alternate(once)
		}
	}
	p.Code = once
}

// twin is code for two vectors, one after the other.
func (f *Func) twin(code []V) []V {
	out, copies := slices.Clone(code), map[V]V{}
	for _, id := range code {
		v := f.Values[id]
		v.Copy = 1
		for k, a := range v.A[:v.args()] {
			if c, ok := copies[a]; ok {
				v.A[k] = c
			}
		}
		copies[id] = f.add(v)
		out = append(out, copies[id])
	}
	return out
}

// waits reports code whose longest chain takes longer than all of its products do,
// two at a time: what is independent of a chain comes too late after it.
func (f *Func) waits(code []V) bool {
	at, longest, busy := map[V]int{}, 0, 0
	for _, id := range code {
		v, begin := f.Values[id], 0
		for _, a := range v.A[:v.args()] {
			begin = max(begin, at[a])
		}
		at[id] = begin + v.latency()
		longest = max(longest, at[id])
		switch {
		case v.Op == Div || v.Op == Sqrt:
			busy += 10
		case v.products():
			busy++
		}
	}
	return 2*longest > busy+busy/4
}

// alternate is code for two vectors: a strand of one, then the same of the other.
func (f *Func) alternate(code []V) (out []V) {
	both, n := f.twin(code), len(code)
	for i := 0; i < n; i += strand {
		end := min(i+strand, n)
		out = append(append(out, both[i:end]...), both[n+i:n+end]...)
	}
	return out
}

// schedule orders code, from its end to its beginning, so that few values wait for
// their use at any time: next before what is there already comes the value that
// asks for the fewest new ones, and of those the one asked for last. It reports
// the cycles that the code takes about.
func (f *Func) schedule(code []V) ([]V, int) {
	s := &scheduler{f: f, place: map[V]int{}, code: code, before: make([][]int, len(code)), waits: make([]int, len(code)),
		ready: make([]int, len(code)), live: make([]bool, len(code))}
	for i, id := range code {
		s.place[id] = i
	}
	s.edges()
	return s.interleave(s.run())
}

// scheduler orders straight-line code.
type scheduler struct {
	f      *Func
	code   []V
	place  map[V]int // in code
	before [][]int   // what has to come before each, each once
	waits  []int     // how much that comes after each is still to be placed
	ready  []int     // when each became free to be placed
	live   []bool    // asked for by what is placed
}

// edges notes what comes before what: operands, reads of memory before it is
// written, and sums in their order.
func (s *scheduler) edges() {
	last := map[[2]int]int{}
	var loads, stores []int
	for i, id := range s.code {
		v := s.f.Values[id]
		for k, a := range v.A[:v.args()] {
			if p, here := s.place[a]; here && !slices.Contains(v.A[:k], a) {
				s.edge(p, i)
			}
		}
		switch {
		case v.Op == Accumulate:
			if p, ok := last[[2]int{v.Ref, v.Copy}]; ok {
				s.edge(p, i)
			}
			last[[2]int{v.Ref, v.Copy}] = i
		case v.loads():
			s.after(stores, i)
			loads = append(loads, i)
		case v.stores():
			s.after(loads, i)
			s.after(stores, i)
			stores = append(stores, i)
		}
	}
}

// after puts i after those of some reads or writes that may be of the same memory.
func (s *scheduler) after(others []int, i int) {
	v := s.f.Values[s.code[i]]
	for _, o := range others {
		w := s.f.Values[s.code[o]]
		apart := v.Copy != w.Copy && s.f.beside(v, w) || v.Ref == w.Ref && s.f.Streams[v.Ref].Stride > 0 && s.f.apart(v, w)
		if !apart && s.f.same(v.Ref, w.Ref) {
			s.edge(o, i)
		}
	}
}

// beside reports that two accesses for the same step would be of the same element if
// their streams share memory.
func (f *Func) beside(v, w Value) bool {
	s, t := f.Streams[v.Ref], f.Streams[w.Ref]
	return v.Ref == w.Ref || v.Op != Gather && w.Op != Gather && v.Imm == w.Imm && s.Stride+t.Stride == 0 && len(s.Dyn)+len(t.Dyn) == 0 && s.At.Equal(t.At) && shape.EqualShapes(s.Steps, t.Steps)
}

// apart reports that two accesses of one stream with a stride meet at no element.
func (f *Func) apart(v, w Value) bool {
	if v.Op == Gather || w.Op == Gather {
		return false
	}
	n := int(f.Streams[v.Ref].Stride)
	for i := range v.width() {
		for k := range w.width() {
			if (v.Imm+i-w.Imm-k)%n == 0 {
				return false
			}
		}
	}
	return true
}

// width is the number of elements of a lane that an access is of.
func (v Value) width() int {
	if v.Op == LoadPairs || v.Op == StorePairs {
		return 2
	}
	return 1
}

func (s *scheduler) edge(from, to int) {
	s.before[to] = append(s.before[to], from)
	s.waits[from]++
}

func (s *scheduler) run() []V {
	var free []int
	for i := range s.code {
		if s.waits[i] == 0 {
			free = append(free, i)
		}
	}
	out := make([]V, len(s.code))
	for n := len(out) - 1; n >= 0; n-- {
		best := 0
		for k := range free {
			if s.better(free[k], free[best]) {
				best = k
			}
		}
		i := free[best]
		free = append(free[:best], free[best+1:]...)
		out[n] = s.code[i]
		for _, p := range s.before[i] {
			if s.waits[p]--; s.waits[p] == 0 {
				s.ready[p] = len(out) - n
				free = append(free, p)
			}
		}
		v := s.f.Values[s.code[i]]
		for _, a := range v.A[:v.args()] {
			if p, here := s.place[a]; here {
				s.live[p] = true
			}
		}
	}
	return out
}

// better reports that i is to be placed rather than j.
func (s *scheduler) better(i, j int) bool {
	a, b := s.asks(i), s.asks(j)
	switch {
	case a != b:
		return a < b
	case s.ready[i] != s.ready[j]:
		return s.ready[i] > s.ready[j]
	}
	return i > j
}

// asks counts the values that become live with another that is placed.
func (s *scheduler) asks(i int) int {
	v, n := s.f.Values[s.code[i]], 0
	for k, a := range v.A[:v.args()] {
		if p, here := s.place[a]; here && !s.live[p] && !slices.Contains(v.A[:k], a) {
			n++
		}
	}
	if s.live[i] {
		n--
	}
	return n
}
