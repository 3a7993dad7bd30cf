package runtime

import (
	"runtime"
	"sync/atomic"
)

// A Team runs the pieces of a kernel on several cores. The helpers behind it
// are shared by all teams of the process; the caller always takes part.
type Team struct {
	workers int
	inline  bool
}

var defaultWorkers atomic.Int32

// SetWorkers sets the number of workers of teams made afterwards with
// NewTeam(0); 0 stands for GOMAXPROCS.
func SetWorkers(n int) { defaultWorkers.Store(int32(max(n, 0))) }

// NewTeam returns a team of the given number of workers, the caller of a kernel
// among them; 0 stands for the number set by [SetWorkers]. Where there is one
// core, or no threads, all pieces run in the caller.
func NewTeam(workers int) *Team {
	cores := runtime.GOMAXPROCS(0)
	if workers <= 0 {
		workers = int(defaultWorkers.Load())
	}
	if workers <= 0 {
		workers = cores
	}
	workers = min(workers, maxHelpers+1)
	t := &Team{workers: workers, inline: workers == 1 || cores == 1 || runtime.GOARCH == "wasm"}
	if !t.inline {
		startHelpers(workers-1, cores-1)
	}
	return t
}

// Workers is the number of workers: the worker numbers of RunOwn are below it.
func (t *Team) Workers() int { return t.workers }

// RunRows calls fn(lo, hi) for pieces of the rows [0, rows), one after the other and
// all of them once, and returns when all have returned. Pieces are of grain rows, or
// several of these that follow each other, up to most rows if that is not 0: with few
// workers there are few large ones. They are taken in order by whoever is free, so
// results must depend on the rows alone. A panic in a piece is raised again in the
// caller, and pieces not begun by then are dropped. RunRows may be called by many
// goroutines and from inside a piece, and does not allocate when fn was made before.
func (t *Team) RunRows(rows, grain, most int, fn func(lo, hi int)) {
	if 0 < rows && rows <= grain {
		fn(0, rows)
		return
	}
	c := t.cut(rows, grain, most)
	if j := t.claim(c.pieces); j != nil {
		j.rows, j.cut = fn, c
		t.share(j, c.pieces)
		return
	}
	for p := range c.pieces {
		fn(c.from(p), c.from(p+1))
	}
}

// RunOwn is like [Team.RunRows] and tells which worker it is that runs a piece. Within
// one call, pieces of the same worker never overlap, so it can choose scratch memory.
func (t *Team) RunOwn(rows, grain, most int, fn func(worker, lo, hi int)) {
	c := t.cut(rows, grain, most)
	if j := t.claim(c.pieces); j != nil {
		j.own, j.cut = fn, c
		t.share(j, c.pieces)
		return
	}
	for p := range c.pieces {
		fn(0, c.from(p), c.from(p+1))
	}
}

// A cut says how rows are shared out: grains of several rows in pieces of about as
// many grains.
type cut struct{ rows, grain, grains, pieces int }

// from is the first row of a piece.
func (c *cut) from(piece int) int { return min(piece*c.grains/c.pieces*c.grain, c.rows) }

// cut makes a piece for a worker alone, and two for each of several, so that one that
// is late has less to do; more where they would have too many rows.
func (t *Team) cut(rows, grain, most int) cut {
	grains, pieces := (rows+grain-1)/grain, 1
	if !t.inline {
		pieces = 2 * t.workers
	}
	if most > 0 {
		each := max(most/grain, 1)
		pieces = max(pieces, (grains+each-1)/each)
	}
	return cut{rows, grain, grains, min(pieces, grains)}
}

// claim returns a job for so many pieces, nil if the caller is to run them alone.
func (t *Team) claim(pieces int) *job {
	if pieces <= 1 || t.inline {
		return nil
	}
	return claimJob()
}

// share runs the pieces of a job with helpers.
func (t *Team) share(j *job, pieces int) {
	returned := false
	defer func() { j.finish(returned) }()
	j.open(pieces, min(t.workers, pieces)-1)
	j.work(0)
	returned = true
}
