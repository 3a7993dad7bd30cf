package vector

import (
	"fmt"
	"strings"
)

// value prints one operation.
func (r *run) value(id V, v Value) {
	if r.p.t == avx512 && r.value512(id, v) {
		return
	}
	switch v.Op {
	case Load:
		if r.p.f.Straight == nil {
			r.loadStream(id, v)
		}
	case Store:
		r.storeStream(v)
		r.release(v)
	case Return:
		r.p.line("%s %s, %s", r.p.scalarMove(), r.register(v.A[0]), r.p.sig.results[v.Ref])
		r.release(v)
	case Join, Upper, Lane:
		r.rearranged(id, v)
	case Accumulate:
		r.accumulate(v)
		r.release(v)
	case LoadPairs:
		r.loadPairs(id, v)
	case StorePairs:
		r.storePairs(v)
		r.release(v)
	case First, Second:
		r.apartAgain(id, v)
	case Iota:
		r.iota(id)
	case Place:
		r.place(id, v)
	case Gather:
		r.gather(id, v)
	case Stop:
		r.stop(v)
		r.release(v)
	case Reduced: // the loop has put it into its place
	case FMA, FNMA, FMS, FNMS:
		r.fused(id, v)
	case Blend:
		mask, x, other := r.register(v.A[0]), r.operandOf(v.Op, v.A[1]), r.register(v.A[2])
		r.release(v)
		r.p.line("%s %s, %s, %s, %s", r.name(Blend), mask, x, other, r.result(id))
	case Sqrt, FromInt, Round:
		r.unary(id, v)
	case Shl, Shr, ShlPair, ShrPair:
		x := r.register(v.A[0])
		r.release(v)
		r.p.line("%s $%d, %s, %s", r.name(v.Op), v.Imm, x, r.result(id))
	default:
		r.binary(id, v)
	}
}

// unary prints an operation on one operand; the form for one element has another,
// for the lanes that nobody looks at.
func (r *run) unary(id V, v Value) {
	immediate := ""
	if v.Op == Round {
		immediate = fmt.Sprintf("$%d, ", v.Imm)
	}
	if r.extent == 1 {
		x := r.register(v.A[0])
		r.release(v)
		r.p.line("%s %s%s, %s, %s", r.name(v.Op), immediate, x, x, r.result(id))
		return
	}
	x := r.operand(v.A[0])
	r.release(v)
	r.p.line("%s %s%s, %s", r.name(v.Op), immediate, x, r.result(id))
}

// rearranged prints a change of places of lanes.
func (r *run) rearranged(id V, v Value) {
	x, other := r.register(v.A[0])[1:], ""
	if v.Op == Join {
		other = r.register(v.A[1])[1:]
	}
	r.release(v)
	to := r.result(id)[1:]
	switch {
	case v.Op == Join:
		r.p.line("VINSERTF128 $1, X%s, Y%s, Y%s", other, x, to)
	case v.Op == Upper:
		r.p.line("VEXTRACTF128 $1, Y%s, X%s", x, to)
	case v.Imm == 0:
		r.p.line("VMOVAPD X%s, X%s", x, to)
	default:
		r.p.line("%s $%d, X%s, X%s", r.p.ps("VPERMIL"), v.Imm, x, to)
	}
}

func (r *run) binary(id V, v Value) {
	a, b := v.A[0], v.A[1]
	_, aIn := r.in[a]
	_, bIn := r.in[b]
	if instructions[v.Op].commutes && !aIn && bIn {
		a, b = b, a
	}
	x := r.register(a)
	z := r.operandOf(v.Op, b)
	r.release(v)
	if v.Op == Compare {
		r.p.line("%s $%d, %s, %s, %s", r.name(v.Op), v.Imm, z, x, r.result(id))
		return
	}
	r.p.line("%s %s, %s, %s", r.name(v.Op), z, x, r.result(id))
}

// apartAgain takes the first or the second elements out of pairs.
func (r *run) apartAgain(id V, v Value) {
	x, z := r.register(v.A[0]), r.operand(v.A[1])
	r.release(v)
	switch to := r.result(id); {
	case r.p.f.Wide && v.Op == First:
		r.p.line("VUNPCKLPD %s, %s, %s", z, x, to)
	case r.p.f.Wide:
		r.p.line("VUNPCKHPD %s, %s, %s", z, x, to)
	case v.Op == First:
		r.p.line("VSHUFPS $0x88, %s, %s, %s", z, x, to)
	default:
		r.p.line("VSHUFPS $0xdd, %s, %s, %s", z, x, to)
	}
}

// fused prints a multiply-add, which overwrites one of its operands: one that is
// not used again, or a copy.
func (r *run) fused(id V, v Value) {
	a, b, c := v.A[0], v.A[1], v.A[2]
	name := r.p.name(v.Op)
	suffix := r.suffix()
	if _, ok := r.in[a]; !ok {
		a, b = b, a
	}
	take := func(old V) string { // old's register becomes the result's
		reg := r.in[old]
		r.release(v)
		delete(r.in, old)
		r.in[id], r.holds[reg], r.locked[reg] = reg, id, true
		return r.reg(reg)
	}
	switch {
	case r.dies(c):
		r.operand(c)
		x := r.register(a)
		z := r.operandOf(v.Op, b)
		r.p.line("%s %s, %s, %s", name+"231"+suffix, z, x, take(c))
	case r.dies(a) || r.dies(b):
		if !r.dies(a) {
			a, b = b, a
		}
		r.operand(a)
		x := r.register(b)
		z := r.operandOf(v.Op, c)
		r.p.line("%s %s, %s, %s", name+"213"+suffix, z, x, take(a))
	default:
		x := r.register(a)
		z := r.operandOf(v.Op, b)
		from := r.operandOf(v.Op, c)
		r.release(v)
		reg := r.free2(x, z)
		if !strings.HasSuffix(from, ")") {
			r.p.line("%s %s, %s", r.p.ps("VMOVA"), from, r.reg(reg))
		} else {
			r.load(c, reg)
		}
		r.in[id], r.holds[reg] = reg, id
		r.p.line("%s %s, %s, %s", name+"231"+suffix, z, x, r.reg(reg))
	}
}

// suffix is that of mnemonics of the extent at hand.
func (r *run) suffix() string {
	if r.extent == 1 {
		return "S" + r.p.ps("")[1:]
	}
	return r.p.ps("")
}

// free2 is free for an instruction that writes before it has read all.
func (r *run) free2(names ...string) int {
	for _, n := range names {
		var reg int
		if k, _ := fmt.Sscanf(n[1:], "%d", &reg); k == 1 && !strings.HasSuffix(n, ")") {
			r.locked[reg] = true
		}
	}
	return r.free()
}
