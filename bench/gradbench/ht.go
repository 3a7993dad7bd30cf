package main

import "fmt"

// htInput is a hand, its angles, and the points where its vertices or places in its triangles should be.
type htInput struct {
	Theta []float64
	Us    [][]float64
	Data  struct {
		Correspondences []int32
		Points          [][]float64
		Model           struct {
			Parents   []int32
			Relatives [][][]float64 `json:"base_relatives"`
			Inverses  [][][]float64 `json:"inverse_base_absolutes"`
			Positions [][]float64   `json:"base_positions"`
			Weights   [][]float64
			Triangles [][]int32
			Mirrored  bool `json:"is_mirrored"`
		}
	}
}

// hand is htInput as the models take it.
type hand struct {
	theta                                               [26]float64
	us, relatives, inverses, positions, weights, points []float64
	parents, own, triangles                             []int32
	mirrored, inTriangles                               bool
}

func (in htInput) hand() (*hand, error) {
	m := in.Data.Model
	if len(in.Theta) != 26 {
		return nil, fmt.Errorf("theta has length %d, not 26", len(in.Theta))
	}
	h := &hand{parents: m.Parents, own: in.Data.Correspondences, mirrored: m.Mirrored, inTriangles: len(in.Us) > 0}
	copy(h.theta[:], in.Theta)
	relatives, err := flat(m.Relatives)
	if err != nil {
		return nil, err
	}
	inverses, err := flat(m.Inverses)
	if err != nil {
		return nil, err
	}
	all, err := flats(in.Us, relatives, inverses, m.Positions, m.Weights, in.Data.Points)
	if err != nil {
		return nil, err
	}
	h.us, h.relatives, h.inverses, h.positions, h.weights, h.points = all[0], all[1], all[2], all[3], all[4], all[5]
	h.triangles, err = flat(m.Triangles)
	return h, err
}

func htObjective(in htInput) (task, error) {
	h, err := in.hand()
	if err != nil {
		return task{}, err
	}
	return vector(len(h.points), func(dst []float64) error {
		if h.inTriangles {
			return MissInside(dst, h.theta, h.us, h.parents, h.relatives, h.inverses, h.positions, h.weights, h.mirrored, h.triangles, h.own, h.points)
		}
		return Miss(dst, h.theta, h.parents, h.relatives, h.inverses, h.positions, h.weights, h.mirrored, h.own, h.points)
	}), nil
}

func htJacobian(in htInput) (task, error) {
	h, err := in.hand()
	if err != nil {
		return task{}, err
	}
	if h.inTriangles {
		return matrix(len(h.points), 28, func(dst []float64) error {
			return MissInsideGrad(dst, h.theta, h.us, h.parents, h.relatives, h.inverses, h.positions, h.weights, h.mirrored, h.triangles, h.own, h.points)
		}), nil
	}
	return matrix(len(h.points), 26, func(dst []float64) error {
		return MissGrad(dst, h.theta, h.parents, h.relatives, h.inverses, h.positions, h.weights, h.mirrored, h.own, h.points)
	}), nil
}
