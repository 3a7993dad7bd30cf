package main

import "math/rand/v2"

const batch = 32

// network learns from some patients, in a new order each time, and judges others.
func network(known, asked *patients, o options) ([]float64, error) {
	m := NewNetwork(o.seed)
	t, err := m.NewTrainer(NetworkDims{Batch: batch})
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(o.seed, 1))
	for range o.epochs {
		if err := epoch(t, known, rng); err != nil {
			return nil, err
		}
	}
	p, err := m.NewPredictor(NetworkDims{Batch: asked.len()})
	if err != nil {
		return nil, err
	}
	return p.Predict(asked.x)
}

func epoch(t *NetworkTrainer, known *patients, rng *rand.Rand) error {
	some := &patients{}
	for i, at := range rng.Perm(known.len()) {
		some.add(known.row(at), known.y[at])
		if some.len() == batch || i == known.len()-1 {
			if _, err := t.Step(some.x, some.y); err != nil {
				return err
			}
			some.x, some.y = some.x[:0], some.y[:0]
		}
	}
	return nil
}
