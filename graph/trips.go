package graph

import (
	"strconv"
	"strings"
)

// TripMark begins the names of run-time dims.
const TripMark = ".n"

// Trips makes names of run-time dims that no graph has yet.
type Trips struct{ last int }

// Next is a new name.
func (t *Trips) Next() string {
	t.last++
	return TripMark + strconv.Itoa(t.last)
}

// See notes the run-time dims of a graph and of the bodies in it.
func (t *Trips) See(g *Graph) *Trips {
	t.see(g, map[*Region]bool{})
	return t
}

func (t *Trips) see(g *Graph, seen map[*Region]bool) {
	note := func(name string) {
		if k, err := strconv.Atoi(strings.TrimPrefix(name, TripMark)); err == nil {
			t.last = max(t.last, k)
		}
	}
	for _, x := range g.Nodes {
		switch a := x.Attr.(type) {
		case Scan:
			for _, v := range a.Trip.Vars() {
				note(v)
			}
		case While:
			note(a.Trips)
		}
		for _, r := range x.Regions {
			if !seen[r] {
				seen[r] = true
				t.see(r.Body, seen)
			}
		}
	}
}
