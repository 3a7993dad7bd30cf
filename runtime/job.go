package runtime

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A job is one kernel in progress. Its state tells helpers whether they may join
// and the caller whether some are still inside; the rest is written
// before the state opens and read only by who has joined.
type job struct {
	state  atomic.Uint64 // jobClaimed, jobOpen, jobWaits; places left, helpers inside
	_      [120]byte
	next   atomic.Int64 // first piece that nobody has taken
	_      [120]byte
	pieces int64
	rows   func(lo, hi int)
	own    func(worker, lo, hi int) // instead of rows
	cut    cut
	failed atomic.Pointer[failure]
	done   chan struct{} // wakes the caller when the last helper leaves
	_      [40]byte
}

// A failure is the panic of a piece.
type failure struct{ value any }

const (
	jobClaimed = 1 << 63 // a caller owns it
	jobOpen    = 1 << 62 // helpers may join
	jobWaits   = 1 << 61 // the caller sleeps until the last helper leaves
	jobPlace   = 1 << 20 // one place left for a helper
	jobInside  = jobPlace - 1
)

// jobs are the kernels that may be under way at once; more of them run in their
// callers alone.
var jobs = func() (js [16]job) {
	for i := range js {
		js[i].done = make(chan struct{}, 1)
	}
	return
}()

func claimJob() *job {
	for i := range jobs {
		if s := &jobs[i].state; s.Load() == 0 && s.CompareAndSwap(0, jobClaimed) {
			return &jobs[i]
		}
	}
	return nil
}

// open lets helpers in, as many as there are places.
func (j *job) open(pieces, places int) {
	j.pieces = int64(pieces)
	j.next.Store(0)
	j.state.Store(jobClaimed | jobOpen | uint64(places)*jobPlace)
	wakeHelpers(places)
}

// join takes a place and returns its worker number, or 0.
func (j *job) join() int {
	for {
		s := j.state.Load()
		left := int(s &^ (jobClaimed | jobOpen | jobWaits) / jobPlace)
		if s&jobOpen == 0 || left == 0 {
			return 0
		}
		if j.state.CompareAndSwap(s, s-jobPlace+1) {
			return left
		}
	}
}

// work takes pieces until none is left.
func (j *job) work(worker int) {
	for {
		p := j.next.Add(1) - 1
		if p >= j.pieces {
			return
		}
		lo, hi := j.cut.from(int(p)), j.cut.from(int(p)+1)
		if j.rows != nil {
			j.rows(lo, hi)
		} else {
			j.own(worker, lo, hi)
		}
	}
}

// help is what a helper does that has joined.
func (j *job) help(worker int) {
	defer func() {
		if v := recover(); v != nil {
			j.failed.CompareAndSwap(nil, &failure{v})
			j.next.Store(j.pieces)
		}
		if s := j.state.Add(^uint64(0)); s&jobInside == 0 && s&jobWaits != 0 {
			j.done <- struct{}{}
		}
	}()
	j.work(worker)
}

// finish waits until all helpers have left, frees the job and raises a
// helper's panic, unless the caller's own is on its way.
func (j *job) finish(returned bool) {
	if !returned {
		j.next.Store(j.pieces)
	}
	j.state.And(^uint64(jobOpen))
	for i := 0; j.state.Load()&jobInside != 0; i++ {
		if i == spins {
			if j.state.Or(jobWaits)&jobInside != 0 {
				<-j.done
			}
			break
		}
		if i%64 == 63 {
			runtime.Gosched()
		}
	}
	failed := j.failed.Swap(nil)
	j.rows, j.own = nil, nil
	j.state.Store(0)
	if failed != nil && returned {
		panic(failed.value)
	}
}

const maxHelpers = 1023

// spins is how often a helper looks for work before it sleeps, some 30 µs: a
// training step opens a job every few microseconds.
const spins = 20000

var helpers struct {
	sync.Mutex
	started int

	posted   atomic.Uint64 // counts opened jobs
	sleeping atomic.Int64
	wake     chan struct{}
}

// startHelpers raises the number of helpers to n. The first ones, up to the
// number of spare cores, look around for a while before they sleep.
func startHelpers(n, spare int) {
	helpers.Lock()
	defer helpers.Unlock()
	if helpers.wake == nil {
		helpers.wake = make(chan struct{}, maxHelpers)
	}
	for ; helpers.started < n; helpers.started++ {
		patience := 0
		if helpers.started < spare {
			patience = spins
		}
		go helper(patience)
	}
}

// wakeHelpers tells helpers that a job is open. A helper counts itself as
// sleeping before it looks at posted for the last time, and wakeHelpers counts
// in posted before it looks at sleeping: none oversleeps.
func wakeHelpers(n int) {
	helpers.posted.Add(1)
	for range min(n, int(helpers.sleeping.Load())) {
		select {
		case helpers.wake <- struct{}{}:
		default:
			return
		}
	}
}

func helper(patience int) {
	for {
		seen := helpers.posted.Load()
		if !helpSome() {
			rest(seen, patience)
		}
	}
}

// helpSome works for each open job that has a place, and reports whether there
// was one.
func helpSome() bool {
	any := false
	for i := range jobs {
		if worker := jobs[i].join(); worker > 0 {
			jobs[i].help(worker)
			any = true
		}
	}
	return any
}

// rest returns when a job has been opened since posted was seen, or earlier.
func rest(seen uint64, patience int) {
	for i := range patience {
		if helpers.posted.Load() != seen {
			return
		}
		if i%64 == 63 {
			runtime.Gosched()
		}
	}
	helpers.sleeping.Add(1)
	if helpers.posted.Load() == seen {
		<-helpers.wake
	}
	helpers.sleeping.Add(-1)
}
