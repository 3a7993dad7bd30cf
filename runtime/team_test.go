package runtime

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// each runs pieces of one row.
func (t *Team) each(pieces int, fn func(worker, piece int)) {
	t.RunOwn(pieces, 1, 1, func(worker, lo, _ int) { fn(worker, lo) })
}

func TestTeamRunsEachPieceOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7} {
		team := NewTeam(workers)
		require.Equal(t, workers, team.Workers())
		for _, pieces := range []int{0, 1, 2, 5, 100} {
			for range 50 {
				ran := make([]atomic.Int32, pieces)
				busy := make([]atomic.Int32, workers)
				team.each(pieces, func(worker, piece int) {
					if busy[worker].Add(1) != 1 {
						panic("worker number in use")
					}
					ran[piece].Add(1)
					busy[worker].Add(-1)
				})
				for p := range ran {
					require.EqualValues(t, 1, ran[p].Load())
				}
			}
		}
	}
}

func TestTeamRunsEachRowOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		team := NewTeam(workers)
		for _, rows := range []int{0, 1, 7, 8, 64, 1003} {
			for _, grain := range []int{1, 8, 100} {
				for _, most := range []int{0, 5, 16, 300} {
					ran := make([]atomic.Int32, rows)
					var pieces atomic.Int32
					team.RunRows(rows, grain, most, func(lo, hi int) {
						if lo%grain != 0 || hi%grain != 0 && hi != rows || lo >= hi || most > 0 && hi-lo > max(most, grain) {
							panic(fmt.Sprintf("%d rows by %d, at most %d: %d to %d", rows, grain, most, lo, hi))
						}
						pieces.Add(1)
						for i := lo; i < hi; i++ {
							ran[i].Add(1)
						}
					})
					for i := range ran {
						require.EqualValues(t, 1, ran[i].Load())
					}
					if most == 0 && workers == 1 {
						require.EqualValues(t, min(rows, 1), pieces.Load(), "a worker alone does all at once")
					}
				}
			}
		}
	}
}

// TestOwnMemoryIsNotShared counts rows in memory that belongs to workers.
func TestOwnMemoryIsNotShared(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		team := NewTeam(workers)
		for _, rows := range []int{1, 2, 3, 1000} {
			own, busy := make([]int, min(workers, rows)), make([]atomic.Bool, min(workers, rows))
			for range 20 {
				team.RunOwn(rows, 1, 7, func(worker, lo, hi int) {
					if busy[worker].Swap(true) {
						panic("two pieces of one worker at the same time")
					}
					own[worker] += hi - lo
					busy[worker].Store(false)
				})
			}
			sum := 0
			for _, n := range own {
				sum += n
			}
			require.Equal(t, 20*rows, sum)
		}
	}
}

// TestTeamUsesHelpers runs two pieces that wait for each other.
func TestTeamUsesHelpers(t *testing.T) {
	team := NewTeam(2)
	if team.inline {
		t.Skip("one core")
	}
	for i := range 20 {
		if i%5 == 4 {
			time.Sleep(2 * time.Millisecond) // helpers sleep by now
		}
		meet := make(chan bool)
		team.each(2, func(_, _ int) {
			select {
			case meet <- true:
			case <-meet:
			case <-time.After(10 * time.Second):
				panic("nobody helps")
			}
		})
	}
}

func TestTeamNestedAndConcurrent(t *testing.T) {
	team := NewTeam(3)
	var total atomic.Int64
	var wg sync.WaitGroup
	for range 24 { // more callers than jobs
		wg.Go(func() {
			for range 20 {
				team.each(4, func(_, _ int) {
					team.each(3, func(_, _ int) {
						team.each(2, func(_, _ int) { total.Add(1) })
					})
				})
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 24*20*4*3*2, total.Load())
}

func TestTeamLongPieces(t *testing.T) {
	team := NewTeam(2)
	var done atomic.Int32
	team.each(2, func(_, piece int) {
		time.Sleep(time.Duration(piece*30) * time.Millisecond) // the caller has to sleep, too
		done.Add(1)
	})
	require.EqualValues(t, 2, done.Load())
}

func TestTeamPanicReachesCaller(t *testing.T) {
	team := NewTeam(2)
	for bad := range 8 {
		require.PanicsWithValue(t, "piece", func() {
			team.each(8, func(_, piece int) {
				time.Sleep(100 * time.Microsecond)
				if piece == bad {
					panic("piece")
				}
			})
		})
		var n atomic.Int32
		team.each(8, func(_, _ int) { n.Add(1) })
		require.EqualValues(t, 8, n.Load())
	}
	for i := range jobs {
		require.Zero(t, jobs[i].state.Load(), "a job is still claimed")
	}
}

func TestSetWorkers(t *testing.T) {
	defer SetWorkers(0)
	SetWorkers(5)
	require.Equal(t, 5, NewTeam(0).Workers())
	require.Equal(t, 3, NewTeam(3).Workers())
	SetWorkers(0)
	require.Positive(t, NewTeam(0).Workers())
}

func TestTeamDoesNotAllocate(t *testing.T) {
	team := NewTeam(2)
	x := make([]int, 16)
	fn := func(_, lo, _ int) { x[lo]++ }
	require.Zero(t, testing.AllocsPerRun(1000, func() { team.RunOwn(len(x), 1, 1, fn) }))
}

func BenchmarkTeam(b *testing.B) {
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			team := NewTeam(workers)
			fn := func(_, _ int) {}
			for b.Loop() {
				team.RunRows(4, 1, 1, fn)
			}
		})
	}
	b.Run("paused", func(b *testing.B) {
		team := NewTeam(2)
		fn := func(_, _ int) {}
		var spent time.Duration
		for b.Loop() {
			time.Sleep(200 * time.Microsecond)
			start := time.Now()
			team.RunRows(4, 1, 1, fn)
			spent += time.Since(start)
		}
		b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/run")
	})
}
