package main

// dots prints a function that multiplies rows of A, contiguous, by a vector: each
// element is a sum in four groups of lanes, whichever rows are computed beside it.
// Registers: DI, SI element of C and its stride; R8, R10, R12, BX rows of A, R9 their
// stride; R11 the vector; CX the columns left, R14 the rows left; with AVX2 Y15 the
// mask of the last columns. Four vectors for each row hold sums, the next four a part
// of the vector.
func (f form) dots() {
	f.text(f.name("dots", ""), "DI SI - R9 - - - - R13 - R14 R15")
	f.prepareMask(maskRegister)
	most := 2
	if f.t.wide() {
		most = 4
	}
	for rows := most; rows > 0; rows /= 2 {
		d := &dotRows{f, rows}
		f.label("rows%d", rows)
		f.line("CMPQ R14, $%d", rows)
		if rows > 1 {
			f.line("JLT rows%d", rows/2)
		} else {
			f.line("JLT done")
		}
		d.sums()
		for i := range rows {
			d.store(i)
		}
		if rows > 1 {
			f.line("IMUL3Q $%d, R9, R13", rows)
			f.line("ADDQ R13, 16(DX)")
			f.line("SUBQ $%d, R14", rows)
			f.line("JMP rows%d", rows)
		}
	}
	f.label("done")
	f.end()
}

// dotRows prints the part for so many rows.
type dotRows struct {
	form
	rows int
}

var dotRow = []string{"R8", "R10", "R12", "BX"}

// part is the register of a part of the vector, at is behind those: of a part of a row.
func (d *dotRows) part(v int) int { return d.vectorsOfSums() + v }

func (d *dotRows) vectorsOfSums() int {
	if d.t.wide() {
		return 16
	}
	return 8
}

func (d *dotRows) sums() {
	d.line("MOVQ 16(DX), R8")
	d.line("LEAQ (R8)(R9*1), R10")
	if d.rows == 4 {
		d.line("LEAQ (R8)(R9*2), R12")
		d.line("LEAQ (R10)(R9*2), BX")
	}
	d.line("MOVQ 40(DX), R11")
	d.line("MOVQ 56(DX), CX")
	for i := range 4 * d.rows {
		d.zero(i)
	}
	d.steps("wide", "narrow", 4)
	d.steps("narrow", "tail", 1)
	d.label("tail%d", d.rows)
	d.line("TESTQ CX, CX")
	d.line("JEQ sum%d", d.rows)
	x, row := d.vector(d.part(0)), d.vector(d.part(1))
	d.loadMasked("(R11)", maskRegister, x)
	for i := range d.rows {
		d.loadMasked("("+dotRow[i]+")", maskRegister, row)
		d.line("%s %s, %s, %s", d.w.fma, row, x, d.vector(4*i+1))
	}
	d.label("sum%d", d.rows)
}

// steps is a loop that takes so many vectors at a time while there are as many.
func (d *dotRows) steps(name, next string, vectors int) {
	d.label("%s%d", name, d.rows)
	d.line("CMPQ CX, $%d", vectors*d.lanes())
	d.line("JLT %s%d", next, d.rows)
	for v := range vectors {
		d.line("%s %d(R11), %s", d.w.load, d.t.bytes*v, d.vector(d.part(v)))
	}
	for i := range d.rows {
		for v := range vectors {
			d.line("%s %d(%s), %s, %s", d.w.fma, d.t.bytes*v, dotRow[i], d.vector(d.part(v)), d.vector(4*i+v))
		}
		d.line("ADDQ $%d, %s", d.t.bytes*vectors, dotRow[i])
	}
	d.line("ADDQ $%d, R11", d.t.bytes*vectors)
	d.line("SUBQ $%d, CX", vectors*d.lanes())
	d.line("JMP %s%d", name, d.rows)
}

// store adds up the sums of row i.
func (d *dotRows) store(i int) {
	s := 4 * i
	add := func(register string, from, to int) {
		d.line("%s %s%d, %s%d, %s%d", d.w.add, register, from, register, to, register, to)
	}
	add(d.t.register, s+1, s)
	add(d.t.register, s+3, s+2)
	add(d.t.register, s+2, s)
	if d.t.wide() {
		d.line("VEXTRACTF64X4 $1, Z%d, Y%d", s, s+1)
		add("Y", s+1, s)
	}
	d.line("VEXTRACTF128 $1, Y%d, X%d", s, s+1)
	add("X", s+1, s)
	one, pairs := "VADDSD", "VHADDPD"
	if d.w.bits == 32 {
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
