package vector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
)

// value512 prints one of the operations that are done otherwise in AVX-512, and
// reports that it has.
func (r *run) value512(id V, v Value) bool {
	switch v.Op {
	case Load:
		r.load512Stream(id, v)
	case Store:
		r.store512(v)
		r.release(v)
	case Accumulate:
		r.accumulate512(v)
		r.release(v)
	case LoadPairs:
		r.loadPairs512(id, v)
	case StorePairs:
		r.storePairs512(v)
		r.release(v)
	case Iota:
		r.iota512(id)
	case Place:
		r.place512(id, v)
	case Gather:
		numbers := r.register(v.A[0])
		to := r.result(id)
		r.gathered512(r.pointer(v.Ref), v.Imm, numbers, to, r.p.f.Streams[v.Ref].Buf.Elem == graph.Int)
		r.release(v)
	case Stop:
		r.stop512(v)
		r.release(v)
	case Compare, EqualInt, GreaterInt:
		r.compared(id, v)
	case Blend:
		r.blended(id, v)
	case And, Or, Xor, AndNot:
		return r.ofMasks(id, v)
	default:
		return false
	}
	return true
}

// load512 loads a value that is not in a register into one: what is the same in all
// lanes from one element.
func (r *run) load512(v V, reg int) {
	x := r.p.f.Values[v]
	_, home := r.p.home[v]
	at := strings.TrimPrefix(r.memory(v), everyLane)
	switch to := r.reg(reg); {
	case x.Op == Const && x.Bits == 0:
		r.p.line("%s %s, %s, %s", r.p.ps("VXOR"), to, to, to)
	case home && r.part.Loop && r.p.paired():
		r.p.line("VBROADCASTSD %s, %s", at, to)
	case (x.Op == Const || home) && r.part.Loop:
		r.p.line("%s %s, %s", r.p.loadRepeated(), at, to)
	case x.Op == Const || home:
		r.p.line("VMOVSD %s, %s", at, to)
	default:
		r.p.line("%s %s, %s", r.p.ps("VMOVU"), at, to)
	}
}

// argument512 puts a scalar argument where code finds it.
func (p *printer) argument512(v Value, slot int) {
	at := p.sig.scalars[v.Ref]
	switch elem := p.f.Scalars[v.Ref].Elem; {
	case elem == graph.Bool:
		p.line("MOVBLZX %s, DX", at)
		p.line("NEGQ DX")
		p.line("MOVQ DX, %d(SP)", slot)
		return
	case elem == graph.Int && p.f.Wide:
		p.line("VCVTSI2SDL %s, X0, X0", at)
	default:
		p.line("%s %s, X0", p.loadFew(), at)
	}
	p.line("VMOVSD X0, %d(SP)", slot)
}

// loadFew loads an element into as many lanes as a place on the stack has, outside
// of loops.
func (p *printer) loadFew() string { return pick(p.f.Wide, "VMOVSD", "VBROADCASTSS") }

// paired reports operations on pairs of lanes of float32: what is the same in all
// pairs may differ in the two of them.
func (p *printer) paired() bool {
	return !p.f.Wide && slices.ContainsFunc(p.f.Values, func(v Value) bool {
		return v.Op == MulPair || v.Op == ShlPair || v.Op == ShrPair
	})
}

// lastMask512 makes the mask of the last steps.
func (l *loop) lastMask512() {
	if rest := l.count % int64(l.p.lanes()); l.known && l.part.Twin == nil {
		l.p.line("MOVL $%d, DX", 1<<rest-1)
	} else {
		l.p.line("MOVL $1, DX")
		l.p.line("SHLL CX, DX")
		l.p.line("DECL DX")
	}
	l.p.line("KMOVW DX, K1")
}

// total512 adds up the lanes of a reduction.
func (l *loop) total512(red, reg int) {
	p, op := l.p, l.p.f.Reds[red].Op
	acc, half, quarter := p.t.register(reg), fmt.Sprintf("Y%d", reg), fmt.Sprintf("X%d", reg)
	p.line("VEXTRACTF64X4 $1, %s, Y0", acc)
	p.join(op, "Y0", half)
	p.line("VEXTRACTF32X4 $1, %s, X0", half)
	p.join(op, "X0", quarter)
	if p.f.Wide {
		p.line("VPERMILPD $1, %s, X0", quarter)
	} else {
		p.line("VPERMILPS $0x4e, %s, X0", quarter)
		p.join(op, "X0", quarter)
		p.line("VPERMILPS $0xb1, %s, X0", quarter)
	}
	p.join(op, "X0", quarter)
	for id, v := range p.f.Values {
		if slot, ok := p.home[V(id)]; ok && v.Op == Reduced && v.Ref == red {
			p.line("VMOVSD %s, %d(SP)", quarter, slot)
		}
	}
}

// accumulate512 adds a vector to a reduction's lanes.
func (r *run) accumulate512(v Value) {
	acc := r.p.t.register(r.p.accs[v.Ref][r.copy])
	x := r.register(v.A[0])
	under := ""
	if r.masked {
		under = "K1, "
	}
	if op := r.p.f.Reds[v.Ref].Op; op != Add {
		r.p.extreme512(op, x, acc, under, r.freeMask(none))
		return
	}
	r.p.line("%s %s, %s, %s%s", r.p.ps("VADD"), x, acc, under, acc)
}

// extreme512 puts the greater (least) of acc and x into acc, NaN if either is, in
// lanes that are under a mask, if there is one.
func (p *printer) extreme512(op Op, x, acc, under, nan string) {
	p.line("%s $%d, %s, %s, %s%s", p.ps("VCMP"), unordered, x, x, under, nan)
	p.line("%s %s, %s, %s%s", p.name(op), acc, x, under, acc)
	p.line("%s %s, %s, %s", p.ps("VMOVA"), x, nan, acc)
}

// stop512 ends the function at the first lane that is set.
func (r *run) stop512(v Value) {
	mask := r.mask(v.A[0])
	if r.masked {
		m := r.freeMask(none)
		r.p.line("KANDW %s, K1, %s", mask, m)
		mask = m
	}
	r.p.line("KMOVW %s, DX", mask)
	r.p.line("TESTL DX, DX")
	r.p.line("JNZ found%d", r.copy)
	r.p.found = max(r.p.found, r.copy+1)
}

// iota512 prints the numbers of the steps at hand.
func (r *run) iota512(id V) {
	to := r.result(id)
	counting := r.p.pool.counting(r.copy*r.p.lanes(), r.p.t.bytes/8)
	if r.p.f.Wide {
		x := "X" + to[1:]
		r.p.line("VCVTSI2SDQ AX, %s, %s", x, x)
		r.p.line("VBROADCASTSD %s, %s", x, to)
		r.p.line("VADDPD %s, %s, %s", counting, to, to)
		return
	}
	r.p.line("VPBROADCASTD AX, %s", to)
	r.p.line("VPADDD %s, %s, %s", counting, to, to)
}
