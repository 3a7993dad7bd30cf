package main

import "fmt"

// dots prints a function that multiplies rows of A, contiguous, by a vector: each
// element is a sum in four groups of lanes, whichever rows are computed beside it.
// Registers: DI, SI element of C and its stride; R8, R10 two rows of A, R9 their
// stride; R11 the vector; CX the columns left, R14 the rows left; Y15 the mask of
// the last columns. Sums are in Y0 to Y3 and Y4 to Y7.
func (p *printer) dots(w width) {
	p.text(fmt.Sprintf("dots%d", w.bits), "DI SI - R9 - - - - R13 - R14 -")
	p.line("VMOVUPS (R13), Y15")
	for rows := 2; rows > 0; rows-- {
		d := &dotRows{p, w, rows}
		p.label("rows%d", rows)
		p.line("CMPQ R14, $%d", rows)
		if rows == 2 {
			p.line("JLT rows1")
		} else {
			p.line("JLT done")
		}
		d.sums()
		for i := range rows {
			d.store(i)
		}
		if rows == 2 {
			p.line("LEAQ (R9)(R9*1), R13")
			p.line("ADDQ R13, 16(DX)")
			p.line("SUBQ $2, R14")
			p.line("JMP rows2")
		}
	}
	p.label("done")
	p.end()
}

// dotRows prints the part for one or two rows.
type dotRows struct {
	*printer
	w    width
	rows int
}

var dotRow = []string{"R8", "R10"}

func (d *dotRows) sums() {
	d.line("MOVQ 16(DX), R8")
	d.line("LEAQ (R8)(R9*1), R10")
	d.line("MOVQ 40(DX), R11")
	d.line("MOVQ 56(DX), CX")
	for i := range 4 * d.rows {
		d.line("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	d.steps("wide", "narrow", 4)
	d.steps("narrow", "tail", 1)
	d.label("tail%d", d.rows)
	d.line("TESTQ CX, CX")
	d.line("JEQ sum%d", d.rows)
	d.line("%s (R11), Y15, Y8", d.w.mask)
	for i := range d.rows {
		d.line("%s (%s), Y15, Y9", d.w.mask, dotRow[i])
		d.line("%s Y9, Y8, Y%d", d.w.fma, 4*i+1)
	}
	d.label("sum%d", d.rows)
}

// steps is a loop that takes so many vectors at a time while there are as many.
func (d *dotRows) steps(name, next string, vectors int) {
	d.label("%s%d", name, d.rows)
	d.line("CMPQ CX, $%d", vectors*d.w.lanes)
	d.line("JLT %s%d", next, d.rows)
	for v := range vectors {
		d.line("%s %d(R11), Y%d", d.w.load, 32*v, 8+v)
	}
	for i := range d.rows {
		for v := range vectors {
			d.line("%s %d(%s), Y%d, Y%d", d.w.fma, 32*v, dotRow[i], 8+v, 4*i+v)
		}
		d.line("ADDQ $%d, %s", 32*vectors, dotRow[i])
	}
	d.line("ADDQ $%d, R11", 32*vectors)
	d.line("SUBQ $%d, CX", vectors*d.w.lanes)
	d.line("JMP %s%d", name, d.rows)
}

// store adds up the sums of row i.
func (d *dotRows) store(i int) {
	s := 4 * i
	d.line("%s Y%d, Y%d, Y%d", d.w.add, s+1, s, s)
	d.line("%s Y%d, Y%d, Y%d", d.w.add, s+3, s+2, s+2)
	d.line("%s Y%d, Y%d, Y%d", d.w.add, s+2, s, s)
	d.line("VEXTRACTF128 $1, Y%d, X%d", s, s+1)
	d.line("%s X%d, X%d, X%d", d.w.add, s+1, s, s)
	one, pairs := "VADDSD", "VHADDPD"
	if d.w.lanes == 8 {
		one, pairs = "VADDSS", "VHADDPS"
		d.line("%s X%d, X%d, X%d", pairs, s, s, s)
	}
	d.line("%s X%d, X%d, X%d", pairs, s, s, s)
	d.line("CMPQ 72(DX), $0")
	d.line("JEQ store%d_%d", d.rows, i)
	d.line("%s (DI), X%d, X%d", one, s, s)
	d.label("store%d_%d", d.rows, i)
	d.line("%s X%d, (DI)", d.w.scalar, s)
	d.line("ADDQ SI, DI")
}
