package vector

import (
	"fmt"

	"github.com/gradgen/gradgen/graph"
)

func (r *run) load512Stream(id V, v Value) {
	s := r.p.f.Streams[v.Ref]
	if s.Stride > 0 {
		r.loadStrided512(id, v)
		return
	}
	at := r.address(v)
	isInt := s.Buf.Elem == graph.Int && r.p.f.Wide
	if s.Buf.Elem == graph.Bool {
		r.loadBools512(id, at)
		return
	}
	to := r.result(id)
	y := "Y" + to[1:]
	switch {
	case !r.part.Loop && isInt:
		r.p.line("VCVTSI2SDL %s, %s, %s", at, to, to)
	case !r.part.Loop:
		r.p.line("%s %s, %s", r.p.loadFew(), at, to)
	case isInt && r.masked:
		r.p.line("VMOVDQU32.Z %s, K1, %s", at, y)
		r.p.line("VCVTDQ2PD %s, %s", y, to)
	case isInt:
		r.p.line("VCVTDQ2PD %s, %s", at, to)
	case r.masked:
		r.p.line("%s.Z %s, K1, %s", r.p.ps("VMOVU"), at, to)
	default:
		r.p.line("%s %s, %s", r.p.ps("VMOVU"), at, to)
	}
}

// loadBools512 makes a mask of bools, which are bytes; outside of loops a vector of
// one, as it is stored for other parts.
func (r *run) loadBools512(id V, at string) {
	if !r.part.Loop {
		to := r.result(id)
		r.p.line("MOVBLZX %s, DX", at)
		r.p.line("NEGQ DX")
		r.p.line("VMOVQ DX, %s", to)
		return
	}
	x := fmt.Sprintf("X%d", r.free())
	switch {
	case r.masked:
		r.p.line("VMOVDQU8.Z %s, K1, %s", at, x)
	case r.p.f.Wide:
		r.p.line("VMOVQ %s, %s", at, x)
	default:
		r.p.line("VMOVDQU8 %s, %s", at, x)
	}
	r.p.line("VPTESTMB %s, %s, %s", x, x, r.maskResult(id))
}

func (r *run) store512(v Value) {
	s := r.p.f.Streams[v.Ref]
	switch {
	case s.Stride > 0:
		r.storeStrided512(v)
		return
	case s.Buf.Elem == graph.Bool:
		r.storeBools512(v)
		return
	}
	from := r.register(v.A[0])
	isInt := r.p.f.Wide && s.Buf.Elem == graph.Int
	at := r.address(v)
	under := ""
	if r.masked {
		under = "K1, "
	}
	switch {
	case !r.part.Loop && isInt:
		r.p.line("VCVTTSD2SI %s, R14", from)
		r.p.line("MOVL R14, %s", at)
	case !r.part.Loop:
		r.p.line("%s %s, %s", r.p.scalarMove(), from, at)
	case isInt:
		y := fmt.Sprintf("Y%d", r.free())
		r.p.line("VCVTTPD2DQ %s, %s", from, y)
		r.p.line("VMOVDQU32 %s, %s%s", y, under, at)
	default:
		r.p.line("%s %s, %s%s", r.p.ps("VMOVU"), from, under, at)
	}
}

// storeBools512 makes bytes of a mask.
func (r *run) storeBools512(v Value) {
	mask := r.mask(v.A[0])
	at := r.address(v)
	if !r.part.Loop {
		r.p.line("KMOVW %s, R14", mask)
		r.p.line("ANDL $1, R14")
		r.p.line("MOVB R14, %s", at)
		return
	}
	x := fmt.Sprintf("X%d", r.free())
	ones := uint64(0x0101010101010101)
	r.p.line("VMOVDQU8.Z %s, %s, %s", r.p.pool.entry(ones, ones), mask, x)
	switch {
	case r.masked:
		r.p.line("VMOVDQU8 %s, K1, %s", x, at)
	case r.p.f.Wide:
		r.p.line("VMOVQ %s, %s", x, at)
	default:
		r.p.line("VMOVDQU8 %s, %s", x, at)
	}
}

// gathered512 loads elements at numbers of elements (of int32, in memory or a
// register) after an address; under a mask only those that are there.
func (r *run) gathered512(base string, after int, numbers, to string, isInt bool) {
	half := "Y" + to[1:]
	index := r.index512(numbers)
	mask := r.lanes512()
	switch {
	case r.p.f.Wide && isInt:
		r.p.line("VPXORD %s, %s, %s", half, half, half)
		r.p.line("VPGATHERDD %d(%s)(%s*4), %s, %s", 4*after, base, index, mask, half)
		r.p.line("VCVTDQ2PD %s, %s", half, to)
	case r.p.f.Wide:
		r.p.line("VXORPD %s, %s, %s", to, to, to)
		r.p.line("VGATHERDPD %d(%s)(%s*8), %s, %s", 8*after, base, index, mask, to)
	default:
		r.p.line("VXORPS %s, %s, %s", to, to, to)
		r.p.line("VGATHERDPS %d(%s)(%s*4), %s, %s", 4*after, base, index, mask, to)
	}
}

// index512 brings numbers of elements, in memory or a register, into a register of as
// many int32 as a vector has lanes.
func (r *run) index512(numbers string) string {
	letter := pick(r.p.f.Wide, "Y", "Z")
	if numbers[0] == 'Z' {
		return letter + numbers[1:]
	}
	index := fmt.Sprintf("%s%d", letter, r.free())
	r.p.line("VMOVDQU32 %s, %s", numbers, index)
	return index
}

// lanes512 is a copy of the mask of the lanes that are there, which gathering and
// scattering clear.
func (r *run) lanes512() string {
	mask := r.freeMask(none)
	if r.masked {
		r.p.line("KMOVW K1, %s", mask)
	} else {
		r.p.line("KXNORW %s, %s, %s", mask, mask, mask)
	}
	return mask
}

// place512 makes numbers of elements of ints.
func (r *run) place512(id V, v Value) {
	x := r.register(v.A[0])
	r.release(v)
	to := r.result(id)
	if r.p.f.Wide {
		to = "Y" + to[1:]
		r.p.line("VCVTTPD2DQ %s, %s", x, to)
		x = to
	}
	r.p.line("VPMULLD %s, %s, %s", r.p.repeated(r.p.pool.ints(v.Imm)), x, to)
}

// group is the number of reals in 128 bits.
func (r *run) group() int { return 16 / r.p.size() }

// loadStrided512 loads lanes that lie apart, one by one into quarters of a vector, and
// puts these together; the last ones are gathered.
func (r *run) loadStrided512(id V, v Value) {
	s := r.p.f.Streams[v.Ref]
	isInt := s.Buf.Elem == graph.Int
	at, first := r.stridedAddress(v)
	step := int(s.Stride) * r.p.elemSize(v.Ref)
	to := r.result(id)[1:]
	if r.masked {
		r.p.line("LEAQ %d%s, DX", first, at)
		r.gathered512("DX", 0, r.p.pool.apart(int(s.Stride), 8), "Z"+to, isInt)
		return
	}
	lane := func(l int) string { return fmt.Sprintf("%d%s", first+l*step, at) }
	if r.p.f.Wide && isInt {
		r.quarters(to, 2, func(q int, x string) {
			r.p.line("VMOVD %s, %s", lane(4*q), x)
			for l := 1; l < 4; l++ {
				r.p.line("VPINSRD $%d, %s, %s, %s", l, lane(4*q+l), x, x)
			}
		})
		r.p.line("VCVTDQ2PD Y%s, Z%s", to, to)
		return
	}
	r.quarters(to, 4, func(q int, x string) {
		n := r.group()
		r.p.line("%s %s, %s", r.p.scalarMove(), lane(n*q), x)
		for l := 1; l < n; l++ {
			if r.p.f.Wide {
				r.p.line("VMOVHPD %s, %s, %s", lane(n*q+l), x, x)
			} else {
				r.p.line("VINSERTPS $%#x, %s, %s, %s", l<<4, lane(n*q+l), x, x)
			}
		}
	})
}

// quarters fills the first n quarters of a vector, each in a register of its own.
func (r *run) quarters(to string, n int, fill func(q int, x string)) {
	fill(0, "X"+to)
	high := fmt.Sprintf("X%d", r.free())
	whole := pick(n == 2, "Y", "Z") + to
	for q := 1; q < n; q++ {
		fill(q, high)
		r.p.line("VINSERTF32X4 $%d, %s, %s, %s", q, high, whole, whole)
	}
}

// eachQuarter takes a vector apart.
func (r *run) eachQuarter(from string, use func(q int, x string)) {
	use(0, "X"+from)
	high := fmt.Sprintf("X%d", r.free())
	for q := 1; q < 4; q++ {
		r.p.line("VEXTRACTF32X4 $%d, Z%s, %s", q, from, high)
		use(q, high)
	}
}

// storeStrided512 stores lanes that lie apart one by one, the last ones by scattering.
func (r *run) storeStrided512(v Value) {
	from := r.register(v.A[0])[1:]
	at, first := r.stridedAddress(v)
	stride := int(r.p.f.Streams[v.Ref].Stride)
	if r.masked {
		r.p.line("LEAQ %d%s, DX", first, at)
		r.scattered512(from, r.p.pool.apart(stride, 8), r.lanes512())
		return
	}
	r.eachQuarter(from, func(q int, x string) {
		for l := range r.group() {
			r.storeLane(x[1:], l, fmt.Sprintf("%d%s", first+(q*r.group()+l)*stride*r.p.elemSize(v.Ref), at))
		}
	})
}

// scattered512 stores lanes under a mask at numbers of elements after DX.
func (r *run) scattered512(from, numbers, mask string) {
	r.p.line("%s Z%s, %s, (DX)(%s*%d)", pick(r.p.f.Wide, "VSCATTERDPD", "VSCATTERDPS"), from, mask, r.index512(numbers), r.p.size())
}

// pairs512 lists, for the last steps, the numbers of the elements of a half of pairs,
// and makes a mask of those that are there.
func (r *run) pairs512(v Value) (numbers, mask string) {
	stride := int(r.p.f.Streams[v.Ref].Stride)
	var elements, lanes []int
	for k := range r.p.lanes() {
		n := r.group() / 2 // pairs in 128 bits
		lane := k/r.group()*r.group() + v.Half*n + k%r.group()/2
		lanes, elements = append(lanes, lane), append(elements, lane*stride+k%2)
	}
	count := fmt.Sprintf("%s%d", pick(r.p.f.Wide, "Y", "Z"), r.free())
	mask = r.freeMask(none)
	r.p.line("VPBROADCASTD CX, %s", count)
	r.p.line("VPCMPGTD %s, %s, %s", r.p.pool.numbers(lanes), count, mask)
	return r.p.pool.numbers(elements), mask
}

// loadPairs512 loads pairs of lanes that lie apart.
func (r *run) loadPairs512(id V, v Value) {
	at, first := r.stridedAddress(v)
	step := int(r.p.f.Streams[v.Ref].Stride) * r.p.elemSize(v.Ref)
	to := r.result(id)[1:]
	if r.masked {
		r.p.line("LEAQ %d%s, DX", first, at)
		numbers, mask := r.pairs512(v)
		r.p.line("%s Z%s, Z%s, Z%s", r.p.ps("VXOR"), to, to, to)
		r.p.line("%s (DX)(%s*%d), %s, Z%s", pick(r.p.f.Wide, "VGATHERDPD", "VGATHERDPS"), r.index512(numbers), r.p.size(), mask, to)
		return
	}
	lane := func(l int) string { return fmt.Sprintf("%d%s", first+l*step, at) }
	if r.p.f.Wide {
		r.p.line("VMOVUPD %s, X%s", lane(v.Half), to)
		for q := 1; q < 4; q++ {
			r.p.line("VINSERTF64X2 $%d, %s, Z%s, Z%s", q, lane(2*q+v.Half), to, to)
		}
		return
	}
	r.quarters(to, 4, func(q int, x string) {
		r.p.line("VMOVSD %s, %s", lane(4*q+2*v.Half), x)
		r.p.line("VMOVHPS %s, %s, %s", lane(4*q+2*v.Half+1), x, x)
	})
}

// storePairs512 stores pairs of lanes that lie apart.
func (r *run) storePairs512(v Value) {
	from := r.register(v.A[0])[1:]
	at, first := r.stridedAddress(v)
	step := int(r.p.f.Streams[v.Ref].Stride) * r.p.elemSize(v.Ref)
	if r.masked {
		r.p.line("LEAQ %d%s, DX", first, at)
		numbers, mask := r.pairs512(v)
		r.scattered512(from, numbers, mask)
		return
	}
	lane := func(l int) string { return fmt.Sprintf("%d%s", first+l*step, at) }
	if r.p.f.Wide {
		r.p.line("VMOVUPD X%s, %s", from, lane(v.Half))
		for q := 1; q < 4; q++ {
			r.p.line("VEXTRACTF64X2 $%d, Z%s, %s", q, from, lane(2*q+v.Half))
		}
		return
	}
	r.eachQuarter(from, func(q int, x string) {
		r.p.line("VMOVSD %s, %s", x, lane(4*q+2*v.Half))
		r.p.line("VMOVHPS %s, %s", x, lane(4*q+2*v.Half+1))
	})
}
