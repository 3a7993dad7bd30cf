package main

import "math/bits"

// row prints a function that computes a row of C: eight rows of B at a time, each
// scaled by an element of A, are added to it, so that memory is read in order. Each
// element takes its products in the order of a panel. DI, R14 C and its end in
// whole vectors; R8, R10 A and its stride; R11, R12 B and its stride, AX, BX and
// R13 three, five and seven rows of it; CX the rows left; R15 whether there are
// columns behind the end, with AVX2 Y7 their mask. R9 and DX move along. Vector 6
// clears what is in C at first unless it is added to.
func (f form) row() {
	sum, keep, b := f.vector(0), f.vector(6), f.vector(1)
	f.text(f.name("row", ""), "DI - R8 - R10 R11 R12 CX R13 SI R14 R15")
	f.prepareMask(7)
	f.line("SHLQ $%d, R14", bits.Len(uint(f.t.bytes))-1)
	f.line("ADDQ DI, R14")
	f.line("LEAQ (R12)(R12*2), AX")
	f.line("LEAQ (R12)(R12*4), BX")
	f.line("LEAQ (AX)(R12*4), R13")
	f.line("NEGQ SI")
	f.line("VMOVQ SI, X6")
	f.line("VPBROADCASTQ X6, %s", keep)
	f.label("rows")
	for i := range 8 {
		f.line("%s (R8), %s", f.w.broadcast, f.vector(8+i))
		f.line("ADDQ R10, R8")
	}
	f.line("MOVQ R11, R9")
	f.line("MOVQ DI, DX")
	f.label("columns")
	f.line("CMPQ DX, R14")
	f.line("JCC rest")
	f.line("VANDPS (DX), %s, %s", keep, sum)
	for i, at := range rowOfB {
		f.line("%s %s, %s, %s", f.w.fma, at, f.vector(8+i), sum)
	}
	f.line("%s %s, (DX)", f.w.load, sum)
	f.line("ADDQ $%d, R9", f.t.bytes)
	f.line("ADDQ $%d, DX", f.t.bytes)
	f.line("JMP columns")
	f.label("rest")
	f.line("TESTQ R15, R15")
	f.line("JEQ next")
	f.loadMasked("(DX)", 7, sum)
	f.line("VANDPS %s, %s, %s", keep, sum, sum)
	for i, at := range rowOfB {
		f.loadMasked(at, 7, b)
		f.line("%s %s, %s, %s", f.w.fma, b, f.vector(8+i), sum)
	}
	f.storeMasked(sum, 7, "(DX)")
	f.label("next")
	if f.t.wide() {
		f.line("VPTERNLOGD $255, Z6, Z6, Z6")
	} else {
		f.line("VPCMPEQD Y6, Y6, Y6")
	}
	f.line("LEAQ (R11)(R12*8), R11")
	f.line("SUBQ $8, CX")
	f.line("JNZ rows")
	f.end()
}

var rowOfB = []string{"(R9)", "(R9)(R12*1)", "(R9)(R12*2)", "(R9)(AX*1)", "(R9)(R12*4)", "(R9)(BX*1)", "(R9)(AX*2)", "(R9)(R13*1)"}
