package vector

const (
	lookahead = 160 // operations that may go before others that wait for their operands
	mostLive  = 13  // values soon to be used from which on nothing goes ahead that makes more
	fewLive   = 7   // the same in loops over rows of more operations than lookahead, which spill much else
	soon      = 60  // operations
	width     = 3   // operations that begin in a cycle, of which two are products
)

// latency is the number of cycles after which the result of an operation can be
// used, as of processors of about 2020.
func (v Value) latency() int {
	switch v.Op {
	case Div:
		return 13
	case Sqrt:
		return 20
	case Load, LoadPairs, Gather:
		return 7
	case FMA, FNMA, FMS, FNMS, Round:
		return 4
	case Add, Sub, Mul, FromInt, MulInt:
		return 3
	}
	return 1
}

// products reports an operation of the units that multiply.
func (v Value) products() bool {
	switch v.Op {
	case Mul, FMA, FNMA, FMS, FNMS, Div, Sqrt:
		return true
	}
	return false
}

// interleave lets operations whose operands are there go before others that would
// wait for theirs, as far as registers last: a processor looks ahead over some 60
// operations only, and a polynomial is a chain of 20. It reports the cycles taken.
func (s *scheduler) interleave(code []V) ([]V, int) {
	t := &timing{scheduler: s, order: code, done: make([]bool, len(code)), uses: map[V][]int{}, at: map[V]int{}}
	if t.most = mostLive; len(code) > lookahead && s.f.Straight == nil && len(s.f.Rows) == 0 {
		t.most = fewLive
	}
	t.prepare()
	t.heights()
	for len(t.out) < len(code) {
		t.step()
	}
	return t.out, t.now
}

// timing simulates the execution of code.
type timing struct {
	*scheduler
	order []V
	done  []bool
	out   []V
	most  int         // values soon to be used
	first int         // of the operations that are not done
	need  [][]int     // what has to be done before each, as places in order
	ahead []int       // cycles from the beginning of each to the end, at least
	uses  map[V][]int // of values, still to come
	held  []V         // values with uses still to come
	at    map[V]int   // cycles in which values are ready
	now   int
	begun int // operations in this cycle
	units int // products in this cycle
	div   int // when the next quotient may begin
}

func (t *timing) prepare() {
	place := map[V]int{}
	for i, id := range t.order {
		place[id] = i
	}
	t.need = make([][]int, len(t.order))
	for i, id := range t.order {
		for _, p := range t.before[t.place[id]] {
			t.need[i] = append(t.need[i], place[t.code[p]])
		}
		v := t.f.Values[id]
		for k, a := range v.A[:v.args()] {
			if _, here := t.place[a]; here && !repeated(v.A[:k], a) {
				t.uses[a] = append(t.uses[a], i)
			}
		}
	}
}

// heights finds how long what follows each operation takes.
func (t *timing) heights() {
	t.ahead = make([]int, len(t.order))
	for i := len(t.order) - 1; i >= 0; i-- {
		t.ahead[i] += t.f.Values[t.order[i]].latency()
		for _, p := range t.need[i] {
			t.ahead[p] = max(t.ahead[p], t.ahead[i])
		}
	}
}

// step takes the next operation, or lets time pass.
func (t *timing) step() {
	soonest, wait := -1, 1<<30
	full := t.live() >= t.most
	urgent := !full && t.f.Straight != nil
	for i := t.first; i < len(t.order) && i < t.first+lookahead; i++ {
		if t.done[i] || i > t.first && full && t.grows(t.order[i]) {
			continue
		}
		ready, ok := t.ready(i)
		if ok && (ready < wait || ready == wait && urgent && t.ahead[i] > t.ahead[soonest]) {
			soonest, wait = i, ready
		}
		if ok && ready <= t.now && !urgent {
			break
		}
	}
	if wait > t.now {
		t.now, t.begun, t.units = wait, 0, 0
	}
	t.take(soonest)
}

// ready is the cycle in which an operation can begin, if all before it are done.
func (t *timing) ready(i int) (int, bool) {
	v := t.f.Values[t.order[i]]
	cycle := t.now
	if t.begun >= width || v.products() && t.units >= 2 {
		cycle++
	}
	if v.Op == Div || v.Op == Sqrt {
		cycle = max(cycle, t.div)
	}
	for _, p := range t.need[i] {
		if !t.done[p] {
			return 0, false
		}
		cycle = max(cycle, t.at[t.order[p]])
	}
	return cycle, true
}

// live counts the values that are used soon.
func (t *timing) live() (n int) {
	kept := t.held[:0]
	for _, v := range t.held {
		uses := t.uses[v]
		for len(uses) > 0 && t.done[uses[0]] {
			uses = uses[1:]
		}
		if t.uses[v] = uses; len(uses) == 0 {
			continue
		}
		kept = append(kept, v)
		if uses[0] < t.first+soon {
			n++
		}
	}
	t.held = kept
	return n
}

// grows reports an operation with which more values are live.
func (t *timing) grows(id V) bool {
	v := t.f.Values[id]
	if v.stores() || v.Op == Accumulate {
		return false
	}
	for _, a := range v.A[:v.args()] {
		left := 0
		for _, at := range t.uses[a] {
			if !t.done[at] {
				left++
			}
		}
		if left == 1 {
			return false
		}
	}
	return true
}

func (t *timing) take(i int) {
	id := t.order[i]
	v := t.f.Values[id]
	t.done[i] = true
	t.out = append(t.out, id)
	t.begun++
	if v.products() {
		t.units++
	}
	if v.Op == Div || v.Op == Sqrt {
		t.div = t.now + 5
	}
	t.at[id] = t.now + v.latency()
	if len(t.uses[id]) > 0 {
		t.held = append(t.held, id)
	}
	for t.first < len(t.order) && t.done[t.first] {
		t.first++
	}
}

func repeated(vs []V, a V) bool {
	for _, v := range vs {
		if v == a {
			return true
		}
	}
	return false
}
