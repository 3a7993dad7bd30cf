package vector

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gradgen/gradgen/graph"
)

// pair makes loads and stores of two elements side by side, in a loop whose lanes
// lie apart, accesses of both: half as many, with the elements changing places in
// registers.
func (f *Func) pair(p *Part) {
	partner := f.partners(p)
	if len(partner) == 0 {
		return
	}
	var code []V
	met := map[V]bool{}
	for _, id := range p.Code {
		other, paired := partner[id]
		first, second := min(id, other), max(id, other)
		if paired && f.Values[first].Imm > f.Values[second].Imm {
			first, second = second, first
		}
		switch op := f.Values[id].Op; {
		case !paired:
			code = append(code, id)
		case met[other] && op == Store:
			code = append(code, f.storePair(first, second)...)
		case !met[other] && op == Load:
			code = append(append(code, f.loadPair(first, second)...), first, second)
		}
		met[id] = true
	}
	p.Code = code
}

// partners finds the loads and stores to be made pairs.
func (f *Func) partners(p *Part) map[V]V {
	var alone []V
	for _, id := range p.Code {
		v := f.Values[id]
		if p.Loop && (v.Op == Load || v.Op == Store) && f.Streams[v.Ref].Stride > 1 && f.Streams[v.Ref].Buf.Elem == graph.Real && !f.mixed(v.Ref) {
			alone = append(alone, id)
		}
	}
	slices.SortStableFunc(alone, func(a, b V) int {
		x, y := f.Values[a], f.Values[b]
		return cmp.Or(cmp.Compare(x.Op, y.Op), cmp.Compare(x.Ref, y.Ref), cmp.Compare(x.Imm, y.Imm))
	})
	partner := map[V]V{}
	for i := 0; i+1 < len(alone); i++ {
		x, y := f.Values[alone[i]], f.Values[alone[i+1]]
		if x.Op == y.Op && x.Ref == y.Ref && x.Imm+1 == y.Imm {
			partner[alone[i]], partner[alone[i+1]] = alone[i+1], alone[i]
			i++
		}
	}
	return partner
}

// mixed reports that f loads from the memory of a stream and stores to it.
func (f *Func) mixed(stream int) bool {
	loads := slices.ContainsFunc(f.Values, func(v Value) bool { return v.loads() && f.same(v.Ref, stream) })
	return loads && f.overwritten(stream)
}

func (f *Func) add(v Value) V {
	f.Values = append(f.Values, v)
	return V(len(f.Values) - 1)
}

// loadPair makes what two loads are taken from, and the loads the taking.
func (f *Func) loadPair(first, second V) []V {
	v := f.Values[first]
	low := f.add(Value{Op: LoadPairs, Ref: v.Ref, Imm: v.Imm})
	high := f.add(Value{Op: LoadPairs, Ref: v.Ref, Imm: v.Imm, Half: 1})
	f.Values[first] = Value{Op: First, A: [3]V{low, high}}
	f.Values[second] = Value{Op: Second, A: [3]V{low, high}}
	return []V{low, high}
}

// storePair makes of two stores two of pairs.
func (f *Func) storePair(first, second V) []V {
	v, x := f.Values[first], [3]V{f.Values[first].A[0], f.Values[second].A[0]}
	low, high := f.add(Value{Op: PairLow, A: x}), f.add(Value{Op: PairHigh, A: x})
	f.Values[first] = Value{Op: StorePairs, A: [3]V{low}, Ref: v.Ref, Imm: v.Imm}
	f.Values[second] = Value{Op: StorePairs, A: [3]V{high}, Ref: v.Ref, Imm: v.Imm, Half: 1}
	return []V{low, high, first, second}
}

// lanesOf lists the lanes that a half of pairs is of: as many in the lower half of
// a vector as in the upper.
func (r *run) lanesOf(half int) []int {
	if r.p.f.Wide {
		return []int{half, half + 2}
	}
	return []int{2 * half, 2*half + 1, 2*half + 4, 2*half + 5}
}

// loadPairs loads the lower half into one register, the upper into another, and
// joins them; under a mask lanes that are not there stay 0.
func (r *run) loadPairs(id V, v Value) {
	at, first := r.stridedAddress(v)
	step := int(r.p.f.Streams[v.Ref].Stride) * r.p.elemSize(v.Ref)
	to := r.result(id)[1:]
	lanes := r.lanesOf(v.Half)
	if !r.masked && r.p.f.Wide {
		r.p.line("VMOVUPD %d%s, X%s", first+lanes[0]*step, at, to)
		r.p.line("VINSERTF128 $1, %d%s, Y%s, Y%s", first+lanes[1]*step, at, to, to)
		return
	}
	high := fmt.Sprint(r.free())
	end := ""
	if r.masked {
		end = r.end("loaded")
		r.p.line("VXORPS X%s, X%s, X%s", to, to, to)
		r.p.line("VXORPS X%s, X%s, X%s", high, high, high)
	}
	for k, l := range lanes {
		r.until(l, end)
		reg := to
		if k >= len(lanes)/2 {
			reg = high
		}
		switch address := fmt.Sprintf("%d%s", first+l*step, at); {
		case r.p.f.Wide:
			r.p.line("VMOVUPD %s, X%s", address, reg)
		case k%2 == 0:
			r.p.line("VMOVSD %s, X%s", address, reg)
		default:
			r.p.line("VMOVHPS %s, X%s, X%s", address, reg, reg)
		}
	}
	r.label(end)
	r.p.line("VINSERTF128 $1, X%s, Y%s, Y%s", high, to, to)
}

func (r *run) storePairs(v Value) {
	from := r.register(v.A[0])[1:]
	at, first := r.stridedAddress(v)
	step := int(r.p.f.Streams[v.Ref].Stride) * r.p.elemSize(v.Ref)
	end := ""
	if r.masked {
		end = r.end("stored")
	}
	lanes := r.lanesOf(v.Half)
	high := -1
	if r.masked || !r.p.f.Wide {
		high = r.free()
	}
	for k, l := range lanes {
		r.until(l, end)
		address := fmt.Sprintf("%d%s", first+l*step, at)
		upper := k >= len(lanes)/2
		switch {
		case r.p.f.Wide && upper:
			r.p.line("VEXTRACTF128 $1, Y%s, %s", from, address)
			continue
		case r.p.f.Wide:
			r.p.line("VMOVUPD X%s, %s", from, address)
			continue
		case upper && k == len(lanes)/2:
			r.p.line("VEXTRACTF128 $1, Y%s, X%d", from, high)
			from = fmt.Sprint(high)
		}
		if k%2 == 0 {
			r.p.line("VMOVSD X%s, %s", from, address)
		} else {
			r.p.line("VMOVHPS X%s, %s", from, address)
		}
	}
	r.label(end)
}

// end is a new label for the last steps of a loop, of which some may be missing.
func (r *run) end(name string) string {
	r.p.labels++
	return fmt.Sprintf("%s%d", name, r.p.labels)
}

// until leaves for the label, if there is one, where lane l is not there.
func (r *run) until(l int, label string) {
	if label != "" && l > 0 {
		r.p.line("CMPQ CX, $%d", l)
		r.p.line("JLE %s", label)
	}
}

func (r *run) label(name string) {
	if name != "" {
		fmt.Fprintf(&r.p.out, "%s:\n", name)
	}
}
