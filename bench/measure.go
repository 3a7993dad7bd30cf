package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// side takes part in a row.
type side struct {
	name  string
	group string // who it counts among: see the groups of goal
	args  func(k *kit) ([]string, error)
	env   []string
	slow  bool // so slow that -quick leaves it out
}

// goal is how the first side of a row, ours, should stand: at most limit times the fastest of the groups, or, without
// groups, at most limit itself.
type goal struct {
	groups []string
	limit  float64
}

// row is what is timed against each other.
type row struct {
	task, what string
	threads    int
	per        float64 // how many times a call does what is timed; 0 stands for 1
	memory     bool    // peak memory counts, not time
	long       bool    // each call takes long: one a round, at most three rounds
	tolerance  float64 // how far values may differ, relative above 1
	goals      []goal
	sides      []side
}

// measured is a side with its result: seconds for one call or MiB, or the reason that there is none.
type measured struct {
	side
	version string
	value   float64
	reason  string
}

// outcome is a row with its results, ours first.
type outcome struct {
	row
	got []measured
}

// measure runs a row: all sides get ready, and then take turns.
func measure(k *kit, r row, o options) (outcome, error) {
	out := outcome{row: r}
	procs := make([]*process, len(r.sides))
	defer func() {
		for _, p := range procs {
			if p != nil {
				p.end()
			}
		}
	}()
	for i, s := range r.sides {
		m := measured{side: s}
		p, err := ready(k, r, s)
		if err == nil && i > 0 {
			err = same(procs[0].hello.Values, p.hello.Values, r.tolerance)
		}
		if err != nil {
			m.reason = err.Error()
		}
		if err != nil && i == 0 {
			return out, fmt.Errorf("our side: %w", err)
		}
		if p != nil && err == nil {
			m.version = p.hello.Version
			procs[i] = p
		} else if p != nil {
			p.end()
		}
		out.got = append(out.got, m)
	}
	if r.memory {
		return out, peaks(procs, out.got)
	}
	return out, turns(procs, out, o)
}

func ready(k *kit, r row, s side) (*process, error) {
	args, err := s.args(k)
	if err != nil {
		return nil, err
	}
	p, err := begin(args, s.env, r.threads)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "  %-32s ready after %v\n", s.name, p.helped.Round(100*time.Millisecond))
	return p, nil
}

// same checks that values agree.
func same(ours, theirs []float64, tolerance float64) error {
	for i := range min(len(ours), len(theirs)) {
		if a, b := ours[i], theirs[i]; !(math.Abs(a-b) <= tolerance*max(1, math.Abs(a))) {
			return fmt.Errorf("it computes %v, not %v", theirs, ours)
		}
	}
	return nil
}

// turns times all sides, a batch of calls each, round after round.
func turns(procs []*process, out outcome, o options) error {
	counts := make([]int, len(procs))
	times := make([][]float64, len(procs))
	rounds := o.rounds
	if out.long {
		rounds = 3
	}
	for i, p := range procs {
		if p != nil {
			out.got[i].fail(warm(p, &counts[i], out.long, o.batch))
		}
	}
	for range rounds {
		for i, p := range procs {
			if p == nil || out.got[i].reason != "" || out.long && sum(times[i]) > patience {
				continue
			}
			if counts[i] > 1 { // to the caches after another's turn
				p.calls(1)
			}
			took, err := p.calls(counts[i])
			out.got[i].fail(err)
			times[i] = append(times[i], took/float64(counts[i]))
		}
	}
	for i := range out.got {
		if m := &out.got[i]; m.reason == "" {
			m.value = median(times[i]) / max(1, out.per)
		}
	}
	return nil
}

func (m *measured) fail(err error) {
	if err != nil {
		m.reason = err.Error()
	}
}

// warm runs a child for a while and finds how many calls take as long as a batch.
func warm(p *process, count *int, long bool, batch time.Duration) error {
	*count = 1
	if long {
		return nil
	}
	for total, n := 0.0, 1; ; n *= 2 {
		took, err := p.calls(n)
		if err != nil {
			return err
		}
		*count = max(1, int(batch.Seconds()*float64(n)/took))
		if total += took; total > 2*batch.Seconds() {
			return nil
		}
	}
}

// patience is after how many seconds a side is not asked for another of its long calls.
const patience = 20

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// median is the middle of values, of which there is at least one.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// peaks lets each child make ten calls alone, ends it and asks how much memory it had.
func peaks(procs []*process, got []measured) error {
	for i, p := range procs {
		if p == nil {
			continue
		}
		_, err := p.calls(10)
		got[i].fail(err)
		got[i].value = p.end()
		procs[i] = nil
	}
	return nil
}
