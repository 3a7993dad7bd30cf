package codegen

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/gradgen/gradgen/parser/diag"
)

// OutputPath is where the Go code of a model file goes: digits_grad.go beside
// digits.grad.
func OutputPath(path string) string {
	return strings.TrimSuffix(path, ".grad") + "_grad.go"
}

// File compiles a file from the disk.
func File(path string, opt Options) (Result, diag.List, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return Result{}, nil, err
	}
	return Compile(path, src, opt)
}

// Generate compiles a file and writes its Go code to out, or, where out is
// empty, to OutputPath. A file with an error leaves what is there untouched.
func Generate(path, out string, opt Options) (diag.List, error) {
	if out == "" {
		out = OutputPath(path)
	}
	if opt.Package == "" {
		opt.Package = PackageName(filepath.Dir(out))
	}
	res, list, err := File(path, opt)
	if err != nil || list.HasErrors() || res.Go == nil {
		return list, err
	}
	return list, Replace(out, res.Go)
}

// PackageName is the package of the Go files in a folder; where there are none,
// a valid name made of the folder's.
func PackageName(dir string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is well formed
	fallback := ""
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
		if err != nil {
			continue
		}
		if pkg := f.Name.Name; !strings.HasSuffix(name, "_test.go") {
			return pkg
		} else if fallback == "" {
			fallback = strings.TrimSuffix(pkg, "_test")
		}
	}
	if fallback != "" {
		return fallback
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "main"
	}
	return validPackage(filepath.Base(abs))
}

// validPackage keeps the letters and digits of a name, in lower case.
func validPackage(name string) string {
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}
	name = strings.TrimLeftFunc(strings.Map(keep, name), unicode.IsDigit)
	if name == "" || token.IsKeyword(name) {
		return "main"
	}
	return name
}

// Replace writes a file at once: readers see the old text or the new one.
func Replace(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	if _, err = tmp.Write(data); err == nil {
		err = tmp.Chmod(0o644)
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}
