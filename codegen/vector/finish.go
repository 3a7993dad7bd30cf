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

// used marks the values that a store, a reduction or a result needs.
func (f *Func) used() []bool {
	used := make([]bool, len(f.Values))
	for _, r := range f.Results {
		used[r.V] = true
	}
	for i := len(f.Values) - 1; i >= 0; i-- {
		v := f.Values[i]
		used[i] = used[i] || v.Op == Store || v.Op == Accumulate || v.Op == Stop
		if used[i] {
			for _, a := range v.A[:v.args()] {
				used[a] = true
			}
		}
	}
	return used
}

// fuse makes fused multiply-adds of products that are used once, in a sum of the
// same code.
func (f *Func) fuse(code []V) {
	uses := make([]int, len(f.Values))
	for _, v := range f.Values {
		for _, a := range v.A[:v.args()] {
			uses[a]++
		}
	}
	for _, r := range f.Results {
		uses[r.V]++
	}
	here := map[V]bool{}
	for _, id := range code {
		here[id] = true
	}
	product := func(v V) bool { return f.Values[v].Op == Mul && uses[v] == 1 && here[v] }
	for _, id := range code {
		v := f.Values[id]
		a, c := v.A[0], v.A[1]
		op := FMA
		switch {
		case v.Op == Add && product(a):
		case v.Op == Add && product(c):
			a, c = c, a
		case v.Op == Sub && product(a):
			op = FMS
		case v.Op == Sub && product(c):
			a, c, op = c, a, FNMA
		default:
			continue
		}
		m := f.Values[a]
		f.Values[id] = Value{Op: op, A: [3]V{m.A[0], m.A[1], c}}
		f.Values[a].A = [3]V{}
		f.Values[a].Op = Const // unused
	}
}

// prune drops streams and scalars that nothing uses.
func (f *Func) prune(used []bool) {
	streams, scalars := map[int]int{}, map[int]int{}
	var keptStreams []Stream
	var keptScalars []Scalar
	for i, v := range f.Values {
		if !used[i] {
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
