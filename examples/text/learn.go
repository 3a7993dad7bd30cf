package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// lesson says how the model learns.
type lesson struct {
	steps, batch, seq int
	time              time.Duration // where steps is 0
	rate              float64
	seed              uint64
	say               func(line string)        // told the losses, about ten times
	tick              func(done, loss float64) // told of each step
}

// passages are as many pieces of text as a step takes, and the same pieces one character on.
type passages struct{ text, next []int32 }

func newPassages(l lesson) passages {
	return passages{make([]int32, l.batch*l.seq), make([]int32, l.batch*l.seq)}
}

// set makes passage i what stands at a place of the text.
func (p passages) set(i, seq int, text []int32, at int) {
	copy(p.text[i*seq:(i+1)*seq], text[at:])
	copy(p.next[i*seq:(i+1)*seq], text[at+1:])
}

// learn reads passages from everywhere in the book. The rate rises in the first hundredth of the lesson and
// falls to a tenth along half a cosine.
func learn(m *Text, b *book, l lesson) error {
	if min(len(b.learned), len(b.held)) < l.seq+1 {
		return fmt.Errorf("the text is too short for passages of %d characters", l.seq)
	}
	t, err := m.NewTrainer(TextDims{Batch: l.batch, Seq: l.seq})
	if err != nil {
		return err
	}
	rng, some, begin := rand.New(rand.NewPCG(l.seed, 1)), newPassages(l), time.Now()
	share := func(step int) float64 {
		if l.steps > 0 {
			return float64(step) / float64(l.steps)
		}
		return float64(time.Since(begin)) / float64(max(l.time, 1))
	}
	mean, next := 0.0, 0.1
	for step, done := 1, share(0); done < 1; step++ {
		t.Hyper.LR = l.rate * min(1, 100*done+0.01) * (0.55 + 0.45*math.Cos(math.Pi*done))
		for i := range l.batch {
			some.set(i, l.seq, b.learned, rng.IntN(len(b.learned)-l.seq))
		}
		loss, err := t.Step(some.text, some.next)
		if err != nil {
			return err
		}
		mean += (float64(loss) - mean) / float64(min(step, 100))
		done = share(step)
		l.tick(done, mean)
		if done >= next {
			held, err := examine(t, b.held, l)
			if err != nil {
				return err
			}
			l.say(fmt.Sprintf("step %5d   loss %.3f   held out %.3f   %s", step, mean, held, time.Since(begin).Round(time.Second)))
			next = math.Floor(10*done+1) / 10
		}
	}
	return nil
}

// examine is the mean loss over passages spread evenly over a text.
func examine(t *TextTrainer, text []int32, l lesson) (mean float64, err error) {
	const batches = 16
	some, count := newPassages(l), batches*l.batch
	for k := range batches {
		for i := range l.batch {
			some.set(i, l.seq, text, (k*l.batch+i)*(len(text)-l.seq-1)/count)
		}
		loss, err := t.Evaluate(some.text, some.next)
		if err != nil {
			return 0, err
		}
		mean += float64(loss) / batches
	}
	return mean, nil
}
