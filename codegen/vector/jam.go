package vector

import (
	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph/shape"
)

// Where all rows of a nest add to the same elements, several rows are added at a
// time, so that what they add to is loaded and stored once:
//
//	for i0 in 0..n: for i1 in 0..m: s[i1] += f(i0, i1)
//
// runs over i1 with s[i1] + f(i0, i1) + f(i0 + 1, i1) + .., in this order.

// mostJammed is the number of operations of a body for several rows.
const mostJammed = 64

// jam makes the parts that do several rows at a time, if f is such a nest.
func (f *Func) jam() {
	loop, ok := f.addingLoop()
	if !ok {
		return
	}
	inner := len(f.Rows) - 1
	moving := 0 // streams that need a pointer for every row
	for s := range f.Streams {
		if _, fixed := f.step(s).IsConst(); !fixed && f.loads(f.Parts[loop].Code, s) {
			moving++
		}
	}
	for _, rows := range []int{4, 2} {
		n, known := f.Rows[inner].IsConst()
		if rows*len(f.Parts[loop].Code) <= mostJammed && len(f.Streams)+(rows-1)*moving <= len(pointers) && (!known || n >= int64(rows)) {
			f.jamRows(loop, rows)
			return
		}
	}
}

// step is the distance of the rows of a stream.
func (f *Func) step(stream int) shape.Dim { return f.Streams[stream].Steps[len(f.Rows)-1] }

func (f *Func) loads(code []V, stream int) bool {
	for _, id := range code {
		if v := f.Values[id]; v.Op == Load && v.Ref == stream {
			return true
		}
	}
	return false
}

// addingLoop is the number of the only loop of f, if all that it stores it has
// loaded before, at the same places for all rows, and nothing else reads it.
func (f *Func) addingLoop() (loop int, ok bool) {
	loop = -1
	if len(f.Rows) == 0 || len(f.Results)+len(f.Reds) > 0 {
		return 0, false
	}
	for i, p := range f.Parts {
		if len(p.Code) == 0 {
			continue
		}
		if loop >= 0 {
			return 0, false // something comes after the loop
		}
		if p.Loop {
			loop = i
		}
	}
	if loop < 0 {
		return 0, false
	}
	stored := map[int]bool{}
	for i, p := range f.Parts {
		for _, id := range p.Code {
			switch v := f.Values[id]; v.Op {
			case Gather, Place:
				return 0, false
			case Store:
				if i != loop || !f.step(v.Ref).Is(0) || stored[v.Ref] {
					return 0, false
				}
				stored[v.Ref] = true
			}
		}
	}
	return loop, len(stored) > 0 && f.ownMemory(stored, f.Parts[loop].Code)
}

// ownMemory reports that what is stored is loaded once, before, and that no other
// stream shares its memory.
func (f *Func) ownMemory(stored map[int]bool, code []V) bool {
	loaded := map[int]bool{}
	for _, id := range code {
		if v := f.Values[id]; v.Op == Load && stored[v.Ref] {
			loaded[v.Ref] = true
		} else if v.Op == Store && !loaded[v.Ref] {
			return false
		}
	}
	for i, s := range f.Streams {
		if s.Stride > 0 {
			return false
		}
		for j, t := range f.Streams {
			if i != j && stored[j] && kernel.SameMemory(s.Buf, t.Buf) {
				return false
			}
		}
	}
	return true
}

// jamRows makes the parts for some rows.
func (f *Func) jamRows(loop, rows int) {
	j := &jammer{Func: f, varies: map[V]bool{}, last: map[int]V{}, now: make([]map[V]V, rows)}
	for q := range j.now {
		j.now[q] = map[V]V{}
	}
	f.Jam = rows
	for i := range f.Parts[:loop+1] {
		p := &f.Parts[i]
		j.part = Part{Loop: p.Loop, Count: p.Count}
		j.mark(p.Code)
		for q := range rows {
			for _, id := range p.Code {
				j.value(q, id)
			}
		}
		f.Jammed = append(f.Jammed, j.part)
	}
}

// jammer copies the code of one row for several.
type jammer struct {
	*Func
	part   Part
	varies map[V]bool // from row to row
	last   map[int]V  // what is to be stored to a stream
	now    []map[V]V  // of each row: the copies of values
}

// mark finds the values that differ from row to row.
func (j *jammer) mark(code []V) {
	sums := map[int]bool{}
	for _, id := range code {
		if v := j.Values[id]; v.Op == Store {
			sums[v.Ref] = true
		}
	}
	for _, id := range code {
		v := j.Values[id]
		varies := v.Op == Store || v.Op == Load && (sums[v.Ref] || !j.step(v.Ref).Is(0))
		for _, a := range v.A[:v.args()] {
			varies = varies || j.varies[a]
		}
		j.varies[id] = varies
	}
}

// value copies a value for row q.
func (j *jammer) value(q int, id V) {
	v := j.Values[id]
	if !j.varies[id] && q > 0 {
		j.now[q][id] = j.now[0][id]
		return
	}
	for i, a := range v.A[:v.args()] {
		if copied, ok := j.now[q][a]; ok {
			v.A[i] = copied
		}
	}
	switch {
	case v.Op == Store:
		if j.last[v.Ref] = v.A[0]; q+1 < j.Jam {
			return
		}
	case v.Op == Load && q > 0:
		if sum, ok := j.last[v.Ref]; ok && j.part.Loop {
			j.now[q][id] = sum
			return
		}
		v.Row = q
	}
	j.now[q][id] = V(len(j.Values))
	j.Values = append(j.Values, v)
	j.part.Code = append(j.part.Code, j.now[q][id])
}

// groups prints the loop over several rows at a time, which comes before the rows
// that are left.
func (p *printer) groups() {
	level := len(p.f.Rows) - 1
	p.line("CMPQ BX, $%d", p.f.Jam)
	p.line("JLT row%d", level)
	p.out.WriteString("group:\n")
	free := pointers[len(p.f.Streams):]
	p.rowPtr = map[[2]int]string{}
	for s := range p.f.Streams {
		slot, moves := p.jump[[2]int{s, level}]
		if !moves || !p.f.loads(p.f.Jammed[len(p.f.Jammed)-1].Code, s) {
			continue
		}
		from := p.ptr[s]
		for q := 1; q < p.f.Jam; q++ {
			p.line("MOVQ %s, %s", from, free[0])
			p.line("ADDQ %d(SP), %s", slot, free[0])
			from, p.rowPtr[[2]int{s, q}], free = free[0], free[0], free[1:]
		}
	}
	for i := range p.f.Jammed {
		p.part(&p.f.Jammed[i])
	}
	p.advance(level, p.f.Jam)
	p.line("SUBQ $%d, BX", p.f.Jam)
	p.line("CMPQ BX, $%d", p.f.Jam)
	p.line("JGE group")
	p.line("TESTQ BX, BX")
	p.line("JEQ rowsEnd")
}

// rowPointer is the register that holds the place of a stream some rows on, and how
// many bytes after it that place is.
func (r *run) rowPointer(stream, row int) (reg string, after int) {
	level := len(r.p.f.Rows) - 1
	if row == 0 {
		return r.pointer(stream), 0
	}
	if jump, fixed := r.p.f.Jump(stream, level).IsConst(); fixed {
		return r.pointer(stream), row * int(jump) * r.p.elemSize(stream)
	}
	if reg, ok := r.p.rowPtr[[2]int{stream, row}]; ok {
		return reg, 0
	}
	r.p.line("MOVQ %s, DX", r.p.ptr[stream])
	for range row {
		r.p.line("ADDQ %d(SP), DX", r.p.jump[[2]int{stream, level}])
	}
	return "DX", 0
}
