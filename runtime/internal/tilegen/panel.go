package main

import "fmt"

// A panel is a function that computes rows of C, so many vectors wide, in tiles
// that stay in registers:
//
//	for rows left {
//		for range groups {
//			for p := range k {
//				b0, b1 := B[p][0:8], B[p][8:16]
//				for i := range tile { a := A[i][p]; c[i][0] += a*b0; c[i][1] += a*b1 }
//			}
//			move A and B to the next group
//		}
//	}
//
// Where rows of A have been copied in tiles, its columns are as far apart as the tile
// has rows.
//
// Registers: DI, SI row of C and its stride; R8, R9, R10 A with its strides by
// row and by column, AX, BX and R13 three, five and seven rows; R11, R12 B and
// its stride; CX the columns of A left, R14 the rows left. C is in the first
// vectors, a row of B in those below that of an element of A, the number of
// elements that the mask leaves in R15, with AVX2 the mask in Y15.
type panel struct {
	form
	vectors int
	masked  bool
}

const (
	// unrolled is how many columns of A a loop takes at a time. With AVX-512 a tile
	// of enough sums takes one: its loop has little else to do.
	unrolled  = 4
	enoughFor = 8

	// fetched is the number of sums of a tile from which the next rows of C are asked
	// for while those before are computed.
	fetched = 12
)

// maskRegister holds the mask of the last vector, with AVX2.
const maskRegister = 15

// each visits all panels of the target in the order of their numbers.
func (f form) each(visit func(p *panel)) {
	for vectors := 1; vectors <= len(f.t.rows); vectors++ {
		visit(&panel{f, vectors, false})
		visit(&panel{f, vectors, true})
	}
}

func (t *panel) name() string {
	n := fmt.Sprintf("V%d", t.vectors)
	if t.masked {
		n += "M"
	}
	return t.form.name("panel", n)
}

// number is that of the panel among those of its width and target.
func (t *panel) number() int {
	if t.masked {
		return 2*t.vectors + 1
	}
	return 2 * t.vectors
}

func (t *panel) function() {
	t.text(t.name(), "DI SI - R9 - - R12 - R13 - R14 R15")
	if t.masked {
		t.prepareMask(maskRegister)
	}
	t.line("LEAQ (R9)(R9*2), AX")
	t.line("LEAQ (R9)(R9*4), BX")
	most := t.t.rows[t.vectors-1]
	t.label("next")
	left := t.choose(most)
	for rows := most; rows > 0; rows-- {
		t.label("rows%d", rows)
		if rows > 1 {
			t.line("CMPQ %s, $%d", left, rows)
			t.line("JLT rows%d", rows-1)
		}
		t.tile(rows)
		t.line("SUBQ $%d, R14", rows)
		t.line("JNZ next")
		t.end()
	}
}

// choose prints the choice of the rows of the next tile, at most as many as the
// register has that is returned: all that are left, or two tiles of about as many
// rows where that takes less time than a whole one and the rest.
func (t *panel) choose(most int) string {
	switch {
	case most == 2:
		return "R14"
	case t.t.wide():
		t.line("MOVQ R14, R13")
		t.line("CMPQ R14, $%d", most)
		t.line("JLE rows%d", most)
		t.line("CMPQ R14, $%d", 2*most)
		t.line("JGE rows%d", most)
		t.line("INCQ R13")
		t.line("SHRQ $1, R13")
		return "R13"
	}
	if t.vectors == 1 { // the tiles of a copy of A are those of two vectors
		t.line("CMPQ 136(DX), $0")
		t.line("JEQ rows8")
	}
	t.line("CMPQ R14, $8")
	t.line("JGT rows6")
	t.line("CMPQ R14, $6")
	t.line("JGT rows4")
	if t.vectors == 1 {
		t.line("JMP rows6")
	}
	return "R14"
}

// tile computes the next rows of C and moves C and A past them.
func (t *panel) tile(rows int) {
	t.line("MOVQ 16(DX), R8")
	t.line("MOVQ 40(DX), R11")
	t.line("MOVQ 56(DX), CX")
	t.line("MOVQ 96(DX), R13")
	t.line("MOVQ R13, 120(DX)")
	t.line("IMUL3Q $%d, 136(DX), R10", rows)
	t.line("ADDQ 32(DX), R10")
	t.start(rows)
	if rows == 8 {
		t.line("LEAQ (AX)(R9*4), R13")
	}
	t.sum(rows)
	t.line("DECQ 120(DX)")
	t.line("JEQ ended%d", rows)
	t.line("ADDQ 104(DX), R8")
	t.line("ADDQ 112(DX), R11")
	t.line("MOVQ 56(DX), CX")
	t.line("JMP start%d", rows)
	t.label("ended%d", rows)
	for i := range rows {
		t.store(rows, i)
		t.line("ADDQ SI, DI")
	}
	t.line("IMUL3Q $%d, 128(DX), R13", rows)
	t.line("ADDQ R13, 16(DX)")
}

// sum multiplies the columns of a group by the rows of B, several at a time.
func (t *panel) sum(rows int) {
	t.label("start%d", rows)
	if !t.t.wide() || rows*t.vectors < enoughFor {
		t.line("SUBQ $%d, CX", unrolled)
		t.line("JLT few%d", rows)
		t.label("many%d", rows)
		for range unrolled {
			t.step(rows)
		}
		t.line("SUBQ $%d, CX", unrolled)
		t.line("JGE many%d", rows)
		t.label("few%d", rows)
		t.line("ADDQ $%d, CX", unrolled)
		t.line("JEQ group%d", rows)
	}
	t.label("loop%d", rows)
	t.step(rows)
	t.line("DECQ CX")
	t.line("JNZ loop%d", rows)
	t.label("group%d", rows)
}

// step multiplies a row of B by a column of A and goes to the next.
func (t *panel) step(rows int) {
	if rows == 1 {
		t.stepOfOne()
	} else {
		t.stepOfRows(rows)
	}
	t.line("ADDQ R10, R8")
	t.line("ADDQ R12, R11")
}

// stepOfOne is the step of a single row of A, which takes B straight from memory.
func (t *panel) stepOfOne() {
	t.line("%s (R8), %s", t.w.broadcast, t.scale())
	last := t.vectors - 1
	if t.masked {
		t.move(last, "(R11)", t.rowOfB(last))
	}
	for v := range t.vectors {
		if t.masked && v == last {
			t.line("%s %s, %s, %s", t.w.fma, t.rowOfB(v), t.scale(), t.acc(0, v))
		} else {
			t.line("%s %d(R11), %s, %s", t.w.fma, t.t.bytes*v, t.scale(), t.acc(0, v))
		}
	}
}

func (t *panel) stepOfRows(rows int) {
	for v := range t.vectors {
		t.move(v, "(R11)", t.rowOfB(v))
	}
	for i := range rows {
		if t.t.wide() && t.vectors == 1 {
			t.line("%s.BCST %s, %s, %s", t.w.fma, rowAddress[i], t.rowOfB(0), t.acc(i, 0))
			continue
		}
		t.line("%s %s, %s", t.w.broadcast, rowAddress[i], t.scale())
		for v := range t.vectors {
			t.line("%s %s, %s, %s", t.w.fma, t.rowOfB(v), t.scale(), t.acc(i, v))
		}
	}
}

// start loads C, or clears it where the tile is not added to what is there.
func (t *panel) start(rows int) {
	if t.t.wide() && rows*t.vectors >= fetched {
		t.fetchNext(rows)
	}
	t.line("CMPQ 72(DX), $0")
	t.line("JEQ zero%d", rows)
	t.line("MOVQ DI, R13")
	for i := range rows {
		for v := range t.vectors {
			t.move(v, "(R13)", t.acc(i, v))
		}
		if i+1 < rows {
			t.line("ADDQ SI, R13")
		}
	}
	t.line("JMP ready%d", rows)
	t.label("zero%d", rows)
	for i := range rows * t.vectors {
		t.zero(i)
	}
	t.label("ready%d", rows)
}

// fetchNext asks for the rows of C that come after those of the tile, so that loading
// and storing them does not wait for memory. There may be none: that does no harm.
func (t *panel) fetchNext(rows int) {
	t.line("IMUL3Q $%d, SI, R13", rows)
	t.line("ADDQ DI, R13")
	for i := range rows {
		for v := range t.vectors {
			t.line("PREFETCHT0 %d(R13)", t.t.bytes*v)
		}
		if i+1 < rows {
			t.line("ADDQ SI, R13")
		}
	}
}

// store stores row i.
func (t *panel) store(rows, i int) {
	last := t.vectors - 1
	for v := range t.vectors {
		at := fmt.Sprintf("%d(DI)", t.t.bytes*v)
		switch {
		case v < last || !t.masked:
			t.line("%s %s, %s", t.w.load, t.acc(i, v), at)
		case t.t.wide():
			t.storeMasked(t.acc(i, v), 0, at)
		default:
			t.storeParts(rows, i)
		}
	}
}

// storeParts stores the last vector of row i in parts of 16, 8 and 4 bytes: with AVX2
// masked stores are slow.
func (t *panel) storeParts(rows, i int) {
	n := i*t.vectors + t.vectors - 1
	at := t.t.bytes * (t.vectors - 1)
	if at == 0 {
		t.line("MOVQ DI, R13")
	} else {
		t.line("LEAQ %d(DI), R13", at)
	}
	half := t.lanes() / 2
	t.line("TESTQ $%d, R15", half)
	t.line("JEQ low%d_%d", rows, i)
	t.line("%s X%d, (R13)", t.w.load, n)
	t.line("VEXTRACTF128 $1, Y%d, X%d", n, n)
	t.line("ADDQ $16, R13")
	t.label("low%d_%d", rows, i)
	if half == 4 {
		t.line("TESTQ $2, R15")
		t.line("JEQ one%d_%d", rows, i)
		t.line("VMOVLPS X%d, (R13)", n)
		t.line("VPERMILPD $1, X%d, X%d", n, n)
		t.line("ADDQ $8, R13")
		t.label("one%d_%d", rows, i)
	}
	t.line("TESTQ $1, R15")
	t.line("JEQ end%d_%d", rows, i)
	t.line("%s X%d, (R13)", t.w.scalar, n)
	t.label("end%d_%d", rows, i)
}

func (t *panel) acc(i, v int) string { return t.vector(i*t.vectors + v) }

func (t *panel) rowOfB(v int) string { return t.vector(t.t.scale - t.vectors + v) }

// scale is the register of an element of A.
func (t *panel) scale() string { return t.vector(t.t.scale) }

// move prints a load of vector v at an address.
func (t *panel) move(v int, address, register string) {
	at := fmt.Sprintf("%d%s", t.t.bytes*v, address)
	if v == t.vectors-1 && t.masked {
		t.loadMasked(at, maskRegister, register)
	} else {
		t.line("%s %s, %s", t.w.load, at, register)
	}
}

// rowAddress is that of row i of A at the current column.
var rowAddress = []string{"(R8)", "(R8)(R9*1)", "(R8)(R9*2)", "(R8)(AX*1)", "(R8)(R9*4)", "(R8)(BX*1)", "(R8)(AX*2)", "(R8)(R13*1)"}
