package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// lesson says how a network learns.
type lesson struct {
	epochs, batch int
	seed          uint64
	jitter        bool                                 // move each drawing a little each time it is seen
	say           func(line string)                    // told loss and accuracy, up to ten times
	tick          func(drawn int, loss, right float64) // told of each step, with the means of the epoch so far
}

// learn runs through the drawings epochs times, each time in a new order, with a learning rate that
// falls to zero, and returns the loss of each step.
func learn(net *network, train, held *set, l lesson) (losses []float32, err error) {
	rng := rand.New(rand.NewPCG(l.seed, 1))
	first, total := *net.rate, l.epochs*train.len()
	pixels, every := train.side*train.side, max(1, l.epochs/10)
	images, labels := make([]float32, l.batch*pixels), make([]int32, l.batch)
	for epoch := 1; epoch <= l.epochs; epoch++ {
		var seen, loss, right float64
		for picked := range slices.Chunk(rng.Perm(train.len()), l.batch) {
			*net.rate = first * (1 - float64(len(losses)*l.batch)/float64(total))
			for i, at := range picked {
				train.copyTo(images[i*pixels:(i+1)*pixels], at, rng, l.jitter)
				labels[i] = train.labels[at]
			}
			stepLoss, err := net.step(images[:len(picked)*pixels], labels[:len(picked)])
			if err != nil {
				return nil, err
			}
			n := float64(len(picked))
			seen, loss, right = seen+n, loss+n*float64(stepLoss), right+n*float64(net.accuracy())
			losses = append(losses, stepLoss)
			l.tick(len(picked), loss/seen, right/seen)
		}
		if epoch%every == 0 || epoch == l.epochs {
			wrong, err := examine(net, held, l.batch)
			if err != nil {
				return nil, err
			}
			l.say(fmt.Sprintf("epoch %3d   loss %.4f   right %.2f %%   held out %.2f %%",
				epoch, loss/seen, 100*right/seen, held.score(wrong)))
		}
	}
	return losses, nil
}

func (s *set) copyTo(dst []float32, i int, rng *rand.Rand, jittered bool) {
	if jittered {
		jitter(rng, dst, s.image(i), s.side)
	} else {
		copy(dst, s.image(i))
	}
}

// mistake is a drawing that was misread.
type mistake struct {
	at   int
	read int32
	prob float32
}

// examine lets the network read all drawings of a set and returns what it got wrong.
func examine(net *network, s *set, batch int) (wrong []mistake, err error) {
	pixels := s.side * s.side
	for from := 0; from < s.len(); from += batch {
		to := min(from+batch, s.len())
		probs, err := net.predict(s.images[from*pixels : to*pixels])
		if err != nil {
			return nil, err
		}
		for i := from; i < to; i++ {
			if read, p := best(probs[(i-from)*10 : (i-from+1)*10]); read != s.labels[i] {
				wrong = append(wrong, mistake{i, read, p})
			}
		}
	}
	return wrong, nil
}

// score is the percentage of drawings read right.
func (s *set) score(wrong []mistake) float64 {
	return 100 * (1 - float64(len(wrong))/float64(s.len()))
}

func best(probs []float32) (int32, float32) {
	p := slices.Max(probs)
	return int32(slices.Index(probs, p)), p
}
