package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
)

// fit takes Newton's steps until they move nothing. The coefficients are those of the measurements, then the
// intercept.
func fit(p *patients, spread float64) (b []float64, steps int, err error) {
	b, next := make([]float64, measurements+1), make([]float64, measurements+1)
	for steps = 1; steps <= 50; steps++ {
		if _, err := Newton(next, p.x, p.y, b, spread); err != nil {
			return b, steps, err
		}
		moved := 0.0
		for i := range b {
			moved = max(moved, math.Abs(next[i]-b[i]))
		}
		if b, next = next, b; moved < 1e-10 {
			return b, steps, nil
		}
	}
	return b, steps, fmt.Errorf("Newton's method has not settled after %d steps", steps-1)
}

// regression learns from some patients and judges others.
func regression(known, asked *patients, o options) ([]float64, error) {
	b, _, err := fit(known, o.spread)
	if err != nil {
		return nil, err
	}
	probs := make([]float64, asked.len())
	for i := range probs {
		logit := b[measurements]
		for j, v := range asked.row(i) {
			logit += b[j] * v
		}
		probs[i] = 1 / (1 + math.Exp(-logit))
	}
	return probs, nil
}

// printRegression shows the coefficients that stand out from their uncertainty the most: as odds ratios, by
// how much a measurement that is larger by one standard deviation multiplies the odds.
func printRegression(out io.Writer, all *patients, spread float64) error {
	scaled := scaleOf(all).of(all)
	b, steps, err := fit(scaled, spread)
	if err != nil {
		return err
	}
	errors, err := standardErrors(b, scaled, spread)
	if err != nil {
		return err
	}
	order := make([]int, measurements)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return -cmp.Compare(math.Abs(b[i]/errors[i]), math.Abs(b[j]/errors[j])) })
	fmt.Fprintf(out, "Logistic regression, settled after %d steps; the ten clearest of %d coefficients:\n", steps, len(b))
	fmt.Fprintln(out, "measurement              coefficient   error    odds ratio   95 % interval")
	for _, i := range order[:10] {
		low, high := math.Exp(b[i]-1.96*errors[i]), math.Exp(b[i]+1.96*errors[i])
		fmt.Fprintf(out, "%-25s %10.3f %7.3f %12.2f   %.2f to %.2f\n", names()[i], b[i], errors[i], math.Exp(b[i]), low, high)
	}
	return nil
}

func standardErrors(b []float64, p *patients, spread float64) ([]float64, error) {
	covariance := make([]float64, len(b)*len(b))
	if err := Covariance(covariance, p.x, p.y, b, spread); err != nil {
		return nil, err
	}
	errors := make([]float64, len(b))
	for i := range errors {
		errors[i] = math.Sqrt(covariance[i*len(b)+i])
	}
	return errors, nil
}
