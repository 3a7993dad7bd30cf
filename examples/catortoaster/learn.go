package main

import "math/rand/v2"

// learn trains on count drawings, each made on the spot and seen once, with a rate that falls to zero.
func learn(t *CatOrToasterTrainer, rng *rand.Rand, count, batch int, tick func(seen int, loss, accuracy float32)) error {
	pictures, labels := make([]float32, batch*side*side), make([]int32, batch)
	first := t.Hyper.LR
	defer func() { t.Hyper.LR = first }()
	for seen := 0; seen < count; seen += batch {
		n := min(batch, count-seen)
		Batch(rng, pictures[:n*side*side], labels[:n])
		t.Hyper.LR = first * (1 - float64(seen)/float64(count))
		loss, err := t.Step(pictures[:n*side*side], labels[:n])
		if err != nil {
			return err
		}
		tick(seen+n, loss, t.Metrics().Accuracy)
	}
	return nil
}
