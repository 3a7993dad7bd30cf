package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gradgen/gradgen/codegen"
)

type genFlags struct {
	opt   func() codegen.Options
	out   *string
	pkg   *string
	dump  *string
	watch *bool
}

func genCommand() *command {
	return &command{
		name: "gen", args: "[flags] FILE...", short: "writes the Go code of models and functions", min: 1, max: -1,
		long: `
Gen writes NAME_grad.go beside each NAME.grad, and for some loops faster code in
NAME_grad_amd64.s and NAME_grad_amd64.go, which the build tag purego leaves out.
Files are replaced at once, and not touched if the source has an error. Their
package is that of the Go files around them.

In a Go project a line beside the model keeps the code up to date:

	//go:generate go tool gradgen gen digits.grad`,
		define: func(fs *flag.FlagSet) func(*streams, []string) int {
			g := genFlags{
				opt:   compileFlags(fs),
				out:   fs.String("o", "", "write to `file` instead; for one source file"),
				pkg:   fs.String("package", "", "the `name` of the generated file's package"),
				dump:  fs.String("dump", "", "print what a `pass` makes of the file, and write nothing;\nthe passes are "+strings.Join(codegen.Passes(), ", ")),
				watch: fs.Bool("watch", false, "go on, and write the code again whenever a source changes"),
			}
			return g.run
		},
	}
}

func (g genFlags) run(s *streams, files []string) int {
	if len(files) > 1 && *g.out != "" {
		return genCommand().misused(s, "-o is for one file, and there are %d", len(files))
	}
	if d := *g.dump; d != "" && !slices.Contains(codegen.Passes(), d) {
		return genCommand().misused(s, "there is no pass %s; the passes are %s", d, strings.Join(codegen.Passes(), ", "))
	}
	status := done
	for _, name := range files {
		if !strings.HasSuffix(name, ".grad") {
			return genCommand().misused(s, "%s does not end in .grad", name)
		}
	}
	for _, name := range files {
		status = max(status, g.file(s, name))
	}
	if *g.watch {
		g.follow(s, files)
	}
	return status
}

// file generates the code of one file, or prints what a pass makes of it.
func (g genFlags) file(s *streams, name string) int {
	opt := g.opt()
	opt.Package, opt.Dump = *g.pkg, *g.dump
	if opt.Dump == "" {
		list, err := codegen.Generate(name, *g.out, opt)
		return report(s, list, err)
	}
	if opt.Package == "" {
		opt.Package = codegen.PackageName(filepath.Dir(name))
	}
	res, list, err := codegen.File(name, opt)
	io.WriteString(s.out, res.Dump)
	return report(s, list, err)
}

// follow regenerates files that change, until the process ends.
func (g genFlags) follow(s *streams, files []string) {
	seen := map[string]time.Time{}
	for {
		for _, name := range files {
			now := newest(name, g.opt())
			if old, ok := seen[name]; ok && !now.Equal(old) {
				if g.file(s, name) == done {
					fmt.Fprintf(s.err, "gradgen: wrote the code of %s\n", name)
				}
			}
			seen[name] = now
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// newest is the last time at which a file, or one it imports, was written.
func newest(name string, opt codegen.Options) (at time.Time) {
	look := func(path string) {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	look(name)
	opt.Until = "check"
	opt.ReadFile = func(path string) ([]byte, error) {
		look(path)
		return os.ReadFile(path)
	}
	codegen.File(name, opt)
	return at
}
