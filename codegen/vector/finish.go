package vector

import "github.com/gradgen/gradgen/graph/shape"

// finish fuses products into sums and drops what nothing uses.
func (f *Func) finish() {
	for i := range f.Parts {
		f.fuse(f.Parts[i].Code)
	}
	f.join()
	used := f.used()
	for i := range f.Parts {
		var kept []V
		for _, v := range f.Parts[i].Code {
			if used[v] {
				kept = append(kept, v)
			}
		}
		f.Parts[i].Code = kept
	}
	f.prune(used)
}

// nearby is how far apart places may be that share a pointer.
const nearby = 64

// join lets streams of one buffer that run beside each other, a few elements apart,
// share a pointer: to the first of their places.
func (f *Func) join() {
	to, by := make([]int, len(f.Streams)), make([]int64, len(f.Streams))
	for i := range f.Streams {
		to[i] = i
		for k := range i {
			if d, ok := f.distance(k, i); ok && to[k] == k && -nearby <= d && d <= nearby {
				to[i], by[i] = k, d
				break
			}
		}
	}
	for k := range f.Streams {
		least, most := int64(0), int64(0)
		for i, d := range by {
			if to[i] == k {
				least, most = min(least, d), max(most, d)
			}
		}
		if least == most {
			continue
		}
		f.Streams[k].At, f.Streams[k].Most = f.Streams[k].At.AddInt(least), most-least
		for i := range by {
			if to[i] == k {
				by[i] -= least
			}
		}
	}
	for i, v := range f.Values {
		if v.Op == Load || v.Op == Store {
			f.Values[i].Ref, f.Values[i].Imm = to[v.Ref], v.Imm+int(by[v.Ref])
		}
	}
}

// distance is the number of elements from stream k to stream i, if they can share a
// pointer.
func (f *Func) distance(k, i int) (int64, bool) {
	s, t := f.Streams[k], f.Streams[i]
	if s.Buf != t.Buf || s.Stride+t.Stride > 0 || len(s.Dyn)+len(t.Dyn) > 0 || !shape.EqualShapes(s.Steps, t.Steps) || !s.Span.Equal(t.Span) {
		return 0, false
	}
	for _, v := range f.Values {
		if v.Op == Gather && (v.Ref == k || v.Ref == i) {
			return 0, false
		}
	}
	return t.At.Sub(s.At).IsConst()
}

// arrange makes accesses of pairs and orders the code, for printing.
func (f *Func) arrange() {
	if f.arranged || f.Search {
		return
	}
	f.arranged = true
	for i := range f.Parts {
		f.pair(&f.Parts[i])
		f.order(&f.Parts[i])
	}
}

// used marks the values that a store, a reduction or a result needs.
func (f *Func) used() []bool {
	used := make([]bool, len(f.Values))
	for _, r := range f.Results {
		used[r.V] = true
	}
	for i := len(f.Values) - 1; i >= 0; i-- {
		v := f.Values[i]
		used[i] = used[i] || v.stores() || v.Op == Accumulate || v.Op == Stop || v.Op == Return
		if used[i] {
			for _, a := range v.A[:v.args()] {
				used[a] = true
			}
		}
	}
	return used
}

// fuse makes fused multiply-adds of products whose only uses are sums of the same
// code, and puts signs into them.
func (f *Func) fuse(code []V) {
	uses := f.uses()
	summed := f.summed(code)
	product := func(v V) bool { return f.Values[v].Op == Mul && uses[v] > 0 && uses[v] == summed[v] }
	for _, id := range code {
		v := f.Values[id]
		a, c := v.A[0], v.A[1]
		op := FMA
		switch {
		case v.Op == Add && product(a) && (uses[a] == 1 || !product(c)):
		case v.Op == Add && product(c):
			a, c = c, a
		case v.Op == Sub && product(a) && (uses[a] == 1 || !product(c)):
			op = FMS
		case v.Op == Sub && product(c):
			a, c, op = c, a, FNMA
		default:
			continue
		}
		m := f.Values[a]
		f.Values[id] = Value{Op: op, A: [3]V{m.A[0], m.A[1], c}, Lanes: v.Lanes}
	}
	negative := map[Op]Op{FMA: FNMS, FMS: FNMA, FNMA: FMS}
	uses = f.uses()
	here := map[V]bool{}
	for _, id := range code {
		here[id] = true
		if x, ok := f.negated(id); ok && uses[x] == 1 && here[x] {
			if op, ok := negative[f.Values[x].Op]; ok {
				f.Values[id] = Value{Op: op, A: f.Values[x].A, Lanes: f.Values[x].Lanes}
			}
		}
	}
}

// uses counts the uses of values.
func (f *Func) uses() []int {
	uses := make([]int, len(f.Values))
	used := f.used()
	for i, v := range f.Values {
		if used[i] {
			for _, a := range v.A[:v.args()] {
				uses[a]++
			}
		}
	}
	for _, r := range f.Results {
		uses[r.V]++
	}
	return uses
}

// summed counts the uses of products of some code as one of the terms of a sum or
// difference in it.
func (f *Func) summed(code []V) []int {
	out, here := make([]int, len(f.Values)), make([]bool, len(f.Values))
	used := f.used()
	for _, id := range code {
		here[id] = true
		if v := f.Values[id]; used[id] && (v.Op == Add || v.Op == Sub) && v.A[0] != v.A[1] {
			for _, a := range v.A[:2] {
				if here[a] {
					out[a]++
				}
			}
		}
	}
	return out
}

// prune drops values, streams and scalars that nothing uses.
func (f *Func) prune(used []bool) {
	streams, scalars := map[int]int{}, map[int]int{}
	var keptStreams []Stream
	var keptScalars []Scalar
	for i, v := range f.Values {
		if !used[i] {
			f.Values[i] = Value{Op: Const}
			continue
		}
		switch v.Op {
		case Load, Store, Gather:
			if _, ok := streams[v.Ref]; !ok {
				streams[v.Ref] = len(keptStreams)
				keptStreams = append(keptStreams, f.Streams[v.Ref])
			}
			f.Values[i].Ref = streams[v.Ref]
		case Argument:
			if _, ok := scalars[v.Ref]; !ok {
				scalars[v.Ref] = len(keptScalars)
				keptScalars = append(keptScalars, f.Scalars[v.Ref])
			}
			f.Values[i].Ref = scalars[v.Ref]
		}
	}
	f.Streams, f.Scalars = keptStreams, keptScalars
}

// size is the number of operations.
func (f *Func) size() int {
	n := 0
	for _, p := range f.Parts {
		n += len(p.Code)
	}
	return n
}
