package vector

import (
	"fmt"
	"strings"
)

// Instructions of AVX2 for float32 and float64.
type instruction struct {
	narrow, wide string
	commutes     bool
}

var instructions = map[Op]instruction{
	Add: {"VADDPS", "VADDPD", true}, Sub: {"VSUBPS", "VSUBPD", false}, Mul: {"VMULPS", "VMULPD", true},
	Div: {"VDIVPS", "VDIVPD", false}, Min: {"VMINPS", "VMINPD", false}, Max: {"VMAXPS", "VMAXPD", false},
	And: {"VANDPS", "VANDPD", true}, AndNot: {"VANDNPS", "VANDNPD", false}, Or: {"VORPS", "VORPD", true},
	Xor: {"VXORPS", "VXORPD", true}, Sqrt: {"VSQRTPS", "VSQRTPD", false}, Round: {"VROUNDPS", "VROUNDPD", false},
	Compare: {"VCMPPS", "VCMPPD", false}, Blend: {"VBLENDVPS", "VBLENDVPD", false},
	AddBits: {"VPADDD", "VPADDQ", true}, SubBits: {"VPSUBD", "VPSUBQ", false}, MulInt: {"VPMULLD", "", true},
	Shl: {"VPSLLD", "VPSLLQ", false}, Shr: {"VPSRLD", "VPSRLQ", false},
	MulPair: {"VPMULUDQ", "VPMULUDQ", true}, ShlPair: {"VPSLLQ", "VPSLLQ", false}, ShrPair: {"VPSRLQ", "VPSRLQ", false},
	XorBits:  {"VPXOR", "VPXOR", true},
	EqualInt: {"VPCMPEQD", "", true}, GreaterInt: {"VPCMPGTD", "", false}, FromInt: {"VCVTDQ2PS", "", false},
	PairsLow: {"VUNPCKLPD", "VUNPCKLPD", false},
	PairLow:  {"VUNPCKLPS", "VUNPCKLPD", false}, PairHigh: {"VUNPCKHPS", "VUNPCKHPD", false},
	FMA: {"VFMADD", "VFMADD", false}, FNMA: {"VFNMADD", "VFNMADD", false}, FMS: {"VFMSUB", "VFMSUB", false},
	FNMS: {"VFNMSUB", "VFNMSUB", false},
}

const registers = 16

// run prints straight-line code. A value is in a register from its first use
// until its last; where there are too few, the one with the furthest next use
// goes to the stack.
type run struct {
	p      *printer
	code   []V
	part   *Part
	at     int // position in code
	first  int // copy of the unrolled body
	copy   int // of the value at hand
	extent int // of the instruction at hand
	masked bool
	rest   int       // lanes of the last vector, where known
	apart  int       // R13 holds the steps done, times this
	in     map[V]int // registers of values
	holds  [registers]V
	kept   [registers]bool // not to be given to other values
	locked [registers]bool // used by the instruction at hand
	uses   map[V][]int     // positions of uses to come
	spilt  map[V]int       // stack slots of values without a place of their own
	spills int
}

const none V = -1

func (p *printer) newRun(part *Part, code []V) *run {
	r := &run{p: p, code: code, part: part, in: map[V]int{}, uses: map[V][]int{}, spilt: map[V]int{}}
	for i := range r.holds {
		r.holds[i] = none
	}
	for i, id := range code {
		v := p.f.Values[id]
		for _, a := range v.A[:v.args()] {
			r.uses[a] = append(r.uses[a], i)
		}
	}
	return r
}

// size is how much of registers an instruction is about: 1 is one element, 2 half a
// vector, 3 all of it.
func (f *Func) extent(v V) int {
	switch n := f.lanes(v); {
	case n == 1:
		return 1
	case n > 0 && n <= f.half():
		return 2
	}
	return 3
}

// keep loads a value into a register for good.
func (r *run) keep(v V, reg int) {
	r.in[v], r.holds[reg], r.kept[reg] = reg, v, true
}

func y(reg int) string { return fmt.Sprintf("Y%d", reg) }

// reg is a register, or the part of it that the instruction at hand is about.
func (r *run) reg(n int) string {
	if r.extent < 3 {
		return fmt.Sprintf("X%d", n)
	}
	return y(n)
}

// scalar are the operations that have a form for one element.
var scalar = map[Op]bool{
	Add: true, Sub: true, Mul: true, Div: true, Min: true, Max: true, Sqrt: true, Round: true, Compare: true,
	FMA: true, FNMA: true, FMS: true, FNMS: true,
}

// name is the mnemonic of an operation of the extent at hand.
func (r *run) name(op Op) string {
	name := r.p.name(op)
	if r.extent == 1 && scalar[op] {
		return name[:len(name)-2] + "S" + name[len(name)-1:]
	}
	return name
}

// name is the mnemonic of an operation.
func (p *printer) name(op Op) string {
	if p.f.Wide {
		return instructions[op].wide
	}
	return instructions[op].narrow
}

// ps puts the suffix of the width to a mnemonic.
func (p *printer) ps(stem string) string {
	if p.f.Wide {
		return stem + "PD"
	}
	return stem + "PS"
}

// memory is the address of a value that is not in a register.
func (r *run) memory(v V) string {
	x := r.p.f.Values[v]
	if x.Op == Const {
		return r.p.pool.operand(x.Bits)
	}
	if slot, ok := r.p.home[v]; ok {
		return fmt.Sprintf("%d(SP)", slot)
	}
	if slot, ok := r.spilt[v]; ok {
		return fmt.Sprintf("%d(SP)", slot)
	}
	if at, ok := r.given(v); ok {
		return at
	}
	r.p.bug("value %d is nowhere", v)
	return ""
}

// given is the address of an argument of straight-line code: of one element.
func (r *run) given(v V) (string, bool) {
	x := r.p.f.Values[v]
	switch {
	case r.p.f.Straight == nil:
	case x.Op == Argument:
		return r.p.sig.scalars[x.Ref], true
	case x.Op == Load:
		return fmt.Sprintf("%d(%s)", x.Imm*r.p.size(), r.pointer(x.Ref)), true
	}
	return "", false
}

// operand is a register or an address.
func (r *run) operand(v V) string {
	if reg, ok := r.in[v]; ok {
		r.locked[reg] = true
		return r.reg(reg)
	}
	return r.memory(v)
}

// operandOf is operand for an operation that may read more than an element from
// memory, or whose name go vet does not know the size from.
func (r *run) operandOf(op Op, v V) string {
	_, given := r.given(v)
	if given && (r.extent != 1 || !scalar[op] || arity[op] == 3 && r.p.f.Values[v].Op == Argument) {
		return r.register(v)
	}
	return r.operand(v)
}

// register brings a value into a register.
func (r *run) register(v V) string {
	if _, ok := r.in[v]; !ok {
		reg := r.free()
		r.load(v, reg)
		r.in[v], r.holds[reg] = reg, v
	}
	return r.operand(v)
}

func (r *run) load(v V, reg int) {
	x, extent := r.p.f.Values[v], r.extent
	defer func() { r.extent = extent }()
	r.extent = r.p.f.extent(v) // all lanes of a constant, which operations of another extent may use too
	switch at, given := r.given(v); {
	case x.Op == Const && x.Bits == 0:
		r.p.line("%s %s, %s, %s", r.p.ps("VXOR"), r.reg(reg), r.reg(reg), r.reg(reg))
	case given:
		r.p.line("%s %s, X%d", r.p.scalarMove(), at, reg)
	default:
		r.p.line("%s %s, %s", r.p.ps("VMOVU"), r.memory(v), r.reg(reg))
	}
}

// free finds a register, if need be by sending a value to the stack.
func (r *run) free() int {
	best, far := -1, -1
	for reg := range r.holds {
		if r.kept[reg] || r.locked[reg] {
			continue
		}
		if r.holds[reg] == none {
			r.locked[reg] = true
			return reg
		}
		if next := r.next(r.holds[reg]); next > far {
			best, far = reg, next
		}
	}
	if best < 0 {
		r.p.bug("no register is left")
		return 0
	}
	r.evict(best)
	r.locked[best] = true
	return best
}

// next is the position of the next use of a value.
func (r *run) next(v V) int {
	for _, at := range r.uses[v] {
		if at >= r.at {
			return at
		}
	}
	return 1 << 30
}

func (r *run) evict(reg int) {
	v := r.holds[reg]
	_, home := r.p.home[v]
	_, spilt := r.spilt[v]
	_, given := r.given(v)
	if !home && !spilt && !given && r.p.f.Values[v].Op != Const && r.next(v) < 1<<30 {
		r.spilt[v] = r.p.spills + 32*r.spills
		r.spills++
		from := y(reg)
		if r.p.f.extent(v) < 3 {
			from = "X" + from[1:]
		}
		r.p.line("%s %s, %d(SP)", r.p.ps("VMOVU"), from, r.spilt[v])
	}
	delete(r.in, v)
	r.holds[reg] = none
}

// dies reports that the instruction at hand is the last to use v, and that v's
// register may be written.
func (r *run) dies(v V) bool {
	reg, ok := r.in[v]
	return ok && !r.kept[reg] && !r.later(v)
}

func (r *run) later(v V) bool {
	for _, at := range r.uses[v] {
		if at > r.at {
			return true
		}
	}
	return false
}

// release frees the registers of operands that are not used again.
func (r *run) release(v Value) {
	for _, a := range v.A[:v.args()] {
		if r.dies(a) {
			reg := r.in[a]
			delete(r.in, a)
			r.holds[reg], r.locked[reg] = none, false
		}
	}
}

// result gives the value being computed a register.
func (r *run) result(id V) string {
	reg := r.free()
	r.in[id], r.holds[reg] = reg, id
	return r.reg(reg)
}

// print prints the whole code.
func (r *run) print() {
	for i, id := range r.code {
		r.at, r.copy = i, r.first+r.p.f.Values[id].Copy
		r.locked = [registers]bool{}
		r.extent = r.p.f.extent(id)
		r.value(id, r.p.f.Values[id])
		if slot, ok := r.p.home[id]; ok && r.p.f.Values[id].Op != Reduced {
			r.p.line("%s %s, %d(SP)", r.p.ps("VMOVU"), y(r.in[id]), slot)
		}
		if reg, ok := r.in[id]; ok && !r.later(id) && !r.kept[reg] {
			delete(r.in, id)
			r.holds[reg] = none
		}
	}
}

func (r *run) value(id V, v Value) {
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
