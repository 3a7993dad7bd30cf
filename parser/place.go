package parser

import (
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

func (s *session) misplaced(n ast.Node, what string) {
	s.diags.Add(diag.New("G0114", n.At, "%s stands at the top of a file", quote(what)))
}

func (s *session) place(f *ast.File) {}
