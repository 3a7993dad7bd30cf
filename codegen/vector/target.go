package vector

import (
	"fmt"
	"strings"
)

// target is a set of instructions that functions are printed for.
type target struct {
	name      string // as functions' names end
	bytes     int    // of a vector
	letter    string // of the registers of vectors
	registers int
	free      int // registers below hold values, those from here on masks of the last steps
	kept      int // values that are kept in registers throughout a loop, at most
}

var (
	avx2   = &target{name: "AVX2", bytes: 32, letter: "Y", registers: 16, free: 14, kept: 10}
	avx512 = &target{name: "AVX512", bytes: 64, letter: "Z", registers: 32, free: 32, kept: 12}
)

// register is a vector register.
func (t *target) register(n int) string { return fmt.Sprintf("%s%d", t.letter, n) }

// names512 are the instructions that AVX-512 has under other names.
var names512 = map[Op]instruction{
	Round: {narrow: "VRNDSCALEPS", wide: "VRNDSCALEPD"}, XorBits: {narrow: "VPXORD", wide: "VPXORQ"},
}

// gains reports that the function of a loop takes less time with wider vectors: not
// where all loops are over before one of those is full, nor in straight-line code.
func (f *Func) gains() bool {
	for _, p := range f.Parts {
		n, known := p.Count.IsConst()
		if p.Loop && len(p.Code) > 0 && (!known || n > int64(2*f.half())) {
			return true
		}
	}
	return false
}

// everyLane stands before the address of one element that an instruction of
// AVX-512 takes for all lanes.
const everyLane = "{all}"

// repeated is the address of an element that is the same in all lanes.
func (p *printer) repeated(address string) string {
	if p.t == avx512 {
		return everyLane + address
	}
	return address
}

// withBroadcast says in the mnemonic of an instruction that an operand is one
// element for all lanes.
func withBroadcast(line string) string {
	before, after, found := strings.Cut(line, everyLane)
	if !found {
		return line
	}
	name, operands, _ := strings.Cut(before, " ")
	return name + ".BCST " + operands + after
}

// homeSize is the room on the stack for a value that another part uses, which is the
// same in all lanes: in AVX-512 one lane is enough, or a pair of them.
func (p *printer) homeSize() int {
	if p.t == avx512 {
		return 8
	}
	return p.t.bytes
}

// loadRepeated loads an element into all lanes.
func (p *printer) loadRepeated() string {
	switch {
	case p.t == avx2:
		return p.ps("VMOVU")
	case p.f.Wide:
		return "VBROADCASTSD"
	}
	return "VBROADCASTSS"
}
