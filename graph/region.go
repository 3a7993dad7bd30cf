package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// Control flow: nodes that own regions.
//
// A region is closed: its body sees its parameters and nothing else. Parameters
// are `arg` leaves whose attribute is their position. Values of the enclosing
// graph come in as operands of the owner, so a walk over operands sees all
// dependences; only what a body means has to look inside. An owner yields
// several values; its own type is without meaning (bool), and `result {k}` is
// its k-th value. Equal owners (operands, attribute, text of the regions) are
// one node.
//
//	scan    operands  inits, slices, captures, and where Counted the trip count
//	        region    body(index, carries, slices, captures) -> next carries, collects
//	        results   last carries, collects
//	while   operands  inits, captures
//	        regions   cond(carries, captures) -> bool, body(carries, captures) -> next carries, collects
//	        results   last carries, trip count (int), collects
//	branch  operands  condition (bool scalar), captures
//	        regions   then(captures) -> values, else(captures) -> values of the same types
//	        results   the values of the region taken
//	call    operands  arguments
//	        region    body(arguments) -> values
//	        results   the values of the body
//
// Calls of one function with arguments of the same types share their region, and
// calls in that region share theirs, so that a graph grows with the number of
// shapes a recursion goes through and not with the number of calls: what walks
// over regions has to see each of them once. No region of a call checks what data
// gives or has run-time dims; such functions are written out.
//
// A scan runs its body for step 0, 1 .. Trip-1, or from Trip-1 down to 0 where
// Reverse is set; index is the step (an int scalar). A slice operand has a first
// axis of extent Trip, and the body sees element number step of it; a collect
// is stored as element number step of a result with first axis Trip. Captures are
// the same at every step. With no step the last carries are the inits.
//
// For `scan t in 0..T { carry h [k] = 0; h = tanh(x[t] + h); collect hs = h }`
// a graph reads
//
//	%0 = input {x} : real [T, k]
//	%1 = const {0} : real [k]
//	%2 = scan %1 %0 {1 carry, 1 slice, 1 collect, trip T} : bool
//	  region 3
//	    %0 = arg {0} : int
//	    %1 = arg {1} : real [k]
//	    %2 = arg {2} : real [k]
//	    %3 = add %2 %1 : real [k]
//	    %4 = tanh %3 : real [k]
//	    return %4 %4
//	%3 = result %2 {0} : real [k]
//	%4 = result %2 {1} : real [T, k]
//
// Run-time dims. A trip count that only the run can tell is a dim whose name
// begins with a point: the Trips of a while with collects, and the Trip of a
// Counted scan, which its last operand gives. Such a dim has its value from the
// moment that the while, or the trip count, has been computed, for this
// execution of the enclosing body; a node whose type mentions it comes after
// that even where no operand says so. Tensors with such an axis (tapes) live in
// buffers that grow. Besides derivatives of whiles and of scans over ints, what a
// scan over an int collects has such a type, and what is made of that.
//
// Limited says that a while stops with an error value after Limit rounds.
// Remat is the k of `scan(remat = k)`; differentiation acts on it, for the rest
// it means nothing.

// Scan is the attribute of a scan.
type Scan struct {
	Trip                      shape.Dim
	Carries, Slices, Collects int
	Reverse                   bool
	Counted                   bool // the last operand is the trip count
	Remat                     int
}

func (s Scan) String() string {
	out := fmt.Sprintf("%d carry, %d slice, %d collect", s.Carries, s.Slices, s.Collects)
	if s.Reverse {
		out += ", reverse"
	}
	if s.Counted {
		out += ", counted"
	}
	if s.Remat > 0 {
		out += fmt.Sprintf(", remat %d", s.Remat)
	}
	return out + ", trip " + s.Trip.String()
}

// While is the attribute of a while. Trips names the run-time dim of its
// collects, "" where it has none.
type While struct {
	Carries, Collects int
	Trips             string
	Limited           bool
	Limit             shape.Dim
}

func (w While) String() string {
	out := fmt.Sprintf("%d carry, %d collect", w.Carries, w.Collects)
	if w.Trips != "" {
		out += ", trips " + w.Trips
	}
	if w.Limited {
		out += ", limit " + w.Limit.String()
	}
	return out
}

// Callee is the attribute of a call. Name is what the function is called in the
// source. Of, where it is set, is the key of a region whose values the call yields
// too, in front of its own, and whose arguments are its first ones.
type Callee struct{ Name, Of string }

func (c Callee) String() string {
	if c.Of == "" {
		return c.Name
	}
	return c.Name + " of " + c.Of
}

// Loop gives the operands of a scan, while, branch or call by their role.
type Loop struct {
	Inits, Slices, Captures []*Node
	Count                   *Node // of a counted scan
	Cond                    *Node // of a branch
}

// Parts sorts the operands of a node with regions by role.
func (n *Node) Parts() Loop {
	var p Loop
	rest := n.Args
	take := func(k int) []*Node {
		out := rest[:k:k]
		rest = rest[k:]
		return out
	}
	switch a := n.Attr.(type) {
	case Scan:
		p.Inits, p.Slices = take(a.Carries), take(a.Slices)
		if a.Counted {
			p.Count, rest = rest[len(rest)-1], rest[:len(rest)-1]
		}
	case While:
		p.Inits = take(a.Carries)
	case Callee:
	default:
		p.Cond = take(1)[0]
	}
	p.Captures = rest
	return p
}

// ResultTypes are the types of the values of a node with regions.
func (n *Node) ResultTypes() []Type {
	body := n.Regions[len(n.Regions)-1]
	carries, trip := 0, shape.Dim{}
	var out []Type
	switch a := n.Attr.(type) {
	case Scan:
		carries, trip = a.Carries, a.Trip
	case While:
		carries, trip = a.Carries, shape.Var(a.Trips)
	default:
		carries = len(body.Results)
	}
	for i, r := range body.Results {
		t := r.Type
		if _, isWhile := n.Attr.(While); isWhile && i == carries {
			out = append(out, Type{Elem: Int})
		}
		if i >= carries {
			t.Shape = append([]shape.Dim{trip}, t.Shape...)
		}
		out = append(out, t)
	}
	if _, isWhile := n.Attr.(While); isWhile && len(body.Results) == carries {
		out = append(out, Type{Elem: Int})
	}
	return out
}

// Result is the k-th value of a node with regions.
func (b *Builder) Result(owner *Node, k int) *Node {
	return b.Typed("result", Count(k), owner.ResultTypes()[k], owner)
}

// Results are all values of a node with regions.
func (b *Builder) Results(owner *Node) []*Node {
	out := make([]*Node, len(owner.ResultTypes()))
	for k := range out {
		out[k] = b.Result(owner, k)
	}
	return out
}

// Arg is a parameter of the region whose body b builds. Position numbers it;
// Close numbers parameters afresh.
func (b *Builder) Arg(position int, t Type) *Node {
	return b.Typed("arg", Leaf(fmt.Sprint(position)), t)
}

// Inner returns a builder for the body of a region. Operands that belong to
// another graph are brought in by capture.
func (b *Builder) Inner(capture func(*Node) *Node) *Builder {
	return &Builder{G: New(), Ops: b.Ops, Span: b.Span, Rule: b.Rule, capture: capture}
}

// Local is a node as seen in b's graph: itself, or what capturing it gives.
func (b *Builder) Local(n *Node) *Node {
	if b.capture == nil || b.G.owns(n) {
		return n
	}
	return b.capture(n)
}

func (b *Builder) local(args []*Node) []*Node {
	if b.capture == nil {
		return args
	}
	out := make([]*Node, len(args))
	for i, a := range args {
		out[i] = b.Local(a)
	}
	return out
}

// Close makes a region of what results need of a body, with params as its
// parameters, numbered by position. Nodes listed in instead are replaced.
func (b *Builder) Close(params, results []*Node, instead map[*Node]*Node) *Region {
	in := &Builder{G: New(), Ops: b.Ops}
	now := map[*Node]*Node{}
	out := &Region{Body: in.G}
	for i, p := range params {
		if now[p] == nil {
			now[p] = in.Arg(i, p.Type)
		}
		if now[p].Name == "" {
			now[p].Name = p.Name
		}
		out.Params = append(out.Params, in.Arg(i, p.Type))
	}
	out.Results = in.CopyAll(results, now, instead)
	return out
}

// CopyAll copies what roots depend on into b's graph and returns the copies of
// roots. now holds what has been copied, and is added to; nodes in instead are
// replaced by others before they are copied.
func (b *Builder) CopyAll(roots []*Node, now, instead map[*Node]*Node) []*Node {
	var visit func(n *Node) *Node
	visit = func(n *Node) *Node {
		if done := now[n]; done != nil {
			return done
		}
		if other := instead[n]; other != nil && other != n {
			now[n] = visit(other)
			return now[n]
		}
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = visit(a)
		}
		now[n] = b.Copy(n, args...)
		return now[n]
	}
	out := make([]*Node, len(roots))
	for i, r := range roots {
		out[i] = visit(r)
	}
	return out
}

// Inline copies the body of a region into b's graph with args for its
// parameters, and returns its results there.
func (b *Builder) Inline(r *Region, args []*Node) []*Node {
	now := map[*Node]*Node{}
	for i, p := range r.Params {
		now[p] = args[i]
	}
	return b.CopyAll(r.Results, now, nil)
}

// Extend gives a node with regions further values after those it has. It is the
// one change a node can undergo: all that its users see stays as it was.
func (n *Node) Extend(attr Attr, regions []*Region) {
	n.Attr, n.Regions = attr, regions
}

// Key is the identity of a region: regions that compute the same have one key.
func (r *Region) Key() string {
	if r.key == "" {
		var b strings.Builder
		writeRegion(&b, r)
		sum := sha256.Sum256([]byte(b.String()))
		r.key = hex.EncodeToString(sum[:12])
	}
	return r.key
}

// regionText is the identity of a list of regions.
func regionText(rs []*Region) string {
	text := ""
	for _, r := range rs {
		text += " " + r.Key()
	}
	return text
}

func writeRegion(b *strings.Builder, r *Region) {
	number := map[*Node]int{}
	for i, n := range Reachable(append(append([]*Node{}, r.Params...), r.Results...)...) {
		number[n] = i
		b.WriteString("; " + n.Op.Name)
		for _, a := range n.Args {
			fmt.Fprintf(b, " %d", number[a])
		}
		if n.Attr != nil {
			b.WriteString(" {" + n.Attr.String() + "}")
		}
		b.WriteString(" " + n.Type.String() + regionText(n.Regions))
	}
	b.WriteString("; return")
	for _, n := range r.Results {
		fmt.Fprintf(b, " %d", number[n])
	}
}
