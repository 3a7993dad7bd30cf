package main

import "math/rand/v2"

// learn shows the network all places seen in every step, and asks for the law at other times, by chance.
func learn(seen []float64, o options, tell func(step int, loss, off float64, m *Informed)) (*Informed, error) {
	const others = 100
	m := NewInformed(o.seed)
	t, err := m.NewTrainer(InformedDims{N: o.sights, M: others})
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(o.seed, 1))
	when, other, first := times(o.sights, span), make([]float64, others), t.Hyper.LR
	for step := 1; step <= o.steps; step++ {
		t.Hyper.LR = first * (1 - float64(step-1)/float64(o.steps))
		for i := range other {
			other[i] = span * rng.Float64()
		}
		loss, err := t.Step(when, seen, other)
		if err != nil {
			return nil, err
		}
		if step%max(1, o.steps/6) == 0 {
			tell(step, loss, t.Metrics().Off, m)
		}
	}
	return m, nil
}

func mass(m *Informed) float64 {
	var x [1]float64
	m.Mass(x[:])
	return x[0]
}

func drag(m *Informed) float64 {
	var x [1]float64
	m.Drag(x[:])
	return x[0]
}
