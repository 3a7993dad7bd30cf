package main

import (
	"encoding/json"
	"fmt"
)

// modules are the functions of each module, by what GradBench calls them.
var modules = map[string]map[string]func(json.RawMessage) (task, error){
	"hello":  {"square": scalar(Square), "double": scalar(Double)},
	"llsq":   {"primal": decoded(llsqPrimal), "gradient": decoded(llsqGradient)},
	"lse":    {"primal": decoded(lsePrimal), "gradient": decoded(lseGradient)},
	"kmeans": {"cost": decoded(kmeansCost), "dir": decoded(kmeansDir)},
	"gmm":    {"objective": decoded(gmmObjective), "jacobian": decoded(gmmJacobian)},
	"lstm":   {"objective": decoded(lstmObjective), "jacobian": decoded(lstmJacobian)},
	"ode":    {"primal": decoded(odePrimal), "gradient": decoded(odeGradient)},
	"ba":     {"objective": decoded(baObjective), "jacobian": decoded(baJacobian)},
	"ht":     {"objective": decoded(htObjective), "jacobian": decoded(htJacobian)},
	"det":    {"primal": decoded(detPrimal), "gradient": decoded(detGradient)},
	"particle": {
		"ff": decoded(particle(ParticleFF)),
		"fr": decoded(particle(ParticleFR)),
		"rf": decoded(particle(ParticleRF)),
		"rr": decoded(particle(ParticleRR)),
	},
	"saddle": {
		"ff": decoded(saddle(SaddleFF)),
		"fr": decoded(saddle(SaddleFR)),
		"rf": decoded(saddle(SaddleRF)),
		"rr": decoded(saddle(SaddleRR)),
	},
}

// decoded reads the input of f.
func decoded[T any](f func(T) (task, error)) func(json.RawMessage) (task, error) {
	return func(raw json.RawMessage) (task, error) {
		var in T
		if err := json.Unmarshal(raw, &in); err != nil {
			return task{}, err
		}
		return f(in)
	}
}

func scalar(f func(float64) float64) func(json.RawMessage) (task, error) {
	return decoded(func(x float64) (task, error) {
		return number(func() (float64, error) { return f(x), nil }), nil
	})
}

// number is a task whose output is a number.
func number(f func() (float64, error)) task {
	var y float64
	return task{
		run:    func() (err error) { y, err = f(); return err },
		output: func() any { return y },
	}
}

// vector is a task that fills n numbers.
func vector(n int, fill func(dst []float64) error) task {
	dst := make([]float64, n)
	return task{
		run:    func() error { return fill(dst) },
		output: func() any { return dst },
	}
}

// matrix is a task that fills m rows of n numbers.
func matrix(m, n int, fill func(dst []float64) error) task {
	dst := make([]float64, m*n)
	return task{
		run:    func() error { return fill(dst) },
		output: func() any { return rows(dst, m) },
	}
}

// flat is the rows of a matrix one after the other; they have to be of one length.
func flat[T any](rows [][]T) ([]T, error) {
	var all []T
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, fmt.Errorf("row %d has length %d, the first has %d", i, len(row), len(rows[0]))
		}
		all = append(all, row...)
	}
	return all, nil
}

// flats is flat for several matrices.
func flats(matrices ...[][]float64) ([][]float64, error) {
	all := make([][]float64, len(matrices))
	for i, m := range matrices {
		var err error
		if all[i], err = flat(m); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// rows cuts a matrix into n rows.
func rows(all []float64, n int) [][]float64 {
	cut := make([][]float64, n)
	for i := range cut {
		cut[i] = all[i*len(all)/n : (i+1)*len(all)/n]
	}
	return cut
}
