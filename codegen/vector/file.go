package vector

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// File is the assembly of a package's functions: equal ones are one.
type File struct {
	prefix string
	wide   bool
	pool   *pool
	known  map[string]int // places in Decls, by key and by text
	texts  strings.Builder
	Decls  []Decl
}

// Decl is the Go declaration of a function.
type Decl struct {
	Name   string // for AVX2
	Wide   string // for AVX-512, "" where that gains nothing
	Field  string // the same without prefix and target
	Params []Param
	Result []string // Go types
	Nest   string   // what it computes, as kernels are printed
}

// Param is a parameter of the Go declaration.
type Param struct{ Name, Type string }

// NewFile begins a file whose symbols start with a prefix.
func NewFile(prefix string, wide bool) *File {
	return &File{prefix: prefix, wide: wide, pool: newPool(prefix, wide), known: map[string]int{}}
}

// Add prints a function, if there is none like it, and returns its declaration.
func (f *File) Add(fn *Func) (Decl, error) {
	fn.arrange()
	key := fn.key()
	if at, ok := f.known[key]; ok {
		return f.Decls[at], nil
	}
	sig := sign(fn)
	text, err := f.print(fn, sig, avx2)
	if err != nil {
		return Decl{}, err
	}
	typed := fmt.Sprint(sig.params, sig.types) + text // ints and floats move alike
	at, ok := f.known[typed]
	f.known[key], f.known[typed] = len(f.Decls), len(f.Decls)
	if ok {
		f.known[key], f.known[typed] = at, at
		return f.Decls[at], nil
	}
	d := Decl{Field: fmt.Sprintf("loop%d", len(f.Decls)), Params: sig.params, Result: sig.types}
	if fn.Straight != nil {
		d.Field = fmt.Sprintf("straight%d", len(f.Decls))
		d.Nest = fn.Straight.Name
	} else {
		d.Nest = kernel.StmtText(fn.Nest)
	}
	name := f.prefix + strings.ToUpper(d.Field[:1]) + d.Field[1:]
	d.Name = name + avx2.name
	fmt.Fprintf(&f.texts, "\n")
	for _, l := range strings.Split(strings.TrimSuffix(d.Nest, "\n"), "\n") {
		fmt.Fprintf(&f.texts, "// %s\n", l)
	}
	f.texts.WriteString(strings.Replace(text, "NAME", d.Name, 1))
	if fn.gains() {
		d.Wide = name + avx512.name
		if text, err = f.print(fn, sig, avx512); err != nil {
			return Decl{}, err
		}
		f.texts.WriteString("\n" + strings.Replace(text, "NAME", d.Wide, 1))
	}
	f.Decls = append(f.Decls, d)
	return d, nil
}

// print prints a function for a target.
func (f *File) print(fn *Func, sig signature, t *target) (string, error) {
	p := &printer{t: t, f: fn, pool: f.pool, sig: sig}
	return p.function(), p.err
}

// key is equal for functions with equal texts, but for some.
func (f *Func) key() string {
	var b strings.Builder
	fmt.Fprint(&b, f.Wide, f.Straight != nil, f.Jam, len(f.Rows), len(f.Results), f.Reds)
	counts := f.Counts()
	for i, s := range f.Streams {
		fmt.Fprint(&b, " ", s.Buf.Elem, ",", s.Stride)
		for k := range f.Rows {
			jump, known := f.Jump(i, k).IsConst()
			fmt.Fprint(&b, ",", jump, known)
		}
	}
	for _, s := range f.Scalars {
		fmt.Fprint(&b, " ", s.Elem)
	}
	for _, r := range f.Results {
		fmt.Fprint(&b, " ", r.V)
	}
	for _, p := range f.Parts {
		n, known := p.Count.IsConst()
		for i, c := range counts {
			if !known && c.Equal(p.Count) {
				n = int64(i)
			}
		}
		fmt.Fprint(&b, "|", p.Loop, n, known, p.Reds)
		for _, id := range p.Code {
			v := f.Values[id]
			fmt.Fprint(&b, ";", id, v.Op, v.Ref, v.Imm, v.Half)
			for _, a := range v.A[:v.args()] {
				if x := f.Values[a]; x.Op == Const || x.Op == Argument {
					fmt.Fprint(&b, ",", x.Op, x.Bits, x.Ref)
				} else {
					fmt.Fprint(&b, ",", a)
				}
			}
		}
	}
	return b.String()
}

// Assembly is the text of the .s file without its header.
func (f *File) Assembly() string {
	return "#include \"textflag.h\"\n" + f.texts.String() + f.pool.text()
}

// signature is where arguments stand, as operands of instructions.
type signature struct {
	params  []Param
	types   []string
	rows    []string
	counts  []shape.Dim
	at      []string
	streams []string
	jumps   map[[2]int]string // of a stream and a level
	scalars []string
	results []string
	size    int
}

func (s *signature) add(name, typ string, size int) string {
	s.size = (s.size + size - 1) / size * size
	at := fmt.Sprintf("%s+%d(FP)", name, s.size)
	s.size += size
	s.params = append(s.params, Param{name, typ})
	return at
}

func (s *signature) count(n shape.Dim) string {
	for i, c := range s.counts {
		if c.Equal(n) {
			return s.at[i]
		}
	}
	return ""
}

// sign lays out the parameters: numbers of rows and steps, pointers with their
// jumps from row to row, scalars.
func sign(f *Func) signature {
	s := signature{jumps: map[[2]int]string{}}
	real, size := "float32", 4
	if f.Wide {
		real, size = "float64", 8
	}
	for k := range f.Rows {
		s.rows = append(s.rows, s.add(fmt.Sprintf("rows%d", k), "int", 8))
	}
	for _, n := range f.Counts() {
		s.at = append(s.at, s.add(fmt.Sprintf("n%d", len(s.counts)), "int", 8))
		s.counts = append(s.counts, n)
	}
	for i, st := range f.Streams {
		typ := "*" + real
		switch st.Buf.Elem {
		case graph.Int:
			typ = "*int32"
		case graph.Bool:
			typ = "*bool"
		}
		s.streams = append(s.streams, s.add(fmt.Sprintf("p%d", i), typ, 8))
		for k := range f.Rows {
			if f.Strided(i, k) {
				s.jumps[[2]int{i, k}] = s.add(fmt.Sprintf("jump%d_%d", i, k), "int", 8)
			}
		}
	}
	for i, c := range f.Scalars {
		name := fmt.Sprintf("s%d", i)
		switch c.Elem {
		case graph.Int:
			s.scalars = append(s.scalars, s.add(name, "int32", 4))
		case graph.Bool:
			s.scalars = append(s.scalars, s.add(name, "bool", 1))
		default:
			s.scalars = append(s.scalars, s.add(name, real, size))
		}
	}
	if len(f.Results) > 0 || f.Search {
		s.size = (s.size + 7) / 8 * 8
	}
	params := s.params
	if f.Search {
		s.results, s.types = append(s.results, s.add("ret", "int", 8)), append(s.types, "int")
	}
	for i := range f.Results {
		name := "ret"
		if len(f.Results) > 1 {
			name = fmt.Sprintf("ret%d", i)
			if i == 0 {
				name = "ret"
			}
		}
		s.results = append(s.results, s.add(name, real, size))
		s.types = append(s.types, real)
	}
	s.params = params
	return s
}

// Counts lists the numbers of steps that are arguments, each once.
func (f *Func) Counts() (out []shape.Dim) {
	for _, p := range f.Parts {
		if _, known := p.Count.IsConst(); known || !p.Loop || len(p.Code) == 0 {
			continue
		}
		seen := false
		for _, c := range out {
			seen = seen || c.Equal(p.Count)
		}
		if !seen {
			out = append(out, p.Count)
		}
	}
	return out
}

// Strided reports that a stream's jump is an argument.
func (f *Func) Strided(stream, level int) bool {
	_, known := f.Jump(stream, level).IsConst()
	return !known
}

// pool is the read-only data of a file.
type pool struct {
	symbol string
	wide   bool
	at     map[string]int
	rows   []string
}

func newPool(prefix string, wide bool) *pool {
	return &pool{symbol: prefix + "Data<>", wide: wide, at: map[string]int{}}
}

// entry is the address of bytes given as words of eight.
func (p *pool) entry(words ...uint64) string {
	key := fmt.Sprint(words)
	at, ok := p.at[key]
	if !ok {
		at = 8 * len(p.rows)
		p.at[key] = at
		for _, w := range words {
			p.rows = append(p.rows, fmt.Sprintf("$%#016x", w))
		}
	}
	return fmt.Sprintf("%s+%d(SB)", p.symbol, at)
}

// operand is the address of a constant in all lanes.
func (p *pool) operand(bits uint64) string {
	if !p.wide {
		bits = bits<<32 | bits&0xffffffff
	}
	return p.entry(bits, bits, bits, bits)
}

// counting is the address of lanes first, first+1 and so on, in so many words.
func (p *pool) counting(first, size int) string {
	words := make([]uint64, size)
	for i := range words {
		if n := first + i; p.wide {
			words[i] = floatBits(float64(n))
		} else {
			n = first + 2*i
			words[i] = uint64(n+1)<<32 | uint64(n)
		}
	}
	return p.entry(words...)
}

// masks is the address between 32 bytes of ones and 32 of zeros.
func (p *pool) masks() string {
	ones := ^uint64(0)
	p.entry(ones, ones, ones, ones, 0, 0, 0, 0)
	at := p.at[fmt.Sprint([]uint64{ones, ones, ones, ones, 0, 0, 0, 0})]
	return fmt.Sprintf("%s+%d(SB)", p.symbol, at+32)
}

func (p *pool) text() string {
	if len(p.rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n")
	for i, r := range p.rows {
		fmt.Fprintf(&b, "DATA %s+%d(SB)/8, %s\n", p.symbol, 8*i, r)
	}
	fmt.Fprintf(&b, "GLOBL %s(SB), RODATA|NOPTR, $%d\n", p.symbol, 8*len(p.rows))
	return b.String()
}
