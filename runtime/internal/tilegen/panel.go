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
// vectors, a row of B in those below Y14, an element of A in Y14, the mask in
// Y15, the number of elements it leaves in R15.
type panel struct {
	*printer
	w       width
	vectors int
	masked  bool
}

// unrolled is how many columns of A a loop takes at a time.
const unrolled = 4

// maxVectors is the width of the widest panel: that for one row or two.
const maxVectors = 4

// tileRows is the greatest number of rows of a tile so many vectors wide; the
// tile for few columns is higher, so that enough sums are under way at a time.
func tileRows(vectors int) int {
	switch vectors {
	case 1:
		return 8
	case 2:
		return 6
	}
	return 2
}

// each visits all panels in the order of their numbers.
func each(f func(vectors int, masked bool)) {
	for vectors := 1; vectors <= maxVectors; vectors++ {
		f(vectors, false)
		f(vectors, true)
	}
}

func panelName(w width, vectors int, masked bool) string {
	n := fmt.Sprintf("panel%dV%d", w.bits, vectors)
	if masked {
		n += "M"
	}
	return n
}

func (t *panel) function() {
	t.text(panelName(t.w, t.vectors, t.masked), "DI SI - R9 - - R12 - R13 - R14 R15")
	if t.masked {
		t.line("VMOVUPS (R13), Y15")
	}
	t.line("LEAQ (R9)(R9*2), AX")
	t.line("LEAQ (R9)(R9*4), BX")
	most := tileRows(t.vectors)
	t.label("next")
	if t.vectors == 1 { // the tiles of a copy of A are those of two vectors
		t.line("CMPQ 136(DX), $0")
		t.line("JEQ rows8")
	}
	if t.vectors <= 2 { // four and four, or three, take less time than six and the rest
		t.line("CMPQ R14, $8")
		t.line("JGT rows6")
		t.line("CMPQ R14, $6")
		t.line("JGT rows4")
	}
	if t.vectors == 1 {
		t.line("JMP rows6")
	}
	for rows := most; rows > 0; rows-- {
		t.label("rows%d", rows)
		if rows > 1 {
			t.line("CMPQ R14, $%d", rows)
			t.line("JLT rows%d", rows-1)
		}
		t.tile(rows)
		t.line("SUBQ $%d, R14", rows)
		t.line("JNZ next")
		t.end()
	}
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
	t.line("SUBQ $%d, CX", unrolled)
	t.line("JLT few%d", rows)
	t.label("many%d", rows)
	for range unrolled {
		t.step(rows)
		t.line("ADDQ R10, R8")
		t.line("ADDQ R12, R11")
	}
	t.line("SUBQ $%d, CX", unrolled)
	t.line("JGE many%d", rows)
	t.label("few%d", rows)
	t.line("ADDQ $%d, CX", unrolled)
	t.line("JEQ group%d", rows)
	t.label("loop%d", rows)
	t.step(rows)
	t.line("ADDQ R10, R8")
	t.line("ADDQ R12, R11")
	t.line("DECQ CX")
	t.line("JNZ loop%d", rows)
	t.label("group%d", rows)
}

// step multiplies a row of B by a column of A. A single row of A takes B straight
// from memory.
func (t *panel) step(rows int) {
	if rows == 1 {
		t.line("%s (R8), Y14", t.w.broadcast)
	}
	for v := range t.vectors {
		switch {
		case rows > 1 || t.masked && v == t.vectors-1:
			t.move(v, "(R11)", t.rowOfB(v))
		default:
			t.line("%s %d(R11), Y14, %s", t.w.fma, 32*v, t.acc(0, v))
		}
	}
	if rows == 1 {
		if t.masked {
			t.line("%s %s, Y14, %s", t.w.fma, t.rowOfB(t.vectors-1), t.acc(0, t.vectors-1))
		}
		return
	}
	for i := range rows {
		t.line("%s %s, Y14", t.w.broadcast, rowAddress[i])
		for v := range t.vectors {
			t.line("%s %s, Y14, %s", t.w.fma, t.rowOfB(v), t.acc(i, v))
		}
	}
}

// start loads C, or clears it where the tile is not added to what is there.
func (t *panel) start(rows int) {
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
		t.line("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	t.label("ready%d", rows)
}

// store stores row i, its last vector in parts of 16, 8 and 4 bytes if it is
// masked: masked stores are slow.
func (t *panel) store(rows, i int) {
	for v := range t.vectors {
		if v < t.vectors-1 || !t.masked {
			t.line("%s %s, %d(DI)", t.w.load, t.acc(i, v), 32*v)
		}
	}
	if !t.masked {
		return
	}
	n := i*t.vectors + t.vectors - 1
	at := 32 * (t.vectors - 1)
	if at == 0 {
		t.line("MOVQ DI, R13")
	} else {
		t.line("LEAQ %d(DI), R13", at)
	}
	half := t.w.lanes / 2
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

func (t *panel) acc(i, v int) string { return fmt.Sprintf("Y%d", i*t.vectors+v) }

func (t *panel) rowOfB(v int) string { return fmt.Sprintf("Y%d", 14-t.vectors+v) }

// move prints a load of vector v at an address.
func (t *panel) move(v int, address, register string) {
	at := fmt.Sprintf("%d%s", 32*v, address)
	if v == t.vectors-1 && t.masked {
		t.line("%s %s, Y15, %s", t.w.mask, at, register)
	} else {
		t.line("%s %s, %s", t.w.load, at, register)
	}
}

// rowAddress is that of row i of A at the current column.
var rowAddress = []string{"(R8)", "(R8)(R9*1)", "(R8)(R9*2)", "(R8)(AX*1)", "(R8)(R9*4)", "(R8)(BX*1)", "(R8)(AX*2)", "(R8)(R13*1)"}
