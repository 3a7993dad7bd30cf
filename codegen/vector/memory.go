package vector

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph"
)

// address is that of a stream's element: in a loop that of the step at hand.
func (r *run) address(v Value) string {
	size := r.p.elemSize(v.Ref)
	reg, after := r.rowPointer(v.Ref, v.Row)
	if r.p.f.Straight != nil {
		return fmt.Sprintf("%d(%s)", size*v.Imm, reg)
	}
	at := "(" + reg + ")"
	if r.part.Loop {
		at, after = fmt.Sprintf("(%s)(AX*%d)", reg, size), after+r.copy*r.p.lanes()*size
	}
	return displaced(at, after+v.Imm*size)
}

// displaced is an address so many bytes further.
func displaced(at string, by int) string {
	n, rest, _ := strings.Cut(at, "(")
	have, _ := strconv.Atoi(n)
	if by += have; by == 0 {
		return "(" + rest
	}
	return strconv.Itoa(by) + "(" + rest
}

func (r *run) loadStream(id V, v Value) {
	if r.p.f.Streams[v.Ref].Stride > 0 {
		r.loadStrided(id, v)
		return
	}
	at := r.address(v)
	isInt := r.p.f.Streams[v.Ref].Buf.Elem == graph.Int && r.p.f.Wide
	to := r.result(id)
	if r.p.f.Streams[v.Ref].Buf.Elem == graph.Bool {
		r.loadBools(at, to)
		return
	}
	x := "X" + to[1:]
	switch {
	case !r.part.Loop && isInt:
		r.p.line("VCVTSI2SDL %s, %s, %s", at, x, x)
		r.p.line("VBROADCASTSD %s, %s", x, to)
	case !r.part.Loop && r.p.f.Wide:
		r.p.line("VBROADCASTSD %s, %s", at, to)
	case !r.part.Loop:
		r.p.line("VBROADCASTSS %s, %s", at, to)
	case isInt && r.masked:
		r.p.line("VMASKMOVPS %s, X14, %s", at, x)
		r.p.line("VCVTDQ2PD %s, %s", x, to)
	case isInt:
		r.p.line("VCVTDQ2PD %s, %s", at, to)
	case r.masked:
		r.p.line("%s %s, Y15, %s", r.p.ps("VMASKMOV"), at, to)
	default:
		r.p.line("%s %s, %s", r.p.ps("VMOVU"), at, to)
	}
}

// loadBools makes a mask of bools, which are bytes. The last ones are copied to the
// stack one by one.
func (r *run) loadBools(at, to string) {
	extend, subtract := "VPMOVZXBD", "VPSUBD"
	if r.p.f.Wide {
		extend, subtract = "VPMOVZXBQ", "VPSUBQ"
	}
	if !r.part.Loop {
		r.p.boolean(at, to[1:])
		return
	}
	zero := y(r.free())
	switch {
	case r.masked:
		r.p.labels++
		r.apart = 0 // R13 serves here too
		r.p.line("LEAQ %s, DX", at)
		r.p.line("MOVQ $0, %d(SP)", r.p.bytes)
		r.p.line("MOVQ CX, R14")
		fmt.Fprintf(&r.p.out, "bools%d:\n", r.p.labels)
		r.p.line("MOVBLZX -1(DX)(R14*1), R13")
		r.p.line("MOVB R13, %d(SP)(R14*1)", r.p.bytes-1)
		r.p.line("DECQ R14")
		r.p.line("JNZ bools%d", r.p.labels)
		r.p.line("%s %d(SP), %s", extend, r.p.bytes, to)
	default:
		r.p.line("%s %s, %s", extend, at, to)
	}
	r.p.line("VPXOR %s, %s, %s", zero, zero, zero)
	r.p.line("%s %s, %s, %s", subtract, to, zero, to)
}

// boolean makes a mask of one bool for all lanes.
func (p *printer) boolean(at string, reg any) {
	p.line("MOVBLZX %s, DX", at)
	p.line("NEGQ DX")
	p.line("VMOVQ DX, X%v", reg)
	p.line("VPBROADCASTQ X%v, Y%v", reg, reg)
}

func (r *run) storeStream(v Value) {
	if r.p.f.Streams[v.Ref].Stride > 0 {
		r.storeStrided(v)
		return
	}
	if s := r.p.f.Streams[v.Ref]; s.Buf.Elem == graph.Bool {
		r.storeBools(v)
		return
	}
	from := r.register(v.A[0])
	if r.p.f.Wide && r.p.f.Streams[v.Ref].Buf.Elem == graph.Int {
		r.storeInts(v, from)
		return
	}
	at := r.address(v)
	switch {
	case r.extent == 2:
		r.p.line("%s %s, %s", r.p.ps("VMOVU"), from, at)
	case !r.part.Loop:
		r.p.line("%s X%s, %s", r.p.scalarMove(), from[1:], at)
	case r.rest > 0:
		r.storePart(from[1:], at, r.rest)
	case r.masked && r.p.f.Wide:
		r.storeLast(from[1:], at)
	case r.masked:
		r.p.line("%s %s, Y15, %s", r.p.ps("VMASKMOV"), from, at)
	default:
		r.p.line("%s %s, %s", r.p.ps("VMOVU"), from, at)
	}
}

// storeLast stores as many lanes of the four as CX says, which takes some processors
// far less time than a mask.
func (r *run) storeLast(from, at string) {
	r.p.labels++
	one, end := fmt.Sprintf("one%d", r.p.labels), fmt.Sprintf("stored%d", r.p.labels)
	high := r.free()
	r.p.line("CMPQ CX, $2")
	r.p.line("JLT %s", one)
	r.p.line("VMOVUPD X%s, %s", from, at)
	r.p.line("JEQ %s", end)
	r.p.line("VEXTRACTF128 $1, Y%s, X%d", from, high)
	r.p.line("VMOVSD X%d, %s", high, displaced(at, 16))
	if r.part.Twin != nil { // all four may be there
		r.p.line("CMPQ CX, $4")
		r.p.line("JLT %s", end)
		r.p.line("VMOVHPD X%d, %s", high, displaced(at, 24))
	}
	r.p.line("JMP %s", end)
	fmt.Fprintf(&r.p.out, "%s:\n", one)
	r.p.line("VMOVSD X%s, %s", from, at)
	fmt.Fprintf(&r.p.out, "%s:\n", end)
}

// storeBools makes bytes of a mask: of its signs, spread by a multiplication.
func (r *run) storeBools(v Value) {
	from := r.register(v.A[0])
	r.apart = 0 // R13 serves here too
	r.p.line("%s %s, R14", r.p.ps("VMOVMSK"), from)
	at := r.address(v)
	if !r.part.Loop {
		r.p.line("ANDL $1, R14")
		r.p.line("MOVB R14, %s", at)
		return
	}
	if !r.p.f.Wide {
		r.p.line("MOVL R14, R13")
		r.p.line("SHRL $4, R13")
		r.spread("R13")
		r.p.line("SHLQ $32, R13")
		r.p.line("ANDL $15, R14")
	}
	r.spread("R14")
	if !r.p.f.Wide {
		r.p.line("ORQ R13, R14")
	}
	switch {
	case r.masked:
		r.lastBools(at)
	case r.p.f.Wide:
		r.p.line("MOVL R14, %s", at)
	default:
		r.p.line("MOVQ R14, %s", at)
	}
}

// spread makes four bytes of the lowest four bits of a register.
func (r *run) spread(reg string) {
	r.p.line("IMUL3L $0x204081, %s, %s", reg, reg)
	r.p.line("ANDL $0x01010101, %s", reg)
}

// lastBools stores the bytes of the steps that are left one by one.
func (r *run) lastBools(at string) {
	r.p.labels++
	end := fmt.Sprintf("bools%d", r.p.labels)
	r.p.line("LEAQ %s, DX", at)
	for l := range r.p.lanes() {
		if l > 0 {
			r.p.line("CMPQ CX, $%d", l)
			r.p.line("JLE %s", end)
			r.p.line("SHRQ $8, R14")
		}
		r.p.line("MOVB R14, %d(DX)", l)
	}
	fmt.Fprintf(&r.p.out, "%s:\n", end)
}

// storeInts stores ints that float64 programs keep as reals.
func (r *run) storeInts(v Value, from string) {
	at, x := r.address(v), fmt.Sprintf("X%d", r.free())
	r.p.line("VCVTTPD2DQY %s, %s", from, x)
	switch {
	case !r.part.Loop:
		r.p.line("VMOVD %s, %s", x, at)
	case r.masked:
		r.p.line("VMASKMOVPS %s, X14, %s", x, at)
	default:
		r.p.line("VMOVDQU %s, %s", x, at)
	}
}

// storePart stores a known number of lanes, which takes some processors less
// time than a mask.
func (r *run) storePart(from, at string, lanes int) {
	half := r.p.lanes() / 2
	if lanes >= half {
		r.p.line("%s X%s, %s", r.p.ps("VMOVU"), from, at)
		if lanes == half {
			return
		}
		high := strconv.Itoa(r.free())
		r.p.line("VEXTRACTF128 $1, Y%s, X%s", from, high)
		from, at, lanes = high, displaced(at, 16), lanes-half
	}
	switch {
	case lanes == 1:
		r.p.line("%s X%s, %s", r.p.scalarMove(), from, at)
	case lanes == 2:
		r.p.line("VMOVQ X%s, %s", from, at)
	default:
		r.p.line("VMOVQ X%s, %s", from, at)
		r.p.line("VEXTRACTPS $2, X%s, %s", from, displaced(at, 8))
	}
}

// iota prints the numbers of the steps at hand.
func (r *run) iota(id V) {
	to := r.result(id)
	x := "X" + to[1:]
	first := r.copy * r.p.lanes()
	if r.p.f.Wide {
		r.p.line("VCVTSI2SDQ AX, %s, %s", x, x)
		r.p.line("VBROADCASTSD %s, %s", x, to)
		r.p.line("VADDPD %s, %s, %s", r.p.pool.counting(first, 4), to, to)
		return
	}
	r.p.line("VMOVQ AX, %s", x)
	r.p.line("VPBROADCASTD %s, %s", x, to)
	r.p.line("VPADDD %s, %s, %s", r.p.pool.counting(first, 4), to, to)
}

// accumulate adds a vector to a reduction's lanes; of the last steps only those
// that are there.
func (r *run) accumulate(v Value) {
	acc := y(r.p.accs[v.Ref][r.copy])
	x := r.register(v.A[0])
	op := r.p.f.Reds[v.Ref].Op
	if r.masked {
		t := y(r.free())
		if op == Add {
			r.p.line("%s %s, Y15, %s", r.p.ps("VAND"), x, t)
		} else {
			r.p.line("%s Y15, %s, %s, %s", r.p.ps("VBLENDV"), x, acc, t)
		}
		x = t
	}
	if op == Add {
		r.p.line("%s %s, %s, %s", r.p.ps("VADD"), x, acc, acc)
		return
	}
	r.p.extreme(op, x, acc, y(r.free()), y(r.free()))
}

// extreme puts the greater (least) of acc and x into acc, NaN if either is.
func (p *printer) extreme(op Op, x, acc, t, u string) {
	p.line("%s %s, %s, %s", p.name(op), x, acc, t)
	p.line("%s $%d, %s, %s, %s", p.ps("VCMP"), unordered, acc, acc, u)
	p.line("%s %s, %s, %s, %s", p.ps("VBLENDV"), u, acc, t, acc)
}
