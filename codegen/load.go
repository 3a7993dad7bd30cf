package codegen

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gradgen/gradgen/parser"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
	"github.com/gradgen/gradgen/parser/std"
)

// loader finds imported modules: the standard ones inside the tool, others
// beside the file that imports them. Each file is parsed once.
type loader struct {
	read  func(path string) ([]byte, error)
	files map[string]*ast.File
}

// load parses a module; without a file and without errors there is none.
func (l *loader) load(from *diag.File, path string) (*ast.File, diag.List) {
	name, src := l.find(from, path)
	if src == nil {
		return nil, nil
	}
	if f, ok := l.files[name]; ok {
		return f, nil
	}
	f, list := parser.Parse(name, src)
	l.files[name] = f
	return f, list
}

func (l *loader) find(from *diag.File, path string) (string, []byte) {
	if !strings.HasPrefix(path, "./") && !strings.HasPrefix(path, "../") {
		src, _ := std.Source(path)
		return "std/" + path + ".grad", src
	}
	read := l.read
	if read == nil {
		read = os.ReadFile
	}
	name := filepath.Join(filepath.Dir(from.Name), filepath.FromSlash(path)+".grad")
	src, err := read(name)
	if err != nil {
		return name, nil
	}
	if src == nil {
		src = []byte{}
	}
	return name, src
}
