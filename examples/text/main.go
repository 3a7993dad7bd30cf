// Text learns to write, character by character, from a text file, by default Isaac Newton's Opticks, which is
// part of every Go installation.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen text.grad

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

type options struct {
	lesson
	file, load, save, prompt string
	length, workers          int
	temperature              float64
}

func main() {
	var o options
	flag.StringVar(&o.file, "file", "", "text `file` to learn from (default: Opticks, in Go's own folder)")
	flag.DurationVar(&o.time, "time", 10*time.Minute, "how long to learn")
	flag.IntVar(&o.steps, "steps", 0, "learn so many steps, whatever time they take")
	flag.IntVar(&o.batch, "batch", 8, "passages per step")
	flag.IntVar(&o.seq, "seq", 128, "characters per passage, and how many it remembers when it writes")
	flag.Float64Var(&o.rate, "rate", 2e-3, "highest learning `rate`")
	flag.Uint64Var(&o.seed, "seed", 1, "where chance begins")
	flag.StringVar(&o.prompt, "prompt", "The Rays of Light ", "`text` to go on from")
	flag.IntVar(&o.length, "length", 600, "characters to write")
	flag.Float64Var(&o.temperature, "temperature", 0.7, "courage in writing: near 0 always the likeliest, 1 as learned")
	flag.IntVar(&o.workers, "workers", 0, "number of cores to use (default all)")
	flag.StringVar(&o.load, "load", "", "begin with the parameters in this safetensors `file`, learned from the same text")
	flag.StringVar(&o.save, "save", "", "write the parameters to this safetensors `file`")
	flag.Parse()
	if flag.NArg() > 0 || o.steps < 0 || o.batch < 1 || o.seq < 1 || o.length < 0 || o.workers < 0 || o.temperature <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "text:", err)
		os.Exit(1)
	}
}

// run reads, learns and writes.
func run(out io.Writer, o options) error {
	if o.workers > 0 {
		runtime.GOMAXPROCS(o.workers)
	}
	b, err := loadBook(o.file)
	if err != nil {
		return err
	}
	m := NewText(o.seed)
	if o.load != "" {
		if err := m.Load(o.load); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d characters to learn from, %d to examine with\n", len(b.learned), len(b.held))
	bar := progress()
	o.say = func(line string) {
		_ = bar.Clear() // a bar that fails to draw is no reason to stop
		fmt.Fprintln(out, line)
	}
	o.tick = func(done, loss float64) {
		bar.Describe(fmt.Sprintf("loss %.3f", loss))
		_ = bar.Set(int(1000 * done))
	}
	if err := learn(m, b, o.lesson); err != nil {
		return err
	}
	_ = bar.Clear()
	if o.save != "" {
		if err := m.Save(o.save); err != nil {
			return err
		}
	}
	return write(out, m, b, o)
}

// progress is a bar on a terminal, and nothing elsewhere.
func progress() *progressbar.ProgressBar {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return progressbar.DefaultSilent(1000)
	}
	return progressbar.NewOptions(1000, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
}
