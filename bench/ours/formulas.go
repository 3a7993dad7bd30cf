package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// formulaRows is how many inputs of each formula there are.
const formulaRows = 1000

// kernel is a formula of formulas.grad.
type kernel struct {
	in, out int
	ranges  [][2]float64                                                      // of the inputs
	each    func(in, out []float64) func() error                              // calls it for one row after the other
	all     func(in []float64) (call func() error, row func(i int) []float64) // calls it for all rows at once
}

var formulas = map[string]kernel{
	"arm": {7, 24, [][2]float64{{-2.5, 2.5}, {-2.5, 2.5}, {-2.5, 2.5}, {-2.5, 2.5}, {-2.5, 2.5}, {-2.5, 2.5}, {-2.5, 2.5}}, eachArm, allArms},
	"camera": {17, 32, [][2]float64{{0.05, 0.6}, {0.05, 0.6}, {0.05, 0.6}, {-1, 1}, {-1, 1}, {-1, 1},
		{400, 800}, {-5, 5}, {-5, 5}, {-0.2, 0.2}, {-0.05, 0.05}, {-1, 1}, {-1, 1}, {4, 8}, {0.5, 1.5}, {-100, 100}, {-100, 100}}, eachCamera, allCameras},
	"option": {5, 6, [][2]float64{{80, 120}, {80, 120}, {0, 0.08}, {0.1, 0.5}, {0.1, 2}}, eachOption, allOptions},
}

// writeFormulas writes the inputs of the formulas.
func writeFormulas(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, f := range formulas {
		rnd := rand.New(rand.NewPCG(1, uint64(f.in)))
		var all []float64
		for range formulaRows {
			for _, r := range f.ranges {
				all = append(all, r[0]+(r[1]-r[0])*rnd.Float64())
			}
		}
		if err := writeRaw(filepath.Join(dir, name+".f64"), all); err != nil {
			return err
		}
	}
	return nil
}

func eachArm(in, out []float64) func() error {
	return func() error {
		for i := range len(in) / 7 {
			to := out[24*i:][:24]
			*(*[3]float64)(to), *(*[21]float64)(to[3:]) = Arm([7]float64(in[7*i:]))
		}
		return nil
	}
}

// columns are those of rows of n elements from lo to hi, row after row.
func columns(rows []float64, n, lo, hi int) []float64 {
	var all []float64
	for i := 0; i < len(rows); i += n {
		all = append(all, rows[i+lo:i+hi]...)
	}
	return all
}

func allArms(in []float64) (func() error, func(i int) []float64) {
	n := len(in) / 7
	place, motion := make([]float64, 3*n), make([]float64, 21*n)
	return func() error { return Arms(place, motion, in) },
		func(i int) []float64 { return slices.Concat(place[3*i:][:3], motion[21*i:][:21]) }
}

func eachCamera(in, out []float64) func() error {
	return func() error {
		for i := range len(in) / 17 {
			from, to := in[17*i:][:17], out[32*i:][:32]
			*(*[2]float64)(to), *(*[30]float64)(to[2:]) = Camera([15]float64(from), [2]float64(from[15:]))
		}
		return nil
	}
}

func allCameras(in []float64) (func() error, func(i int) []float64) {
	n, v, features := len(in)/17, columns(in, 17, 0, 15), columns(in, 17, 15, 17)
	miss, motion := make([]float64, 2*n), make([]float64, 30*n)
	return func() error { return Cameras(miss, motion, v, features) },
		func(i int) []float64 { return slices.Concat(miss[2*i:][:2], motion[30*i:][:30]) }
}

func eachOption(in, out []float64) func() error {
	return func() error {
		for i := range len(in) / 5 {
			from, to := in[5*i:][:5], out[6*i:][:6]
			to[0], to[1], to[2], to[3], to[4], to[5] = Option(from[0], from[1], from[2], from[3], from[4])
		}
		return nil
	}
}

func allOptions(in []float64) (func() error, func(i int) []float64) {
	n := len(in) / 5
	var x [5][]float64
	for i := range x {
		x[i] = columns(in, 5, i, i+1)
	}
	var y [6][]float64
	for i := range y {
		y[i] = make([]float64, n)
	}
	return func() error { return Options(y[0], y[1], y[2], y[3], y[4], y[5], x[0], x[1], x[2], x[3], x[4]) },
		func(i int) []float64 { return []float64{y[0][i], y[1][i], y[2][i], y[3][i], y[4][i], y[5][i]} }
}
