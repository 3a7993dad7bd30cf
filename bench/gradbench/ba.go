package main

import (
	"fmt"
	"slices"
)

// baInput is one camera, point, weight and sight, of which there are to be n, m, p and p.
type baInput struct {
	N, M, P      int
	Cam, X, Feat []float64
	W            float64
}

// scene is who sees what.
type scene struct {
	n, m, p                      int
	cams, points, weights, feats []float64
	camera, point                []int32
}

func (in baInput) scene() (*scene, error) {
	if in.N < 1 || in.M < 1 || in.P < 1 {
		return nil, fmt.Errorf("%d cameras, %d points and %d observations: there has to be one of each", in.N, in.M, in.P)
	}
	s := &scene{
		n: in.N, m: in.M, p: in.P,
		cams: slices.Repeat(in.Cam, in.N), points: slices.Repeat(in.X, in.M),
		weights: slices.Repeat([]float64{in.W}, in.P), feats: slices.Repeat(in.Feat, in.P),
		camera: make([]int32, in.P), point: make([]int32, in.P),
	}
	for i := range in.P {
		s.camera[i], s.point[i] = int32(i%in.N), int32(i%in.M)
	}
	return s, nil
}

func baObjective(in baInput) (task, error) {
	s, err := in.scene()
	if err != nil {
		return task{}, err
	}
	e, d := make([]float64, 2*s.p), make([]float64, s.p)
	return task{
		run: func() error { return Residuals(e, d, s.cams, s.points, s.weights, s.feats, s.camera, s.point) },
		output: func() any {
			return map[string]any{
				"reproj_error": map[string]any{"elements": e[:2], "repeated": s.p},
				"w_err":        map[string]any{"element": d[0], "repeated": s.p},
			}
		},
	}, nil
}

// sparse is a matrix in rows: row i is vals[rows[i]:rows[i+1]], in the columns cols.
type sparse struct {
	rows, cols []int
	vals       []float64
}

func baJacobian(in baInput) (task, error) {
	s, err := in.scene()
	if err != nil {
		return task{}, err
	}
	j := sparse{rows: make([]int, 3*s.p+1), cols: make([]int, 31*s.p), vals: make([]float64, 31*s.p)}
	return task{
		run: func() error {
			j.place(s)
			return Blocks(j.vals[:30*s.p], j.vals[30*s.p:], s.cams, s.points, s.weights, s.feats, s.camera, s.point)
		},
		output: func() any {
			return map[string]any{"rows": ends(j.rows), "cols": ends(j.cols), "vals": ends(j.vals)}
		},
	}, nil
}

// place says where the values are: two rows of 15 for each observation, then one of 1 for each weight.
func (j sparse) place(s *scene) {
	at, cols := 0, j.cols[:0]
	for i := range s.p {
		for range 2 {
			for c := range 11 {
				cols = append(cols, 11*int(s.camera[i])+c)
			}
			for c := range 3 {
				cols = append(cols, 11*s.n+3*int(s.point[i])+c)
			}
			cols = append(cols, 11*s.n+3*s.m+i)
		}
		j.rows[2*i+1], j.rows[2*i+2] = at+15, at+30
		at += 30
	}
	for i := range s.p {
		cols = append(cols, 11*s.n+3*s.m+i)
		at++
		j.rows[2*s.p+i+1] = at
	}
}

// ends are the first 30 elements and the last.
func ends[T any](all []T) []T {
	return append(slices.Clone(all[:min(30, len(all)-1)]), all[len(all)-1])
}
