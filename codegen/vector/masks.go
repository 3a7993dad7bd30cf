package vector

import (
	"fmt"
	"strings"
)

// maskRegisters are the registers K0 to K7 of AVX-512, a bit for each lane, in which
// comparisons leave what they find. K1 is the mask of the last steps, K0 stands for
// no mask in an instruction. A value may be in a vector register too, as ones in all
// bits of the lanes that are set.
type maskRegisters struct {
	in     map[V]int
	is     map[V]bool // values that are masks from the beginning
	spilt  map[V]int  // stack slots
	holds  [8]V
	locked [8]bool // used by the instruction at hand
}

func newMasks() maskRegisters {
	m := maskRegisters{in: map[V]int{}, is: map[V]bool{}, spilt: map[V]int{}}
	for i := range m.holds {
		m.holds[i] = none
	}
	return m
}

const firstMask = 2

func k(reg int) string { return fmt.Sprintf("K%d", reg) }

// mask brings a value, or the signs of its lanes, into a mask register.
func (r *run) mask(v V) string {
	if reg, ok := r.masks.in[v]; ok {
		r.masks.locked[reg] = true
		return k(reg)
	}
	if slot, ok := r.masks.spilt[v]; ok {
		to := r.freeMask(v)
		r.p.line("KMOVW %d(SP), %s", slot, to)
		return to
	}
	from := r.register(v)
	to := r.freeMask(v)
	r.p.line("%s %s, %s", pick(r.p.f.Wide, "VPMOVQ2M", "VPMOVD2M"), from, to)
	return to
}

// fromMask makes a vector of a mask.
func (p *printer) fromMask() string { return pick(p.f.Wide, "VPMOVM2Q", "VPMOVM2D") }

// maskResult gives the value being computed, a mask, a register.
func (r *run) maskResult(id V) string {
	r.masks.is[id] = true
	return r.freeMask(id)
}

// freeMask finds a mask register for a value, or for a moment where that is none.
func (r *run) freeMask(v V) string {
	m, best, far := &r.masks, -1, -1
	for reg := firstMask; reg < len(m.holds); reg++ {
		next := 1 << 31
		if m.holds[reg] != none {
			next = r.next(m.holds[reg])
		}
		if !m.locked[reg] && next > far {
			best, far = reg, next
		}
	}
	if best < 0 {
		r.p.bug("no mask register is left")
		return k(0)
	}
	r.evictMask(best)
	if m.locked[best] = true; v != none {
		m.in[v], m.holds[best] = best, v
	}
	return k(best)
}

// evictMask takes a value out of a mask register: one that is a mask from the beginning
// may be nowhere else.
func (r *run) evictMask(reg int) {
	m := &r.masks
	v := m.holds[reg]
	if v == none {
		return
	}
	if _, spilt := m.spilt[v]; m.is[v] && !spilt {
		m.spilt[v] = r.spillSlot()
		r.p.line("KMOVW %s, %d(SP)", k(reg), m.spilt[v])
	}
	delete(m.in, v)
	m.holds[reg] = none
}

// releaseMask frees the mask register of a value that is not used again.
func (r *run) releaseMask(v V) {
	if reg, ok := r.masks.in[v]; ok && !r.later(v) {
		delete(r.masks.in, v)
		r.masks.holds[reg], r.masks.locked[reg] = none, false
	}
}

// compared prints a comparison.
func (r *run) compared(id V, v Value) {
	a, b, name := v.A[0], v.A[1], r.name(v.Op)
	if v.Op == Compare {
		name += fmt.Sprintf(" $%d,", v.Imm)
	}
	x := r.register(a)
	z := r.operand(b)
	r.release(v)
	r.p.line("%s %s, %s, %s", name, z, x, r.maskResult(id))
}

// ofMasks prints an operation on bits of which at least one operand is a mask. It
// reports that it has.
func (r *run) ofMasks(id V, v Value) bool {
	x, y := v.A[0], v.A[1]
	if !r.masks.is[x] {
		x, y = y, x
	}
	both := r.masks.is[x] && r.masks.is[y]
	suffix := pick(r.p.f.Wide, "B", "W")
	switch {
	case !r.masks.is[x] || v.Op == AndNot:
		return false
	case v.Op == Xor && r.p.f.Values[y].Op == Const && r.p.f.Values[y].Bits != 0:
		m := r.mask(x)
		r.release(v)
		r.p.line("KNOT%s %s, %s", suffix, m, r.maskResult(id))
	case both || v.Op == Xor:
		m, n := r.mask(x), r.mask(y)
		r.release(v)
		r.p.line("K%s%s %s, %s, %s", map[Op]string{And: "AND", Or: "OR", Xor: "XOR"}[v.Op], suffix, n, m, r.maskResult(id))
	case v.Op == And:
		r.under(id, v, x, y)
	default: // ones where the mask is set, and elsewhere the other operand
		m, other := r.mask(x), r.register(y)
		r.release(v)
		r.p.line("%s %s, %s, %s, %s", r.p.ps("VBLENDM"), r.p.repeated(r.p.pool.operand(^uint64(0))), other, m, r.result(id))
	}
	return true
}

// under prints what is y where a mask is set and 0 elsewhere.
func (r *run) under(id V, v Value, x, y V) {
	m, other, move := r.mask(x), r.operand(y), r.p.ps("VMOVA")
	if at, memory := strings.CutPrefix(other, everyLane); memory && r.part.Loop {
		other, move = at, r.p.loadRepeated()
	} else if strings.HasSuffix(other, ")") {
		other = r.register(y)
	}
	r.release(v)
	r.p.line("%s.Z %s, %s, %s", move, other, m, r.result(id))
}

// blended prints a choice.
func (r *run) blended(id V, v Value) {
	m, other := r.mask(v.A[0]), r.register(v.A[2])
	x := r.operand(v.A[1])
	r.release(v)
	r.p.line("%s %s, %s, %s, %s", r.p.ps("VBLENDM"), x, other, m, r.result(id))
}
