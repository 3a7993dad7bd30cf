package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
)

// method learns from some patients and gives each of others a probability.
type method func(known, asked *patients, o options) ([]float64, error)

// crossValidate divides the patients by chance and lets each part be judged by what the others teach: the
// scale of the measurements, too, is that of the others.
func crossValidate(all *patients, o options, judge method) ([]float64, error) {
	order := rand.New(rand.NewPCG(o.seed, 0)).Perm(all.len())
	probs := make([]float64, all.len())
	for fold := range o.folds {
		known, asked := &patients{}, &patients{}
		var places []int
		for k, i := range order {
			if k%o.folds == fold {
				asked.add(all.row(i), all.y[i])
				places = append(places, i)
			} else {
				known.add(all.row(i), all.y[i])
			}
		}
		s := scaleOf(known)
		some, err := judge(s.of(known), s.of(asked), o)
		if err != nil {
			return nil, err
		}
		for k, i := range places {
			probs[i] = some[k]
		}
	}
	return probs, nil
}

func printExam(out io.Writer, y []float64, judges []judge) {
	fmt.Fprintf(out, "\nEach patient judged by what the others teach:\n")
	fmt.Fprintln(out, "              right   missed   alarmed   area under ROC   loss")
	for _, j := range judges {
		missed, alarmed := mistakes(y, j.probs)
		right := 100 * (1 - float64(missed+alarmed)/float64(len(y)))
		fmt.Fprintf(out, "%-12s %4.1f %%   %6d   %7d   %14.4f   %.4f\n",
			j.name, right, missed, alarmed, area(rocCurve(y, j.probs)), logLoss(y, j.probs))
	}
	fmt.Fprintf(out, "\nOf those given a probability of .. so many were malignant:\n")
	for _, j := range judges {
		fmt.Fprintf(out, "%-12s", j.name)
		for _, c := range calibration(y, j.probs) {
			fmt.Fprintf(out, "   %.0f-%.0f %%: %d of %d", 100*c.low, 100*c.high, c.malignant, c.patients)
		}
		fmt.Fprintln(out)
	}
}

// mistakes are malignant tumours taken for benign, and benign ones taken for malignant.
func mistakes(y, probs []float64) (missed, alarmed int) {
	for i, p := range probs {
		switch {
		case y[i] == 1 && p < 0.5:
			missed++
		case y[i] == 0 && p >= 0.5:
			alarmed++
		}
	}
	return missed, alarmed
}

// logLoss is the mean of -log of the probability given to what is true.
func logLoss(y, probs []float64) (sum float64) {
	for i, p := range probs {
		sum -= math.Log(max(y[i]*p+(1-y[i])*(1-p), 1e-300))
	}
	return sum / float64(len(y))
}

// bin counts the patients whose probability is from low to high.
type bin struct {
	low, high           float64
	patients, malignant int
}

func calibration(y, probs []float64) []bin {
	bins := []bin{{low: 0, high: 0.1}, {low: 0.1, high: 0.5}, {low: 0.5, high: 0.9}, {low: 0.9, high: 1}}
	for i, p := range probs {
		for k := range bins {
			if b := &bins[k]; p < b.high || k == len(bins)-1 {
				b.patients++
				b.malignant += int(y[i])
				break
			}
		}
	}
	return bins
}

// point is a share of benign tumours taken for malignant, and of malignant ones found.
type point struct{ alarmed, found float64 }

// rocCurve lowers the probability from which on a tumour is called malignant, over all that were given.
func rocCurve(y, probs []float64) []point {
	order := make([]int, len(y))
	positive := 0.0
	for i := range y {
		order[i], positive = i, positive+y[i]
	}
	negative := float64(len(y)) - positive
	slices.SortFunc(order, func(i, j int) int { return -cmp.Compare(probs[i], probs[j]) })
	curve := []point{{}}
	var alarmed, found float64
	for k, i := range order {
		found, alarmed = found+y[i], alarmed+1-y[i]
		if k == len(order)-1 || probs[order[k+1]] != probs[i] {
			curve = append(curve, point{alarmed / negative, found / positive})
		}
	}
	return curve
}

// area is how likely a malignant tumour is given more than a benign one.
func area(curve []point) (sum float64) {
	for i, p := range curve[1:] {
		sum += (p.alarmed - curve[i].alarmed) * (p.found + curve[i].found) / 2
	}
	return sum
}
