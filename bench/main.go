// Bench shows how fast gradgen's code is beside that of others. From the root of the repository,
//
//	go run ./bench
//
// installs or finds each peer in a folder of the user's cache, checks that all sides compute the same from the same initial
// values, times them in turns, prints a table of ratios and writes bench/RESULTS.md. Parts run with
//
//	go run ./bench -tasks T1,T7 -threads 1 -rounds 9 -o results.md
//
// The peers in Go are a module of their own in peers/go, so that what they need does not enter this project's go.mod; this
// program, which needs nothing, is in the project's module, so that the command above works.
//
// The folder has Go's benchmarks too: go test -bench . ./bench prints generation times of transformers of 1 to 24 layers
// and the times of training steps in the format that benchstat compares.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// options say what runs, and how long.
type options struct {
	tasks   string
	threads []int
	rounds  int
	batch   time.Duration // how long the calls of a round take, or one call if that takes longer
	out     string
	quick   bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if _, err := os.Stat("bench/peers"); err != nil {
		return fmt.Errorf("run it from the root of the repository: go run ./bench: %w", err)
	}
	k, err := newKit()
	if err != nil {
		return err
	}
	res := &results{machine: thisMachine(), command: strings.Join(append([]string{"go run ./bench"}, args...), " "), rounds: o.rounds}
	for _, r := range rows(o) {
		fmt.Fprintf(os.Stderr, "%s %s, threads %d\n", r.task, r.what, r.threads)
		got, err := measure(k, r, o)
		if err != nil {
			return fmt.Errorf("%s %s: %w", r.task, r.what, err)
		}
		fmt.Print(got.line())
		res.rows = append(res.rows, got)
		if err := os.WriteFile(o.out, []byte(res.markdown()), 0o644); err != nil {
			return err
		}
	}
	fmt.Print("\n", res.summary())
	return nil
}

func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.StringVar(&o.tasks, "tasks", "T1,T2,T3,T4,T5,T6,T7,T8,T9,T10", "tasks to run")
	threads := flags.String("threads", "1,2", "numbers of threads")
	flags.IntVar(&o.rounds, "rounds", 9, "rounds, of which the median counts")
	flags.DurationVar(&o.batch, "batch", 100*time.Millisecond, "how long a round of one side takes")
	flags.BoolVar(&o.quick, "quick", false, "the whole table in few minutes: short rounds, without the slowest peers")
	flags.StringVar(&o.out, "o", "bench/RESULTS.md", "where the results are written")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.quick {
		o.batch = 30 * time.Millisecond
	}
	for text := range strings.SplitSeq(*threads, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-threads %s: %q is no number of threads", *threads, text)
		}
		if n <= runtime.NumCPU() {
			o.threads = append(o.threads, n)
		}
	}
	return o, nil
}

// has reports whether a task is to run.
func (o options) has(task string) bool {
	for name := range strings.SplitSeq(o.tasks, ",") {
		if name == task {
			return true
		}
	}
	return false
}
