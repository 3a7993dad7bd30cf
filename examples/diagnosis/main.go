// Diagnosis tells malignant tumours of the breast from benign ones by thirty measurements of cell nuclei, by
// logistic regression and by a small network, and says how far either is to be trusted.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen diagnosis.grad

import (
	"flag"
	"fmt"
	"io"
	"os"
)

type options struct {
	folds, epochs int
	spread        float64
	seed          uint64
	roc           string
}

func main() {
	var o options
	flag.IntVar(&o.folds, "folds", 10, "parts of the patients, each of which is judged by what the others teach")
	flag.IntVar(&o.epochs, "epochs", 60, "how often the network goes through the patients")
	flag.Float64Var(&o.spread, "spread", 1, "standard deviation expected of the coefficients")
	flag.Uint64Var(&o.seed, "seed", 1, "where chance begins")
	flag.StringVar(&o.roc, "roc", "", "draw the ROC curves into this PNG `file`")
	flag.Parse()
	if flag.NArg() > 0 || o.folds < 2 || o.epochs < 1 || o.spread <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "diagnosis:", err)
		os.Exit(1)
	}
}

// run fits all patients to show the coefficients, then judges each patient by the others.
func run(out io.Writer, o options) error {
	all, err := loadPatients()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d patients, %d of them with a malignant tumour\n\n", all.len(), all.malignant())
	if err := printRegression(out, all, o.spread); err != nil {
		return err
	}
	line, err := crossValidate(all, o, regression)
	if err != nil {
		return err
	}
	net, err := crossValidate(all, o, network)
	if err != nil {
		return err
	}
	printExam(out, all.y, []judge{{"regression", line}, {"network", net}})
	if o.roc != "" {
		return drawROC(o.roc, all.y, []judge{{"regression", line}, {"network", net}})
	}
	return nil
}

// judge is a method and the probability it gives each patient of a malignant tumour.
type judge struct {
	name  string
	probs []float64
}
