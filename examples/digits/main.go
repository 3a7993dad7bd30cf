// Digits learns to read handwritten digits: by default from 1,797 small drawings that are part of the
// program, with -mnist or -conv from the 60,000 of MNIST.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen digits.grad mnist.grad conv.grad

import (
	"errors"
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
	mnist, conv      bool
	workers          int
	rate             float64
	data             string
	load, save, plot string
}

func main() {
	var o options
	flag.BoolVar(&o.mnist, "mnist", false, "learn from MNIST with one hidden layer")
	flag.BoolVar(&o.conv, "conv", false, "learn from MNIST with two layers of convolution")
	flag.StringVar(&o.data, "data", "", "`folder` of the MNIST files (default: that of the Go module GoMNIST)")
	flag.IntVar(&o.epochs, "epochs", -1, "how often to go through the drawings, 0 to examine only (default 60; 8 for -mnist, 4 for -conv)")
	flag.IntVar(&o.batch, "batch", 0, "drawings per step (default 32; 64 for MNIST)")
	flag.Float64Var(&o.rate, "rate", 0, "learning `rate` at the start (default: that of the model)")
	flag.Uint64Var(&o.seed, "seed", 1, "where chance begins")
	flag.IntVar(&o.workers, "workers", 0, "number of cores to use (default all)")
	flag.StringVar(&o.load, "load", "", "begin with the parameters in this safetensors `file`")
	flag.StringVar(&o.save, "save", "", "write the parameters to this safetensors `file`")
	flag.StringVar(&o.plot, "plot", "", "draw the loss into this PNG `file`")
	flag.Parse()
	if flag.NArg() > 0 || o.batch < 0 || o.workers < 0 || o.rate < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "digits:", err)
		os.Exit(1)
	}
}

// run loads, learns, examines and reports.
func run(out io.Writer, o options) error {
	if o.workers > 0 {
		runtime.GOMAXPROCS(o.workers)
	}
	train, held, net, err := choose(&o)
	if err != nil {
		return err
	}
	if o.load != "" {
		if err := net.load(o.load); err != nil {
			return err
		}
	}
	if o.rate > 0 {
		*net.rate = o.rate
	}
	if o.plot != "" && o.epochs == 0 {
		return errors.New("with -epochs 0 nothing is learned, so there is no loss for -plot")
	}
	begin := time.Now()
	bar := progress(o.epochs * train.len())
	o.say = func(line string) {
		_ = bar.Clear() // a bar that fails to draw is no reason to stop
		fmt.Fprintln(out, line)
	}
	o.tick = func(n int, loss, right float64) {
		bar.Describe(fmt.Sprintf("loss %.3f, right %.1f %%", loss, 100*right))
		_ = bar.Add(n)
	}
	losses, err := learn(net, train, held, o.lesson)
	if err != nil {
		return err
	}
	_ = bar.Clear()
	return report(out, o, net, held, losses, time.Since(begin))
}

// choose makes the data and the network that the flags ask for, and settles what they leave open.
func choose(o *options) (train, held *set, net *network, err error) {
	load, build, epochs, batch := loadDrawings, newDigits, 60, 32
	if o.mnist || o.conv {
		load = func() (*set, *set, error) { return loadMNIST(o.data) }
		build, epochs, batch = newMNIST, 8, 64
	}
	if o.conv {
		build, epochs = newConvNet, 4
	}
	if o.epochs < 0 {
		o.epochs = epochs
	}
	if o.batch == 0 {
		o.batch = batch
	}
	o.jitter = !o.mnist && !o.conv
	if train, held, err = load(); err != nil {
		return nil, nil, nil, err
	}
	net, err = build(o.seed, o.batch)
	return train, held, net, err
}

func report(out io.Writer, o options, net *network, held *set, losses []float32, took time.Duration) error {
	wrong, err := examine(net, held, o.batch)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%.2f %% of %d drawings never trained on are read right, after %.1f s\n",
		held.score(wrong), held.len(), took.Seconds())
	printMistakes(out, held, wrong)
	if o.plot != "" {
		if err := plotLoss(o.plot, losses); err != nil {
			return err
		}
	}
	if o.save != "" {
		return net.save(o.save)
	}
	return nil
}

// progress is a bar on a terminal, and nothing elsewhere.
func progress(total int) *progressbar.ProgressBar {
	if total == 0 || !term.IsTerminal(int(os.Stderr.Fd())) {
		return progressbar.DefaultSilent(int64(total))
	}
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish())
}
