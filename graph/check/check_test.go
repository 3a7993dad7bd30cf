package check_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
	"github.com/gradgen/gradgen/parser/std"
)

func load(_ *diag.File, path string) (*ast.File, diag.List) {
	src, ok := std.Source(path)
	if !ok {
		return nil, nil
	}
	return parser.Parse(path+".grad", src)
}

func program(t *testing.T, src string) (*graph.Program, string) {
	t.Helper()
	f, list := parser.Parse("test.grad", []byte(src))
	var b strings.Builder
	if list.HasErrors() {
		list.Render(&b)
		return nil, b.String()
	}
	p, list := check.Check(f, check.Options{Load: load})
	list.Render(&b)
	return p, b.String()
}

func TestTry(t *testing.T) {
	name := os.Getenv("GRAD")
	if name == "" {
		t.Skip()
	}
	src, _ := os.ReadFile(name)
	p, out := program(t, string(src))
	t.Log("\n" + out)
	if p != nil {
		for _, m := range p.Models {
			var b strings.Builder
			var roots []*graph.Node
			for _, v := range append(m.Train.Losses, m.Train.Metrics...) {
				roots = append(roots, v.Node)
			}
			for _, v := range m.Predict.Outputs {
				roots = append(roots, v.Node)
			}
			graph.Print(&b, roots)
			for _, r := range m.Rules {
				b.WriteString("rule " + r.Name + "\n")
				graph.Print(&b, []*graph.Node{r.P})
			}
			t.Log("\n" + b.String())
		}
	}
}
