package main

import "fmt"

// row prints a function that computes a row of C: eight rows of B at a time, each
// scaled by an element of A, are added to it, so that memory is read in order. Each
// element takes its products in the order of a panel. DI, R14 C and its end in
// whole vectors; R8, R10 A and its stride; R11, R12 B and its stride, AX, BX and
// R13 three, five and seven rows of it; CX the rows left; R15 whether there are
// columns behind the end, Y7 their mask. R9 and DX move along. Y6 clears what is
// in C at first unless it is added to.
func (p *printer) row(w width) {
	p.text(fmt.Sprintf("row%d", w.bits), "DI - R8 - R10 R11 R12 CX R13 SI R14 R15")
	p.line("VMOVUPS (R13), Y7")
	p.line("SHLQ $5, R14")
	p.line("ADDQ DI, R14")
	p.line("LEAQ (R12)(R12*2), AX")
	p.line("LEAQ (R12)(R12*4), BX")
	p.line("LEAQ (AX)(R12*4), R13")
	p.line("NEGQ SI")
	p.line("VMOVQ SI, X6")
	p.line("VPBROADCASTQ X6, Y6")
	p.label("rows")
	for i := range 8 {
		p.line("%s (R8), Y%d", w.broadcast, 8+i)
		p.line("ADDQ R10, R8")
	}
	p.line("MOVQ R11, R9")
	p.line("MOVQ DI, DX")
	p.label("columns")
	p.line("CMPQ DX, R14")
	p.line("JCC rest")
	p.line("VANDPS (DX), Y6, Y0")
	for i, at := range rowOfB {
		p.line("%s %s, Y%d, Y0", w.fma, at, 8+i)
	}
	p.line("%s Y0, (DX)", w.load)
	p.line("ADDQ $32, R9")
	p.line("ADDQ $32, DX")
	p.line("JMP columns")
	p.label("rest")
	p.line("TESTQ R15, R15")
	p.line("JEQ next")
	p.line("%s (DX), Y7, Y0", w.mask)
	p.line("VANDPS Y6, Y0, Y0")
	for i, at := range rowOfB {
		p.line("%s %s, Y7, Y1", w.mask, at)
		p.line("%s Y1, Y%d, Y0", w.fma, 8+i)
	}
	p.line("%s Y0, Y7, (DX)", w.mask)
	p.label("next")
	p.line("VPCMPEQD Y6, Y6, Y6")
	p.line("LEAQ (R11)(R12*8), R11")
	p.line("SUBQ $8, CX")
	p.line("JNZ rows")
	p.end()
}

var rowOfB = []string{"(R9)", "(R9)(R12*1)", "(R9)(R12*2)", "(R9)(AX*1)", "(R9)(R12*4)", "(R9)(BX*1)", "(R9)(AX*2)", "(R9)(R13*1)"}
