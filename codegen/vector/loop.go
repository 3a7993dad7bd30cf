package vector

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// loop prints a vector loop: whole vectors, several at a time where the body is
// short, then single ones, then what is left under a mask.
type loop struct {
	p      *printer
	part   *Part
	count  int64 // steps, where known
	known  bool
	copies int // of the body in the main loop
	top    int // registers from here on are taken
	label  string
	kept   []V // values in registers throughout
}

func (p *printer) newLoop(part *Part) *loop {
	l := &loop{p: p, part: part, top: p.t.free, label: fmt.Sprintf("loop%d", p.labels), copies: 1}
	p.labels++
	l.count, l.known = part.Count.IsConst()
	switch n := len(part.Code); {
	case n <= 12:
		l.copies = 4
	case n <= 30:
		l.copies = 2
	}
	for l.copies > 1 && l.copies*len(part.Reds) > 6 {
		l.copies /= 2
	}
	for l.known && l.copies > 1 && l.count < int64(l.copies*p.lanes()) {
		l.copies /= 2
	}
	if part.Twin != nil {
		l.copies = 2
	}
	p.accs = map[int][]int{}
	for _, red := range part.Reds {
		for range l.copies {
			l.top--
			p.accs[red] = append(p.accs[red], l.top)
		}
	}
	return l
}

func (l *loop) print() {
	l.choose()
	l.start()
	lanes := int64(l.p.lanes())
	whole := int64(l.copies) * lanes
	if l.copies > 1 {
		l.vectors("main", whole, l.copies, l.known)
	}
	if l.part.Twin != nil {
		l.last()
		l.totals()
		return
	}
	rest := l.count
	if l.copies > 1 {
		rest = l.count % whole
	}
	if !l.known || rest >= lanes {
		l.vectors("one", lanes, 1, l.known)
	}
	if !l.known || l.count%lanes != 0 {
		l.last()
	}
	l.totals()
}

// choose finds the values that are worth a register throughout: the most used
// ones, as many as leave enough registers for the rest.
func (l *loop) choose() {
	uses := map[V]int{}
	for _, id := range l.code(false) {
		v := l.p.f.Values[id]
		for _, a := range v.A[:v.args()] {
			if _, home := l.p.home[a]; home || l.p.f.Values[a].Op == Const {
				uses[a]++
			}
		}
	}
	var candidates []V
	for v := range uses {
		candidates = append(candidates, v)
	}
	sort.Slice(candidates, func(i, j int) bool {
		a, b := candidates[i], candidates[j]
		if uses[a] != uses[b] {
			return uses[a] > uses[b]
		}
		return a < b
	})
	candidates = candidates[:min(len(candidates), max(0, l.top-4), l.p.t.kept)]
	if l.p.t == avx512 && l.known && l.count <= int64(l.p.lanes()) {
		candidates = nil // the body runs once, and an instruction repeats an element in memory at no cost
	}
	for n := len(candidates); n > 0; n-- {
		l.kept = candidates[:n]
		if l.fits() {
			return
		}
	}
	l.kept = nil
}

// fits tries whether the body needs no stack.
func (l *loop) fits() bool {
	text, most := l.p.out, l.p.most
	l.p.out = strings.Builder{}
	spills := l.body(0, false)
	l.p.out, l.p.most = text, most
	return spills == 0
}

// body prints one copy of the body.
func (l *loop) body(copy int, masked bool) int {
	r := l.p.newRun(l.part, l.code(masked))
	r.first, r.masked = copy, masked
	if masked && l.known {
		if r.rest = int(l.count % int64(l.p.lanes())); l.part.Twin != nil {
			r.rest = 0 // as many as CX says
		}
	}
	for reg := l.top; reg < l.p.t.registers; reg++ {
		r.kept[reg] = reg < l.p.t.free || masked
	}
	for i, v := range l.kept {
		r.keep(v, l.top-1-i)
	}
	r.print()
	l.p.most = max(l.p.most, r.spills)
	return r.spills
}

// code is that of the main loop, or of the last steps.
func (l *loop) code(masked bool) []V {
	if l.part.Twin != nil && !masked {
		return l.part.Twin
	}
	return l.part.Code
}

// start prints what stands before the loop.
func (l *loop) start() {
	if l.known {
		l.p.line("MOVQ $%d, CX", l.count)
	} else {
		l.p.line("MOVQ %s, CX", l.p.sig.count(l.part.Count))
	}
	l.p.line("XORL AX, AX")
	r := l.p.newRun(l.part, nil)
	for i, v := range l.kept {
		r.load(v, l.top-1-i)
	}
	for _, red := range l.part.Reds {
		for _, reg := range l.p.accs[red] {
			acc, move := l.p.t.register(reg), l.p.loadRepeated()
			switch l.p.f.Reds[red].Op {
			case Add:
				l.p.line("%s %s, %s, %s", l.p.ps("VXOR"), acc, acc, acc)
			case Max:
				l.p.line("%s %s, %s", move, l.p.pool.operand(l.p.bits(math.Inf(-1))), acc)
			default:
				l.p.line("%s %s, %s", move, l.p.pool.operand(l.p.bits(math.Inf(1))), acc)
			}
		}
	}
}

func (p *printer) bits(x float64) uint64 {
	if p.f.Wide {
		return math.Float64bits(x)
	}
	return uint64(math.Float32bits(float32(x)))
}

// vectors prints a loop that takes some steps at a time; certain says that
// there are as many at least once.
func (l *loop) vectors(name string, steps int64, copies int, certain bool) {
	if !certain {
		l.p.line("CMPQ CX, $%d", steps)
		l.p.line("JLT %s%sEnd", l.label, name)
	}
	fmt.Fprintf(&l.p.out, "%s%s:\n", l.label, name)
	for c := range copies {
		if c == 0 || l.part.Twin == nil {
			l.body(c, false)
		}
	}
	l.p.line("ADDQ $%d, AX", steps)
	l.p.line("SUBQ $%d, CX", steps)
	l.p.line("CMPQ CX, $%d", steps)
	l.p.line("JGE %s%s", l.label, name)
	if !certain {
		fmt.Fprintf(&l.p.out, "%s%sEnd:\n", l.label, name)
	}
}

// last prints the steps that make no whole vector; where the main loop takes two
// at a time, there may be one more.
func (l *loop) last() {
	if !l.known {
		l.p.line("TESTQ CX, CX")
		l.p.line("JEQ %sEnd", l.label)
	}
	if l.part.Twin != nil {
		fmt.Fprintf(&l.p.out, "%slast:\n", l.label)
		l.p.line("MOVQ CX, %d(SP)", l.p.rest)
		l.p.line("CMPQ CX, $%d", l.p.lanes())
		l.p.line("JLE %sfew", l.label)
		l.p.line("MOVQ $%d, CX", l.p.lanes())
		fmt.Fprintf(&l.p.out, "%sfew:\n", l.label)
	}
	if l.p.t == avx512 {
		l.lastMask512()
	} else {
		l.lastMask()
	}
	l.body(0, true)
	if l.part.Twin != nil {
		l.p.line("ADDQ $%d, AX", l.p.lanes())
		l.p.line("MOVQ %d(SP), CX", l.p.rest)
		l.p.line("SUBQ $%d, CX", l.p.lanes())
		l.p.line("JGT %slast", l.label)
	}
	if !l.known {
		fmt.Fprintf(&l.p.out, "%sEnd:\n", l.label)
	}
}

// lastMask loads the mask of the last steps.
func (l *loop) lastMask() {
	l.p.line("LEAQ %s, DX", l.p.pool.masks())
	if l.p.f.Wide {
		l.p.line("SHLQ $2, CX")
		l.p.line("SUBQ CX, DX")
		l.p.line("VMOVUPS (DX), X14")
		l.p.line("SUBQ CX, DX")
		l.p.line("VMOVUPD (DX), Y15")
	} else {
		l.p.line("SHLQ $2, CX")
		l.p.line("SUBQ CX, DX")
		l.p.line("VMOVUPS (DX), Y15")
	}
	if l.p.hasBools() || l.p.hasStrides() || l.p.f.Wide {
		l.p.line("SHRQ $2, CX") // the number of steps, again
	}
}

// totals adds up the lanes of the reductions.
func (l *loop) totals() {
	for _, red := range l.part.Reds {
		regs := l.p.accs[red]
		op := l.p.f.Reds[red].Op
		for _, other := range regs[1:] {
			l.p.join(op, l.p.t.register(other), l.p.t.register(regs[0]))
		}
		if l.p.t == avx512 {
			l.total512(red, regs[0])
			continue
		}
		acc := y(regs[0])
		l.p.line("VEXTRACTF128 $1, %s, X0", acc)
		l.p.join(op, "Y0", acc)
		if l.p.f.Wide {
			l.p.line("VPERMILPD $1, %s, Y0", acc)
			l.p.join(op, "Y0", acc)
			l.p.line("VBROADCASTSD X%d, %s", regs[0], acc)
		} else {
			l.p.line("VPERMILPS $0x4e, %s, Y0", acc)
			l.p.join(op, "Y0", acc)
			l.p.line("VPERMILPS $0xb1, %s, Y0", acc)
			l.p.join(op, "Y0", acc)
			l.p.line("VBROADCASTSS X%d, %s", regs[0], acc)
		}
		for id, v := range l.p.f.Values {
			if slot, ok := l.p.home[V(id)]; ok && v.Op == Reduced && v.Ref == red {
				l.p.line("%s %s, %d(SP)", l.p.ps("VMOVU"), acc, slot)
			}
		}
	}
}

// join puts the sum (the greater, the lesser) of acc and x into acc.
func (p *printer) join(op Op, x, acc string) {
	if op == Add {
		p.line("%s %s, %s, %s", p.ps("VADD"), x, acc, acc)
		return
	}
	if p.t == avx512 {
		p.extreme512(op, x, acc, "", "K2")
		return
	}
	p.extreme(op, x, acc, "Y1", "Y2")
}
