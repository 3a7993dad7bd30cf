// Catortoaster learns to tell cats from toasters. It learns from drawings that it makes up itself by
// rules, and is examined on drawings by people.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen catortoaster.grad

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

type options struct {
	count, batch, workers int
	seed                  uint64
	load, save            string
}

func main() {
	var o options
	flag.IntVar(&o.count, "drawings", 20000, "how many drawings to learn from, 0 to examine only")
	flag.IntVar(&o.batch, "batch", 32, "drawings per step")
	flag.Uint64Var(&o.seed, "seed", 1, "where chance begins")
	flag.IntVar(&o.workers, "workers", 0, "number of cores to use (default all)")
	flag.StringVar(&o.load, "load", "", "begin with the parameters in this safetensors `file`")
	flag.StringVar(&o.save, "save", "", "write the parameters to this safetensors `file`")
	flag.Parse()
	if flag.NArg() > 0 || o.count < 0 || o.batch < 1 || o.workers < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "catortoaster:", err)
		os.Exit(1)
	}
}

// run gives a lesson on one picture, learns, sits the exam and gives a lesson on a mistake.
func run(out io.Writer, o options) error {
	if o.workers > 0 {
		runtime.GOMAXPROCS(o.workers)
	}
	e, err := loadExam()
	if err != nil {
		return err
	}
	m := NewCatOrToaster(o.seed)
	if o.load != "" {
		if err := m.Load(o.load); err != nil {
			return err
		}
	}
	t, err := m.NewTrainer(CatOrToasterDims{Batch: o.batch})
	if err != nil {
		return err
	}
	p, err := m.NewPredictor(CatOrToasterDims{Batch: len(e.labels)})
	if err != nil {
		return err
	}
	if err := study(out, o, m, t, p); err != nil {
		return err
	}
	if err := examine(out, e, p); err != nil {
		return err
	}
	if o.save != "" {
		return m.Save(o.save)
	}
	return nil
}

// study begins with one drawing, slowly, and goes on with many.
func study(out io.Writer, o options, m *CatOrToaster, t *CatOrToasterTrainer, p *CatOrToasterPredictor) error {
	if o.count == 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(o.seed, 1))
	picture := make([]float32, side*side)
	Paint(Draw(rng, Cat), centred, picture)
	fmt.Fprintf(out, "A first picture:\n\n")
	printPictures(out, picture)
	fmt.Fprintln(out)
	if err := printLesson(out, m, t, p, picture, Cat); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe same four steps, with %d drawings:\n", o.count)
	begin, bar := time.Now(), progress(o.count)
	every, next := max(1, o.count/7), o.count/7
	err := learn(t, rng, o.count, o.batch, func(seen int, loss, accuracy float32) {
		_ = bar.Set(seen) // a bar that fails to draw is no reason to stop
		if seen >= next {
			_ = bar.Clear()
			fmt.Fprintf(out, "after %5d   loss %.4f   right %5.1f %%\n", seen, loss, 100*accuracy)
			next += every
		}
	})
	fmt.Fprintf(out, "That took %.1f s.\n", time.Since(begin).Seconds())
	return err
}

func examine(out io.Writer, e *exam, p *CatOrToasterPredictor) error {
	table, wrong, err := e.sit(p)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe exam, %d drawings by people: %.0f %% right\n\n", len(e.labels), score(table))
	printTable(out, table)
	if len(wrong) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nMistaken:\n\n")
	var pictures [][]float32
	for _, i := range wrong[:min(3, len(wrong))] {
		pictures = append(pictures, e.picture(i))
	}
	printPictures(out, pictures...)
	return nil
}

// progress is a bar on a terminal, and nothing elsewhere.
func progress(total int) *progressbar.ProgressBar {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return progressbar.DefaultSilent(int64(total))
	}
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}
