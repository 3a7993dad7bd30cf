package main

import "fmt"

// A target is an instruction set: what its vectors are and how tiles fill them.
type target struct {
	suffix   string // of names of functions
	register string
	bytes    int   // of a vector
	scale    int   // the register of an element of A; a row of B is in those below it
	rows     []int // of the highest tile, by vectors; the last is for two rows or one
	spreads  []int // sizes of pieces that are spread: columns of a tile of A, rows of a panel of B
}

// The highest tiles have as many sums as there are registers for; that for few columns
// is high as well, so that enough sums are under way at a time.
var (
	avx2   = &target{"", "Y", 32, 14, []int{8, 6, 2, 2}, []int{24, 48, 64}}
	avx512 = &target{"Z", "Z", 64, 31, []int{8, 8, 8, 2}, []int{32, 64, 128, 192}}
)

// wide reports whether the target is AVX-512: it has 32 registers, masks are registers
// of their own, and an operand in memory may be one element for all lanes.
func (t *target) wide() bool { return t == avx512 }

// width is a float format: the mnemonics that depend on it.
type width struct {
	bits, bytes    int
	load, mask     string
	broadcast, fma string
	add, scalar    string
}

var widths = []width{
	{32, 4, "VMOVUPS", "VMASKMOVPS", "VBROADCASTSS", "VFMADD231PS", "VADDPS", "VMOVSS"},
	{64, 8, "VMOVUPD", "VMASKMOVPD", "VBROADCASTSD", "VFMADD231PD", "VADDPD", "VMOVSD"},
}

// A form prints functions of one target and width.
type form struct {
	*printer
	t *target
	w width
}

// name is that of a function: what it does, its width, its target and variant.
func (f form) name(what, variant string) string {
	return fmt.Sprintf("%s%d%s%s", what, f.w.bits, f.t.suffix, variant)
}

// lanes is the number of elements of a vector.
func (f form) lanes() int { return f.t.bytes / f.w.bytes }

// vector is the name of a register.
func (f form) vector(n int) string { return fmt.Sprintf("%s%d", f.t.register, n) }

// prepareMask sets the mask of the last vector: a vector at R13, or a register
// made of the number of its elements in R15, which takes BX.
func (f form) prepareMask(y int) {
	if !f.t.wide() {
		f.line("VMOVUPS (R13), Y%d", y)
		return
	}
	f.line("MOVQ CX, BX")
	f.line("MOVQ R15, CX")
	f.line("MOVQ $1, R13")
	f.line("SHLQ CX, R13")
	f.line("DECQ R13")
	f.line("KMOVW R13, K1")
	f.line("MOVQ BX, CX")
}

// loadMasked loads the elements of the last vector, with the mask in register y.
func (f form) loadMasked(at string, y int, register string) {
	if f.t.wide() {
		f.line("%s.Z %s, K1, %s", f.w.load, at, register)
	} else {
		f.line("%s %s, Y%d, %s", f.w.mask, at, y, register)
	}
}

// storeMasked stores the elements of the last vector.
func (f form) storeMasked(register string, y int, at string) {
	if f.t.wide() {
		f.line("%s %s, K1, %s", f.w.load, register, at)
	} else {
		f.line("%s %s, Y%d, %s", f.w.mask, register, y, at)
	}
}

// zero clears a register.
func (f form) zero(n int) {
	if f.t.wide() {
		f.line("VPXORD Z%d, Z%d, Z%d", n, n, n)
	} else {
		f.line("VXORPS Y%d, Y%d, Y%d", n, n, n)
	}
}
