package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/pmezard/go-difflib/difflib"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/parser"
)

type fmtFlags struct{ diff, list, write *bool }

func fmtCommand() *command {
	return &command{
		name: "fmt", args: "[flags] [FILE...]", short: "formats files, keeping comments", max: -1,
		long: "Fmt prints files, or the standard input where none is named, in canonical form.",
		define: func(fs *flag.FlagSet) func(*streams, []string) int {
			f := fmtFlags{
				diff:  fs.Bool("d", false, "print what would change, as a diff"),
				list:  fs.Bool("l", false, "print the names of files that would change"),
				write: fs.Bool("w", false, "write the result back to the file"),
			}
			return f.run
		},
	}
}

func (f fmtFlags) run(s *streams, files []string) int {
	if len(files) == 0 {
		if *f.write {
			return fmtCommand().misused(s, "-w needs a file")
		}
		src, err := io.ReadAll(s.in)
		if err != nil {
			return s.failf("%v", err)
		}
		return f.text(s, "<stdin>", src)
	}
	status := done
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			status = s.failf("%v", err)
			continue
		}
		status = max(status, f.text(s, name, src))
	}
	return status
}

// text formats one file.
func (f fmtFlags) text(s *streams, name string, src []byte) int {
	out, list := parser.FormatSource(name, src)
	if list.HasErrors() {
		list.Render(s.err)
		return failed
	}
	changed := !bytes.Equal(out, src)
	if *f.list && changed {
		fmt.Fprintln(s.out, name)
	}
	if *f.diff && changed {
		io.WriteString(s.out, unified(name, src, out))
	}
	if *f.write && changed {
		if err := codegen.Replace(name, out); err != nil {
			return s.failf("%v", err)
		}
	}
	if !*f.list && !*f.diff && !*f.write {
		s.out.Write(out)
	}
	return done
}

// unified is the difference of two texts in diff's unified form.
func unified(name string, a, b []byte) string {
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: difflib.SplitLines(string(a)), B: difflib.SplitLines(string(b)),
		FromFile: name + ".orig", ToFile: name, Context: 3,
	})
	if err != nil {
		return err.Error()
	}
	return text
}
