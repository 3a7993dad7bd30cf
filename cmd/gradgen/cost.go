package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/codegen/cost"
	"github.com/gradgen/gradgen/codegen/emit"
	"github.com/gradgen/gradgen/graph"
)

func costCommand() *command {
	return &command{
		name: "cost", args: "[flags] FILE", short: "counts operations, bytes and memory", min: 1, max: 1,
		long: `
Cost prints a line for each kernel of the code that gen writes: how often it runs
and in how many pieces, its operations, the bytes it reads and writes (each
element of a buffer once), operations per byte, and the time below which one core
of this machine cannot do it, from limits measured for the purpose. What is fused
into a kernel stands behind it, by source line. Below stand the loops that are in
Go on every machine, and why, and the memory of the pass:
the workspace, and what it would be if no buffer took the place of another. Below
all stand the for loops that do not stay loops in the code, and why.

Every dim that is bound at run time needs a value: -D batch=64. An operation is
an addition or a multiplication; others count as what they take. Loops whose steps
only the run can count are counted with one step.`,
		define: func(fs *flag.FlagSet) func(*streams, []string) int {
			dims := dimsFlag(fs)
			real := choice(fs, "real", "the `type` of real numbers, f32 or f64, over what the file says", "", "f32", "f64")
			still := fs.Bool("still", false, "measure nothing, and leave the times out")
			return func(s *streams, files []string) int {
				return printCost(s, files[0], codegen.Options{Dims: dims, Real: real.value, Version: version, Until: "plan"}, *still)
			}
		},
	}
}

func printCost(s *streams, name string, opt codegen.Options, still bool) int {
	free, status := freeDims(s, name, opt)
	if status != done {
		return status
	}
	given := opt.Dims
	opt.Dims = map[string]int64{}
	for k, v := range given {
		if !free[k] {
			opt.Dims[k] = v
		}
	}
	res, list, err := codegen.File(name, opt)
	if status := report(s, list, err); status != done {
		return status
	}
	progs := codegen.Programs(res.Unit)
	for i := range progs {
		p := &progs[i]
		if p.Dims == nil {
			p.Dims = map[string]int64{}
		}
		maps.Copy(p.Dims, given)
		if missing := cost.Unknown(p.Program, p.Dims); len(missing) > 0 {
			return s.failf("%s needs values for dims: -D %s=64", p.Title, strings.Join(missing, "=64 -D "))
		}
	}
	for i, p := range progs {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintln(s.out, p.Title)
		printProgram(s.out, p, res.Program.Real64, still)
	}
	printUnrolled(s.out, res.Program.Unrolled)
	return done
}

// printUnrolled says which for loops are repeated in the code, and why.
func printUnrolled(out io.Writer, loops []graph.Unrolled) {
	for i, u := range loops {
		if i == 0 {
			fmt.Fprintln(out)
		}
		loop, _ := u.Loop.Pos()
		at, _ := u.At.Pos()
		fmt.Fprintf(out, "%s:%d: this for is unrolled: %s (line %d)\n", u.Loop.File.Name, loop, u.Because, at)
	}
}

// freeDims names the dims of the file that are bound at run time.
func freeDims(s *streams, name string, opt codegen.Options) (map[string]bool, int) {
	opt.Dims, opt.Until = nil, "check"
	res, list, err := codegen.File(name, opt)
	if status := report(s, list, err); status != done {
		return nil, status
	}
	free := map[string]bool{}
	for _, m := range res.Program.Models {
		for _, d := range m.Dims {
			free[d.Name] = !d.Fixed
		}
	}
	for _, f := range res.Program.Funcs {
		for _, d := range f.Dims {
			free[d] = true
		}
	}
	return free, done
}

func printProgram(out io.Writer, p codegen.Titled, double, still bool) {
	r := cost.Program(p.Program, double, p.Dims, p.Times)
	limits := cost.Limits{}
	if !still {
		limits = cost.Measure(double, r.Arena)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "kernel\ttimes\tpieces\toperations\tbytes\tper byte\tat least\t\n")
	total := cost.Row{Kernel: "total"}
	for _, row := range r.Rows {
		total.Operations, total.Bytes = total.Operations+row.Operations, total.Bytes+row.Bytes
	}
	for _, row := range append(r.Rows, total) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.3g\t%s\t%s\n", row.Kernel, count(row.Times), count(row.Pieces), units(row.Operations), units(row.Bytes),
			float64(row.Operations)/float64(max(row.Bytes, 1)), least(limits, row, still), fused(row))
	}
	w.Flush()
	for _, row := range r.Rows {
		for _, why := range row.Portable {
			fmt.Fprintf(out, "%s has a loop without assembly: %s\n", row.Kernel, why)
		}
	}
	fmt.Fprintf(out, "workspace %sB, without sharing %sB", units(r.Arena), units(r.Stored))
	for _, kind := range slices.Sorted(maps.Keys(r.Kinds)) {
		fmt.Fprintf(out, "; %s %sB", kind, units(r.Kinds[kind]))
	}
	fmt.Fprintln(out)
}

func count(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// units writes a number with three digits and k, M or G.
func units(n int64) string {
	for i, u := range []string{"G", "M", "k"} {
		if d := []float64{1e9, 1e6, 1e3}[i]; float64(n) >= d {
			return fmt.Sprintf("%.3g %s", float64(n)/d, u)
		}
	}
	return fmt.Sprintf("%d ", n)
}

func least(l cost.Limits, r cost.Row, still bool) string {
	if still {
		return ""
	}
	d := l.Least(r)
	return d.Round(max(d/100, 1) * time.Nanosecond).String()
}

// fused says what a kernel computes: its first source line, and how many more.
func fused(r cost.Row) string {
	var texts []string
	for _, n := range r.Notes {
		if t := emit.NoteText(n); t != "" && !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return " " + texts[0]
	}
	return fmt.Sprintf(" %s, and %d more", texts[0], len(texts)-1)
}
