package main

import "fmt"

func (p form) copyName(vectors int) string { return p.name("copy", fmt.Sprintf("V%d", vectors)) }

// copyPanel prints a function that copies rows of so many vectors, the last
// masked, to rows without gaps. DI: to; R8, R9: from, its stride; CX: rows left.
func (p form) copyPanel(vectors int) {
	p.text(p.copyName(vectors), "DI R10 R8 R9 CX R13")
	p.line("VMOVUPS (R13), Y15")
	p.label("loop")
	for v := range vectors {
		if v == vectors-1 {
			p.line("%s %d(R8), Y15, Y%d", p.w.mask, 32*v, v)
		} else {
			p.line("%s %d(R8), Y%d", p.w.load, 32*v, v)
		}
	}
	for v := range vectors {
		p.line("%s Y%d, %d(DI)", p.w.load, v, 32*v)
	}
	p.line("ADDQ R9, R8")
	p.line("ADDQ R10, DI")
	p.line("DECQ CX")
	p.line("JNZ loop")
	p.end()
}

// transpose prints a function that copies as many columns of B as a vector has
// lanes, where B is contiguous along columns: a square of the lanes at a time.
// The number of rows is a multiple of the lanes. DI, R10: to, its stride by row;
// R8, R9: from, its stride by column; CX: rows left.
func (p form) transpose() {
	lanes := p.lanes()
	p.text(p.name("transpose", ""), "DI R10 R8 R9 CX -")
	p.line("LEAQ (R9)(R9*2), AX")
	p.line("LEAQ (R8)(R9*4), R11")
	p.label("loop")
	from := []string{"(R8)", "(R8)(R9*1)", "(R8)(R9*2)", "(R8)(AX*1)", "(R11)", "(R11)(R9*1)", "(R11)(R9*2)", "(R11)(AX*1)"}
	for i := range lanes {
		p.line("%s %s, Y%d", p.w.load, from[i], i)
	}
	square := p.square4
	if lanes == 8 {
		square = p.square8
	}
	for _, y := range square() {
		p.line("%s Y%d, (DI)", p.w.load, y)
		p.line("ADDQ R10, DI")
	}
	p.line("ADDQ $32, R8")
	if lanes == 8 {
		p.line("ADDQ $32, R11")
	}
	p.line("SUBQ $%d, CX", lanes)
	p.line("JNZ loop")
	p.end()
}

// square4 transposes four vectors of four doubles and returns where its rows are.
func (p *printer) square4() []int {
	for i := 0; i < 4; i += 2 {
		p.line("VUNPCKLPD Y%d, Y%d, Y%d", i+1, i, i+4)
		p.line("VUNPCKHPD Y%d, Y%d, Y%d", i+1, i, i+5)
	}
	for i := range 2 {
		p.line("VPERM2F128 $0x20, Y%d, Y%d, Y%d", i+6, i+4, i)
		p.line("VPERM2F128 $0x31, Y%d, Y%d, Y%d", i+6, i+4, i+2)
	}
	return []int{0, 1, 2, 3}
}

// square8 transposes eight vectors of eight floats and returns where its rows are.
func (p *printer) square8() []int {
	for i := 0; i < 8; i += 2 {
		p.line("VUNPCKLPS Y%d, Y%d, Y%d", i+1, i, i+8)
		p.line("VUNPCKHPS Y%d, Y%d, Y%d", i+1, i, i+9)
	}
	for h := 0; h < 8; h += 4 {
		for i := range 2 {
			p.line("VSHUFPS $0x44, Y%d, Y%d, Y%d", h+10+i, h+8+i, h+2*i)
			p.line("VSHUFPS $0xee, Y%d, Y%d, Y%d", h+10+i, h+8+i, h+2*i+1)
		}
	}
	for i := range 4 {
		p.line("VPERM2F128 $0x20, Y%d, Y%d, Y%d", i+4, i, i+8)
		p.line("VPERM2F128 $0x31, Y%d, Y%d, Y%d", i+4, i, i+12)
	}
	return []int{8, 9, 10, 11, 12, 13, 14, 15}
}

// spread prints a function that copies rows in pieces of so many bytes, which follow
// each other where they come from, each to a block of its own. DI, R10: to, how far
// blocks are apart there; R8, R9: from, its stride; CX: rows left; R13: pieces.
func (p *printer) spread(t *target, bytes int) {
	p.text(spreadName(t, bytes), "DI R10 R8 R9 CX - R13")
	p.label("rows")
	p.line("MOVQ R8, SI")
	p.line("MOVQ DI, R11")
	p.line("MOVQ R13, BX")
	p.label("pieces")
	p.line("PREFETCHT0 (SI)(R9*8)")
	p.pieces(t, bytes, func(load, register string, at int) { p.line("%s %d(SI), %s", load, at, register) })
	p.pieces(t, bytes, func(store, register string, at int) { p.line("%s %s, %d(R11)", store, register, at) })
	p.line("ADDQ $%d, SI", bytes)
	p.line("ADDQ R10, R11")
	p.line("DECQ BX")
	p.line("JNZ pieces")
	p.line("ADDQ R9, R8")
	p.line("ADDQ $%d, DI", bytes)
	p.line("DECQ CX")
	p.line("JNZ rows")
	p.end()
}

func spreadName(t *target, bytes int) string { return fmt.Sprintf("spread%d%s", bytes, t.suffix) }

// pieces visits the registers that hold so many bytes.
func (p *printer) pieces(t *target, bytes int, move func(instruction, register string, at int)) {
	kinds := []struct {
		bytes                 int
		instruction, register string
	}{{64, "VMOVUPS", "Z"}, {32, "VMOVUPS", "Y"}, {16, "VMOVUPS", "X"}, {8, "VMOVQ", "X"}}
	for at, n := 0, 0; at < bytes; n++ {
		for _, k := range kinds {
			if k.bytes <= t.bytes && at+k.bytes <= bytes {
				move(k.instruction, fmt.Sprintf("%s%d", k.register, n), at)
				at += k.bytes
				break
			}
		}
	}
}
