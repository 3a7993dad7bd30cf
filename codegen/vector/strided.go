package vector

import (
	"fmt"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// buildStrided makes a function in which every lane has a step of the loop of its
// own, wherever its memory is. It pays where there is more to compute than to fetch.
func buildStrided(l *kernel.Loop, wide bool) (*Func, bool) {
	b := newBuilder(l, wide)
	b.strided = true
	b.flat()
	if !b.ok() {
		return nil, false
	}
	b.f.finish()
	return b.f, b.f.size() <= maxStrided && !b.f.crowded() && b.f.pays()
}

// pays compares the work with the elements fetched and stored one by one.
func (f *Func) pays() bool {
	work, fetched := 0, 0
	for _, p := range f.Parts {
		if !p.Loop {
			continue
		}
		for _, id := range p.Code {
			switch v := f.Values[id]; v.Op {
			case Load, Store:
				if f.Streams[v.Ref].Stride > 1 {
					fetched++
				}
			case Gather:
				fetched += 2
			case Div, Sqrt:
				work += 8
			default:
				work++
			}
		}
	}
	return work > 2*fetched
}

// stridedAddress gives the address of the step at hand in a stream whose steps
// lie apart, as text to put a displacement before, and the displacement of lane 0.
func (r *run) stridedAddress(v Value) (at string, first int) {
	s := r.p.f.Streams[v.Ref]
	size := r.p.elemSize(v.Ref)
	base := r.pointer(v.Ref)
	bytes := int(s.Stride) * size
	if r.apart != bytes {
		r.p.line("IMUL3Q $%d, AX, R13", bytes)
		r.apart = bytes
	}
	return "(" + base + ")(R13*1)", v.Imm*size + r.copy*r.p.lanes()*bytes
}

// pointer is the register that holds a stream's place.
func (r *run) pointer(stream int) string {
	reg := r.p.ptr[stream]
	if len(reg) > 3 { // on the stack
		r.p.line("MOVQ %s, DX", reg)
		return "DX"
	}
	return reg
}

func (r *run) loadStrided(id V, v Value) {
	s := r.p.f.Streams[v.Ref]
	isInt := s.Buf.Elem == graph.Int
	at, first := r.stridedAddress(v)
	step := int(s.Stride) * r.p.elemSize(v.Ref)
	to := r.result(id)
	if r.masked {
		r.p.line("LEAQ %d%s, DX", first, at)
		r.gathered("DX", 0, r.p.pool.apart(int(s.Stride), 4), to, isInt)
		return
	}
	x := to[1:]
	lane := func(l int) string { return fmt.Sprintf("%d%s", first+l*step, at) }
	switch {
	case r.p.f.Wide && isInt:
		r.p.line("VMOVD %s, X%s", lane(0), x)
		for l := 1; l < 4; l++ {
			r.p.line("VPINSRD $%d, %s, X%s, X%s", l, lane(l), x, x)
		}
		r.p.line("VCVTDQ2PD X%s, %s", x, to)
	case r.p.f.Wide:
		high := r.free()
		r.p.line("VMOVSD %s, X%s", lane(0), x)
		r.p.line("VMOVHPD %s, X%s, X%s", lane(1), x, x)
		r.p.line("VMOVSD %s, X%d", lane(2), high)
		r.p.line("VMOVHPD %s, X%d, X%d", lane(3), high, high)
		r.p.line("VINSERTF128 $1, X%d, %s, %s", high, to, to)
	default:
		high := r.free()
		for half, reg := range []string{x, fmt.Sprint(high)} {
			r.p.line("VMOVSS %s, X%s", lane(4*half), reg)
			for l := 1; l < 4; l++ {
				r.p.line("VINSERTPS $%#x, %s, X%s, X%s", l<<4, lane(4*half+l), reg, reg)
			}
		}
		r.p.line("VINSERTF128 $1, X%d, %s, %s", high, to, to)
	}
}

// gathered loads elements at numbers of elements (of int32, in memory or a
// register) after an address; under a mask only those that are there.
func (r *run) gathered(base string, after int, numbers, to string, isInt bool) {
	if numbers[0] != 'Y' {
		index := y(r.free())
		r.p.line("VMOVDQU %s, %s", numbers, index)
		numbers = index
	}
	mask := r.free()
	narrow := "X" + to[1:]
	switch {
	case r.p.f.Wide && isInt:
		if r.masked {
			r.p.line("VMOVAPS X14, X%d", mask)
		} else {
			r.p.line("VPCMPEQD X%d, X%d, X%d", mask, mask, mask)
		}
		r.p.line("VPXOR %s, %s, %s", narrow, narrow, narrow)
		r.p.line("VPGATHERDD X%d, %d(%s)(X%s*4), %s", mask, 4*after, base, numbers[1:], narrow)
		r.p.line("VCVTDQ2PD %s, %s", narrow, to)
		return
	case r.masked:
		r.p.line("VMOVAPS Y15, Y%d", mask)
	default:
		r.p.line("VPCMPEQD Y%d, Y%d, Y%d", mask, mask, mask)
	}
	r.p.line("VXORPS %s, %s, %s", to, to, to)
	if r.p.f.Wide {
		r.p.line("VGATHERDPD Y%d, %d(%s)(X%s*8), %s", mask, 8*after, base, numbers[1:], to)
	} else {
		r.p.line("VGATHERDPS Y%d, %d(%s)(%s*4), %s", mask, 4*after, base, numbers, to)
	}
}

func (r *run) gather(id V, v Value) {
	numbers := r.register(v.A[0])
	to := r.result(id)
	r.gathered(r.pointer(v.Ref), v.Imm, numbers, to, r.p.f.Streams[v.Ref].Buf.Elem == graph.Int)
	r.release(v)
}

// place makes numbers of elements of ints.
func (r *run) place(id V, v Value) {
	x := r.register(v.A[0])
	r.release(v)
	to := r.result(id)
	if r.p.f.Wide {
		r.p.line("VCVTTPD2DQY %s, X%s", x, to[1:])
		x = to
	}
	r.p.line("VPMULLD %s, %s, %s", r.p.pool.ints(v.Imm), x, to)
}

func (r *run) storeStrided(v Value) {
	from := r.register(v.A[0])
	at, first := r.stridedAddress(v)
	step := int(r.p.f.Streams[v.Ref].Stride) * r.p.elemSize(v.Ref)
	high := r.free()
	lanes := r.p.lanes()
	end := ""
	if r.masked && r.rest > 0 {
		lanes = r.rest
	} else if r.masked {
		end = r.end("stored")
	}
	for l := range lanes {
		r.until(l, end)
		if l == r.p.lanes()/2 {
			r.p.line("VEXTRACTF128 $1, %s, X%d", from, high)
			from = y(high)
		}
		r.storeLane(from[1:], l%(r.p.lanes()/2), fmt.Sprintf("%d%s", first+l*step, at))
	}
	r.label(end)
}

// storeLane stores one of the lower lanes of a vector.
func (r *run) storeLane(from string, lane int, at string) {
	switch {
	case lane == 0:
		r.p.line("%s X%s, %s", r.p.scalarMove(), from, at)
	case r.p.f.Wide:
		r.p.line("VMOVHPD X%s, %s", from, at)
	default:
		r.p.line("VEXTRACTPS $%d, X%s, %s", lane, from, at)
	}
}

// apart is the address of the int32 numbers 0, n, 2n and so on, in so many words.
func (p *pool) apart(n, size int) string {
	numbers := make([]int, 2*size)
	for i := range numbers {
		numbers[i] = i * n
	}
	return p.numbers(numbers)
}

// numbers is the address of an even number of int32.
func (p *pool) numbers(n []int) string {
	words := make([]uint64, len(n)/2)
	for i := range words {
		words[i] = uint64(uint32(n[2*i+1]))<<32 | uint64(uint32(n[2*i]))
	}
	return p.entry(words...)
}

// ints is the address of eight times an int32.
func (p *pool) ints(n int) string {
	w := uint64(uint32(n))<<32 | uint64(uint32(n))
	return p.entry(w, w, w, w)
}
