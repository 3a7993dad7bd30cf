package vector

import "github.com/gradgen/gradgen/codegen/kernel"

// family is the name under which calls of an elementary function are gathered, ""
// for other operators: sines and cosines are two sides of one thing.
func family(x *kernel.Apply) string {
	switch n := x.Op.Name; n {
	case "sin", "cos":
		return "turn"
	case "exp", "expm1", "log", "log1p", "sigmoid", "softplus", "gelu", "silu", "tanh", "erf", "erfc":
		return n
	}
	return ""
}

// site is a call of an elementary function in straight-line code, or a sine and a
// cosine of one angle.
type site struct {
	family string
	arg    kernel.Expr
	needs  []*site // calls that its argument waits for
	users  []*site
	level  int // calls one after the other up to here, at least
	last   int // the latest level at which it may be made
	group  *group
	lane   int
}

// group is calls of one function that are made at once.
type group struct {
	members []*site
	x       V // their arguments
	built   bool
}

// calls plans the calls of straight-line code.
type calls struct {
	s     *Straight
	lets  map[string]*kernel.Let
	all   []*site
	known map[string]*site // by family and argument
	below map[string][]*site
	far   []V // masks of angles that are too large
}

func newCalls(s *Straight, wide bool) *calls {
	c := &calls{s: s, lets: map[string]*kernel.Let{}, known: map[string]*site{}, below: map[string][]*site{}}
	for _, l := range s.Lets {
		c.lets[l.Name] = l
		c.below[l.Name] = c.find(l.X)
	}
	for _, r := range s.Results {
		for _, x := range r.X {
			c.find(x)
		}
	}
	c.levels()
	lanes := 8
	if wide {
		lanes = 4
	}
	c.gather(lanes)
	return c
}

func callKey(x *kernel.Apply) string { return family(x) + " " + kernel.ExprText(x.Args[0]) }

// find notes the calls in an expression and returns those that it waits for at
// once: what these wait for comes before them anyway.
func (c *calls) find(x kernel.Expr) []*site {
	if r, ok := x.(*kernel.Ref); ok {
		return c.below[r.Name]
	}
	var needs []*site
	seen := map[*site]bool{}
	for _, a := range kernel.Operands(x) {
		for _, n := range c.find(a) {
			if !seen[n] {
				seen[n] = true
				needs = append(needs, n)
			}
		}
	}
	a, ok := x.(*kernel.Apply)
	if !ok || family(a) == "" {
		return needs
	}
	have := c.known[callKey(a)]
	if have == nil {
		have = &site{family: family(a), arg: a.Args[0], needs: needs}
		for _, n := range needs {
			have.level = max(have.level, n.level+1)
			n.users = append(n.users, have)
		}
		c.known[callKey(a)] = have
		c.all = append(c.all, have)
	}
	return []*site{have}
}

// levels finds how late each call may be made.
func (c *calls) levels() {
	most := 0
	for _, x := range c.all {
		most = max(most, x.level)
	}
	for i := len(c.all) - 1; i >= 0; i-- {
		x := c.all[i]
		x.last = most
		for _, u := range x.users {
			x.last = min(x.last, u.last-1)
		}
	}
}

// gather makes groups, level by level: of the calls that cannot wait, filled up
// with others of the same function whose arguments are there.
func (c *calls) gather(lanes int) {
	for level := 0; ; level++ {
		left, ready := false, map[string][]*site{}
		var order []string
		for _, x := range c.all {
			if x.group != nil {
				continue
			}
			left = true
			if x.waits() {
				continue
			}
			if ready[x.family] == nil {
				order = append(order, x.family)
			}
			ready[x.family] = append(ready[x.family], x)
		}
		if !left {
			return
		}
		for _, name := range order {
			c.groups(ready[name], level, lanes)
		}
	}
}

// waits reports a call whose argument waits for another that is not made yet.
func (x *site) waits() bool {
	for _, n := range x.needs {
		if n.group == nil {
			return true
		}
	}
	return false
}

// groups makes groups of the calls of a function that are ready at a level.
func (c *calls) groups(ready []*site, level, lanes int) {
	var now, later []*site
	for _, x := range ready {
		if x.last <= level {
			now = append(now, x)
		} else {
			later = append(later, x)
		}
	}
	if len(now) == 0 {
		return
	}
	room := (lanes - len(now)%lanes) % lanes
	now = append(now, later[:min(room, len(later))]...)
	for len(now) > 0 {
		n := min(lanes, len(now))
		g := &group{members: now[:n]}
		for i, x := range g.members {
			x.group, x.lane = g, i
		}
		now = now[n:]
	}
}

// called is the value of a call, one lane of the vector that its group is made in.
func (b *builder) called(x *kernel.Apply) V {
	c := b.straight.known[callKey(x)]
	if c == nil {
		return b.refuse("it calls what was not found")
	}
	if g := c.group; !g.built {
		args := make([]V, len(g.members))
		for i, m := range g.members {
			args[i] = b.expr(m.arg)
		}
		if b.refused {
			return 0
		}
		g.x, g.built = b.together(args), true
	}
	return b.lane(operators[x.Op.Name](b, x, []V{c.group.x}), c.lane)
}

// together makes a vector of as many values as it has lanes, or half a vector, or
// fewer: lanes that are left hold the last value again.
func (b *builder) together(x []V) V {
	n := len(x)
	if n == 1 {
		return x[0]
	}
	last := x[n-1]
	for len(x) < b.half() || n > b.half() && len(x) < 2*b.half() {
		x = append(x, last)
	}
	if n > b.half() {
		return b.op(Join, b.together(x[:b.half()]), b.together(x[b.half():]))
	}
	low := b.op(PairLow, x[0], x[1])
	if b.f.Wide {
		return low
	}
	return b.op(PairsLow, low, b.op(PairLow, x[2], x[3]))
}

// lane takes one lane out of a vector.
func (b *builder) lane(v V, k int) V {
	if b.refused || b.lanes(v) == 1 {
		return v
	}
	if k >= b.half() {
		v, k = b.op(Upper, v), k-b.half()
	}
	return b.imm(Lane, k, v)
}
