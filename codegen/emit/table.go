package emit

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
)

// table writes the elements of a constant tensor to a package variable; equal
// ones share it.
func (f *file) table(b *kernel.Buffer) {
	if _, done := f.tables[b]; done {
		return
	}
	content := fmt.Sprint(b.Elem, b.Data)
	name, known := f.contents[content]
	if !known {
		name = f.names.numbered(f.helper("table"))
		f.contents[content] = name
	}
	f.tables[b] = name
	if f.quiet || known {
		return
	}
	f.printTable(name, b.Elem, b.Data, shapeText(b.Shape))
}

func (f *file) printTable(name string, e graph.Elem, data []float64, about string) {
	vals := make([]string, len(data))
	for i, v := range data {
		vals[i] = f.literal(e, v).s
	}
	var text strings.Builder
	for len(vals) > 0 {
		n := min(len(vals), 8)
		text.WriteString("\n" + strings.Join(vals[:n], ", ") + ",")
		vals = vals[n:]
	}
	f.jen.Add(comment("%s is a constant of the model %s.", name, about))
	f.jen.Add(line("var %s = []%s{%s\n}", name, f.goType(e), text.String()))
	f.jen.Line()
}
