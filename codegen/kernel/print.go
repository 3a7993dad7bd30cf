package kernel

import (
	"fmt"
	"io"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// Print writes a program as text, for dumps and tests.
func Print(w io.Writer, p *Program) {
	fmt.Fprintf(w, "program %s\n", p.Name)
	for _, b := range p.Buffers {
		fmt.Fprintf(w, "  %s %s : %s %s", kindNames[b.Kind], b.Name, b.Elem, shape.Format(b.Shape))
		if !b.Offset.Is(0) {
			fmt.Fprintf(w, " at %s", b.Offset)
		}
		fmt.Fprintln(w)
	}
	for _, r := range p.Results {
		fmt.Fprintf(w, "  %s %s = %s\n", r.Kind, r.Name, r.Buffer.Name)
	}
	for _, s := range p.Sections {
		fmt.Fprintf(w, "section %s%s\n", s.Name, s.signature())
		printKernels(w, "", s.Kernels)
	}
}

var kindNames = [...]string{"input", "param", "state", "grad", "arena", "const", "scalar", "carry", "own", "passed"}

// signature writes what a section that others call takes and gives.
func (s *Section) signature() string {
	if !s.Called() {
		return ""
	}
	names := func(bs []*Buffer) string {
		out := make([]string, len(bs))
		for i, b := range bs {
			out[i] = b.Name
		}
		return "(" + strings.Join(out, ", ") + ")"
	}
	return names(s.Params) + " " + names(s.Yields)
}

func printKernels(w io.Writer, indent string, ks []*Kernel) {
	for _, k := range ks {
		k.print(w, indent)
	}
}

func (k *Kernel) print(w io.Writer, indent string) {
	switch {
	case k.Repeat != nil:
		k.Repeat.print(w, indent)
		return
	case k.Trip != nil && k.Trip.Count != nil:
		fmt.Fprintf(w, "%s%s = %s\n", indent, plain(k.Trip.Dim), k.Trip.Count.Name)
		return
	case k.Trip != nil:
		fmt.Fprintf(w, "%s%s = %s\n", indent, plain(k.Trip.Dim), Text(k.Trip.Value))
		return
	case k.Branch != nil:
		fmt.Fprintf(w, "%sif %s\n", indent, k.Branch.Cond.Name)
		printKernels(w, indent+"    ", k.Branch.Then)
		fmt.Fprintf(w, "%selse\n", indent)
		printKernels(w, indent+"    ", k.Branch.Else)
		return
	}
	fmt.Fprintf(w, "%skernel %s", indent, k.Name)
	if !k.Rows.Is(0) {
		fmt.Fprintf(w, " rows 0..%s by %d", k.Rows, k.Grain)
	}
	fmt.Fprintln(w, k.notes())
	printBlock(w, indent+"    ", k.Body)
}

func (r *Repeat) print(w io.Writer, indent string) {
	if r.While == nil {
		down := ""
		if r.Reverse {
			down = " down"
		}
		fmt.Fprintf(w, "%srepeat %s in 0..%s%s\n", indent, plain(r.Var), Text(r.Trip), down)
	} else {
		fmt.Fprintf(w, "%srepeat %s while %s", indent, plain(r.Var), r.While.Name)
		if r.Limited {
			fmt.Fprintf(w, ", limit %s", Text(r.Limit))
		}
		if r.Trips != "" {
			fmt.Fprintf(w, ", trips %s", plain(r.Trips))
		}
		fmt.Fprintln(w)
		printKernels(w, indent+"    while ", r.Cond)
	}
	printKernels(w, indent+"    ", r.Kernels)
}

func (k *Kernel) notes() string {
	var parts []string
	for _, n := range k.Notes {
		line, _ := n.Span.Pos()
		part := fmt.Sprintf("line %d", line)
		if n.Rule != "" {
			part += " " + n.Rule
		}
		parts = append(parts, part)
	}
	if parts == nil {
		return ""
	}
	return "  // " + strings.Join(parts, ", ")
}

func printBlock(w io.Writer, indent string, body []Stmt) {
	for _, s := range body {
		fmt.Fprintf(w, "%s%s\n", indent, head(s))
		switch s := s.(type) {
		case *Loop:
			printBlock(w, indent+"    ", s.Body)
		case *If:
			printBlock(w, indent+"    ", s.Then)
			if len(s.Else) > 0 {
				fmt.Fprintf(w, "%selse\n", indent)
				printBlock(w, indent+"    ", s.Else)
			}
		}
	}
}

// head is the first line of a statement.
func head(s Stmt) string {
	switch s := s.(type) {
	case *Loop:
		return fmt.Sprintf("for %s in %s..%s", plain(s.Var), limits("max", s.Lo, s.From), limits("min", s.Hi, s.To))
	case *Let:
		return fmt.Sprintf("%s := %s", s.Name, ExprText(s.X))
	case *Accumulator:
		return fmt.Sprintf("var %s = %s", s.Name, ExprText(s.Init))
	case *Set:
		return fmt.Sprintf("%s = %s", s.Name, ExprText(s.X))
	case *Store:
		if s.Add {
			return fmt.Sprintf("%s += %s", place(s.Buf, s.At), ExprText(s.X))
		}
		return fmt.Sprintf("%s = %s", place(s.Buf, s.At), ExprText(s.X))
	case *If:
		return "if " + ExprText(s.Cond)
	case *Check:
		if s.Nonzero {
			return fmt.Sprintf("check %s != 0: %s", ExprText(s.X), s.What)
		}
		return fmt.Sprintf("check 0 <= %s < %s: %s", ExprText(s.X), Text(s.Limit), s.What)
	case *MatMul:
		op := "="
		if s.Add {
			op = "+="
		}
		runs := ""
		if r := s.Runs; r != nil {
			runs = fmt.Sprintf(", %s runs %s %s, %s groups %s %s", Text(r.Rows), Text(r.CRow), Text(r.ARow), Text(r.Groups), Text(r.AGroup), Text(r.BGroup))
		}
		if !s.Again.Is(0) {
			runs += ", times " + Text(s.Again)
		}
		return fmt.Sprintf("matmul %s %s %s @ %s (%s, %s, %s%s)", s.C, op, s.A, s.B, Text(s.M), Text(s.N), Text(s.K), runs)
	case *Call:
		return fmt.Sprintf("call %s %v %s", s.Func, s.Args, shape.Format(s.Ints))
	case *Run:
		return fmt.Sprintf("run %s %v %v", s.Section.Name, s.Args, s.To)
	case *Zero:
		return fmt.Sprintf("zero %s", s.Slice)
	case *Fill:
		return fmt.Sprintf("fill %s with %g", s.Slice, s.Value)
	case *Note1:
		return "// " + s.Rule
	}
	return fmt.Sprintf("?%T", s)
}

// limits writes one end of a loop's range.
func limits(most string, d shape.Dim, bs []Bound) string {
	if len(bs) == 0 {
		return Text(d)
	}
	parts := []string{Text(d)}
	for _, b := range bs {
		part := ExprText(b.X)
		if !b.Plus.Is(0) {
			part += " + " + Text(b.Plus)
		}
		parts = append(parts, part)
	}
	return most + "(" + strings.Join(parts, ", ") + ")"
}

// String writes the operand as buffer[place, strides].
func (o Operand) String() string {
	return fmt.Sprintf("%s[%s, %s %s]", o.Buf.Name, Text(o.At), Text(o.Strides[0]), Text(o.Strides[1]))
}

// String writes the slice as buffer[from +length].
func (s Slice) String() string { return fmt.Sprintf("%s[%s +%s]", s.Buf.Name, Text(s.At), Text(s.Len)) }

// Text writes an address with its loop variables undotted.
func Text(d shape.Dim) string { return plain(d.String()) }

func plain(s string) string { return strings.ReplaceAll(s, ".", "") }

func place(b *Buffer, a Addr) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s[%s", b.Name, Text(a.Base))
	for _, d := range a.Dyn {
		fmt.Fprintf(&out, " + %s*%s", ExprText(d.X), Text(d.Stride))
	}
	return out.String() + "]"
}

// ExprText writes a scalar expression.
func ExprText(e Expr) string {
	switch e := e.(type) {
	case *Load:
		return place(e.Buf, e.At)
	case *Lit:
		return fmt.Sprintf("%g", e.V)
	case *Ref:
		return e.Name
	case *IndexExpr:
		if e.Div > 1 {
			return fmt.Sprintf("(%s)/%d", Text(e.E), e.Div)
		}
		return "int(" + Text(e.E) + ")"
	case *Apply:
		parts := make([]string, len(e.Args))
		for i, a := range e.Args {
			parts[i] = ExprText(a)
		}
		if e.Attr != nil {
			parts = append(parts, e.Attr.String())
		}
		return e.Op.Name + "(" + strings.Join(parts, ", ") + ")"
	case *Guard:
		parts := make([]string, len(e.Conds))
		for i, c := range e.Conds {
			parts[i] = plain(c.String())
		}
		return fmt.Sprintf("(%s if %s else %g)", ExprText(e.X), strings.Join(parts, " and "), e.Fill)
	case *Select:
		return fmt.Sprintf("(%s ? %s : %s)", ExprText(e.Cond), ExprText(e.X), ExprText(e.Y))
	}
	return fmt.Sprintf("?%T", e)
}

// StmtText writes a statement and those inside it.
func StmtText(s Stmt) string {
	var out strings.Builder
	printBlock(&out, "", []Stmt{s})
	return out.String()
}
