package runtime

import (
	"runtime"
	"sync/atomic"
)

// A Team runs the pieces of a kernel on several cores. The helpers behind it
// are shared by all teams of the process; the caller of Run always takes part.
type Team struct {
	workers int
	inline  bool
}

var defaultWorkers atomic.Int32

// SetWorkers sets the number of workers of teams made afterwards with
// NewTeam(0); 0 stands for GOMAXPROCS.
func SetWorkers(n int) { defaultWorkers.Store(int32(max(n, 0))) }

// NewTeam returns a team of the given number of workers, the caller of Run
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

// Workers is the number of workers: the worker numbers of Run are below it.
func (t *Team) Workers() int { return t.workers }

// Run calls fn(worker, piece) once for each piece in [0, pieces) and returns
// when all have returned. Within one Run, calls with the same worker number
// never overlap, so it can choose scratch memory; results must depend on the
// piece alone. Pieces are taken in order by whoever is free. A panic in a piece
// is raised again in the caller, and pieces not begun by then are dropped. Run
// may be called by many goroutines and from inside a piece, and does not
// allocate when fn was made before.
func (t *Team) Run(pieces int, fn func(worker, piece int)) {
	var j *job
	if pieces > 1 && !t.inline {
		j = claimJob()
	}
	if j == nil {
		for p := range pieces {
			fn(0, p)
		}
		return
	}
	returned := false
	defer func() { j.finish(returned) }()
	j.open(pieces, min(t.workers, pieces)-1, fn)
	j.work(0)
	returned = true
}
