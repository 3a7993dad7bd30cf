package vector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
)

// printer prints one function for a target. Registers: AX the step of a loop, BX
// the rows left, CX the steps left, DX, R13 and R14 for
// moment's use, the others pointers; in AVX2
// Y15 the mask of the last steps, X14 that of int32 in float64 programs, below
// them the lanes of reductions and values used throughout a loop.
type printer struct {
	t      *target
	f      *Func
	pool   *pool
	out    strings.Builder
	err    error
	home   map[V]int // stack slots of values used in several parts
	frame  int
	bytes  int // stack slot for bools
	rest   int // stack slot for the number of the last steps
	spills int // where slots of single parts begin
	most   int // spilled values in a part
	ptr    []string
	jump   map[[2]int]int // stack slots of jumps, of a stream and a level, in bytes
	left   []int          // stack slots of the rows left in the outer levels
	sig    signature
	accs   map[int][]int // registers of reductions, one a copy of the body
	labels int
	rowPtr map[[2]int]string // of a stream, some rows on
	found  int               // copies of a body that stop a search
}

var pointers = []string{"SI", "DI", "R8", "R9", "R10", "R11", "R12"}

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(&p.out, "\t%s\n", withBroadcast(fmt.Sprintf(format, args...)))
}

func (p *printer) bug(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("internal error in vector: "+format, args...)
	}
}

func (p *printer) slot(bytes int) int {
	at := p.frame
	p.frame += bytes
	return at
}

// lanes is the number of elements in a vector.
func (p *printer) lanes() int { return p.t.bytes / p.size() }

// size is that of a real in bytes.
func (p *printer) size() int {
	if p.f.Wide {
		return 8
	}
	return 4
}

// elemSize is that of a stream's elements.
func (p *printer) elemSize(s int) int {
	switch p.f.Streams[s].Buf.Elem {
	case graph.Int:
		return 4
	case graph.Bool:
		return 1
	}
	return p.size()
}

// function prints the whole.
func (p *printer) function() string {
	p.homes()
	p.entry()
	for k, rows := range p.sig.rows {
		if k+1 == len(p.sig.rows) {
			p.line("MOVQ %s, BX", rows)
			if p.f.Jam > 0 {
				p.groups()
			}
		} else {
			p.line("MOVQ %s, DX", rows)
			p.line("MOVQ DX, %d(SP)", p.left[k])
		}
		fmt.Fprintf(&p.out, "row%d:\n", k)
	}
	for i := range p.f.Parts {
		p.part(&p.f.Parts[i])
	}
	for k := len(p.f.Rows) - 1; k >= 0; k-- {
		p.nextRow(k)
	}
	p.results()
	head := fmt.Sprintf("TEXT ·NAME(SB), 0, $%d-%d\n", p.spills+p.t.bytes*p.most, p.sig.size)
	return head + p.out.String()
}

// results prints the end of the function.
func (p *printer) results() {
	if p.f.Search {
		p.searched()
		return
	}
	for i, r := range p.f.Results {
		if p.f.Straight != nil {
			break
		}
		p.line("%s %d(SP), X0", p.scalarMove(), p.home[r.V])
		p.line("%s X0, %s", p.scalarMove(), p.sig.results[i])
	}
	p.line("VZEROUPPER")
	p.line("RET")
}

func (p *printer) scalarMove() string {
	if p.f.Wide {
		return "VMOVSD"
	}
	return "VMOVSS"
}

// homes gives places to values that outlive their part.
func (p *printer) homes() {
	p.home, p.jump = map[V]int{}, map[[2]int]int{}
	defined := map[V]int{}
	parts := slices.Concat(p.f.Parts, p.f.Jammed)
	for i, part := range parts {
		for _, id := range part.Code {
			defined[id] = i
		}
	}
	need := func(v V, part int) {
		if p.f.Straight != nil {
			return
		}
		op := p.f.Values[v].Op
		at, known := defined[v]
		if op == Const || op != Argument && op != Reduced && known && at == part {
			return
		}
		if _, ok := p.home[v]; !ok {
			p.home[v] = p.slot(p.homeSize())
		}
	}
	for i, part := range parts {
		for _, id := range part.Code {
			v := p.f.Values[id]
			for _, a := range v.A[:v.args()] {
				need(a, i)
			}
		}
	}
	for _, r := range p.f.Results {
		need(r.V, -1)
	}
	for i := range p.f.Streams {
		if i < len(pointers) {
			p.ptr = append(p.ptr, pointers[i])
		} else {
			p.ptr = append(p.ptr, fmt.Sprintf("%d(SP)", p.slot(8)))
		}
		for k := range p.f.Rows {
			if _, ok := p.f.Jump(i, k).IsConst(); !ok {
				p.jump[[2]int{i, k}] = p.slot(8)
			}
		}
	}
	for range max(0, len(p.f.Rows)-1) {
		p.left = append(p.left, p.slot(8))
	}
	if p.hasBools() {
		p.bytes = p.slot(8)
	}
	if slices.ContainsFunc(p.f.Parts, func(part Part) bool { return part.Twin != nil }) {
		p.rest = p.slot(8)
	}
	p.spills = p.frame
}

func (p *printer) hasBools() bool {
	for _, s := range p.f.Streams {
		if s.Buf.Elem == graph.Bool {
			return true
		}
	}
	return false
}

// hasStrides reports streams whose last elements are stored one by one.
func (p *printer) hasStrides() bool {
	for _, s := range p.f.Streams {
		if s.Stride > 0 {
			return true
		}
	}
	return false
}

// entry reads the arguments.
func (p *printer) entry() {
	for i, at := range p.sig.streams {
		if strings.HasSuffix(p.ptr[i], "(SP)") {
			p.line("MOVQ %s, DX", at)
			p.line("MOVQ DX, %s", p.ptr[i])
		} else {
			p.line("MOVQ %s, %s", at, p.ptr[i])
		}
		for k := range p.f.Rows {
			if slot, ok := p.jump[[2]int{i, k}]; ok {
				p.line("MOVQ %s, DX", p.sig.jumps[[2]int{i, k}])
				p.line("SHLQ $%d, DX", map[int]int{1: 0, 4: 2, 8: 3}[p.elemSize(i)])
				p.line("MOVQ DX, %d(SP)", slot)
			}
		}
	}
	for i := range p.f.Values {
		v := p.f.Values[i]
		slot, ok := p.home[V(i)]
		if !ok || v.Op != Argument {
			continue
		}
		if p.t == avx512 {
			p.argument512(v, slot)
			continue
		}
		switch elem := p.f.Scalars[v.Ref].Elem; {
		case elem == graph.Bool:
			p.boolean(p.sig.scalars[v.Ref], 0)
		case elem == graph.Int && p.f.Wide:
			p.line("VCVTSI2SDL %s, X0, X0", p.sig.scalars[v.Ref])
			p.line("VBROADCASTSD X0, Y0")
		case p.f.Wide:
			p.line("VBROADCASTSD %s, Y0", p.sig.scalars[v.Ref])
		default:
			p.line("VBROADCASTSS %s, Y0", p.sig.scalars[v.Ref])
		}
		p.line("%s Y0, %d(SP)", p.ps("VMOVU"), slot)
	}
}

// advance moves the pointers some iterations of a loop over rows on.
func (p *printer) advance(level, times int) {
	for i := range p.f.Streams {
		jump, isConst := p.f.Jump(i, level).IsConst()
		if isConst && jump == 0 {
			continue
		}
		reg := p.ptr[i]
		if strings.HasSuffix(reg, "(SP)") {
			p.line("MOVQ %s, DX", reg)
			reg = "DX"
		}
		switch {
		case isConst:
			p.line("ADDQ $%d, %s", int64(times)*jump*int64(p.elemSize(i)), reg)
		case times > 1: // there are registers for all pointers
			p.line("IMUL3Q $%d, %d(SP), DX", times, p.jump[[2]int{i, level}])
			p.line("ADDQ DX, %s", reg)
		default:
			p.line("ADDQ %d(SP), %s", p.jump[[2]int{i, level}], reg)
		}
		if reg == "DX" {
			p.line("MOVQ DX, %s", p.ptr[i])
		}
	}
}

// nextRow goes on to the next iteration of a loop over rows.
func (p *printer) nextRow(level int) {
	p.advance(level, 1)
	if level+1 == len(p.f.Rows) {
		p.line("DECQ BX")
	} else {
		p.line("DECQ %d(SP)", p.left[level])
	}
	p.line("JNZ row%d", level)
	if p.f.Jam > 0 && level+1 == len(p.f.Rows) {
		p.out.WriteString("rowsEnd:\n")
	}
}

// part prints code without a loop, or a loop.
func (p *printer) part(part *Part) {
	if !part.Loop {
		r := p.newRun(part, part.Code)
		r.print()
		p.most = max(p.most, r.spills)
		return
	}
	if len(part.Code) == 0 {
		return
	}
	l := p.newLoop(part)
	l.print()
}
