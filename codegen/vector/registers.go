package vector

import "fmt"

// Instructions for float32 and float64, where they have the same names for AVX2 and
// AVX-512.
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

const mostRegisters = 32

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
	holds  [mostRegisters]V
	kept   [mostRegisters]bool // not to be given to other values
	locked [mostRegisters]bool // used by the instruction at hand
	uses   map[V][]int         // positions of uses to come
	spilt  map[V]int           // stack slots of values without a place of their own
	spills int
	masks  maskRegisters
}

const none V = -1

func (p *printer) newRun(part *Part, code []V) *run {
	r := &run{p: p, code: code, part: part, in: map[V]int{}, uses: map[V][]int{}, spilt: map[V]int{}, masks: newMasks()}
	for i := range r.holds {
		r.holds[i], r.kept[i] = none, i >= p.t.registers
	}
	for i, id := range code {
		v := p.f.Values[id]
		for _, a := range v.A[:v.args()] {
			r.uses[a] = append(r.uses[a], i)
		}
	}
	return r
}

// extentOf is how much of registers an instruction is about: 1 is one element, 2 as
// much as half a vector of AVX2 has, 3 all of a vector.
func (r *run) extentOf(v V) int {
	if r.p.t == avx512 {
		return map[bool]int{false: 2, true: 3}[r.part.Loop] // outside of loops all lanes are the same
	}
	f := r.p.f
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
	return r.p.t.register(n)
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
	if other, ok := names512[op]; ok && p.t == avx512 {
		return pick(p.f.Wide, other.wide, other.narrow)
	}
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
		return r.p.repeated(r.p.pool.operand(x.Bits))
	}
	if slot, ok := r.p.home[v]; ok {
		return r.p.repeated(fmt.Sprintf("%d(SP)", slot))
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
	if _, home := r.p.home[v]; r.masks.is[v] || home && r.p.t == avx512 && r.p.paired() {
		return r.register(v)
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
		if r.masks.is[v] {
			r.p.line("%s %s, %s", r.p.fromMask(), r.mask(v), r.reg(reg))
		} else {
			r.load(v, reg)
		}
		r.in[v], r.holds[reg] = reg, v
	}
	return r.operand(v)
}

func (r *run) load(v V, reg int) {
	x, extent := r.p.f.Values[v], r.extent
	defer func() { r.extent = extent }()
	r.extent = r.extentOf(v) // all lanes of a constant, which operations of another extent may use too
	switch at, given := r.given(v); {
	case r.p.t == avx512:
		r.load512(v, reg)
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
	if !home && !spilt && !given && !r.masks.is[v] && r.p.f.Values[v].Op != Const && r.next(v) < 1<<30 {
		r.spilt[v] = r.spillSlot()
		from := r.p.t.register(reg)
		if r.extentOf(v) < 3 {
			from = "X" + from[1:]
		}
		r.p.line("%s %s, %d(SP)", r.p.ps("VMOVU"), from, r.spilt[v])
	}
	delete(r.in, v)
	r.holds[reg] = none
}

func (r *run) spillSlot() int {
	r.spills++
	return r.p.spills + r.p.t.bytes*(r.spills-1)
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
		r.releaseMask(a)
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
		r.locked, r.masks.locked = [mostRegisters]bool{}, [8]bool{}
		r.extent = r.extentOf(id)
		r.value(id, r.p.f.Values[id])
		if slot, ok := r.p.home[id]; ok && r.p.f.Values[id].Op != Reduced {
			r.settle(id, slot)
		}
		if reg, ok := r.in[id]; ok && !r.later(id) && !r.kept[reg] {
			delete(r.in, id)
			r.holds[reg] = none
		}
		r.releaseMask(id)
	}
}

// settle stores a value that another part uses.
func (r *run) settle(id V, slot int) {
	if r.p.t == avx512 {
		r.p.line("VMOVSD X%s, %d(SP)", r.register(id)[1:], slot)
		return
	}
	r.p.line("%s %s, %d(SP)", r.p.ps("VMOVU"), y(r.in[id]), slot)
}
