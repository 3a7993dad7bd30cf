package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// problem is straight-line code of the array x [9] and the numbers a and b.
type problem struct {
	code   *Straight
	inputs []*kernel.Buffer
}

func newProblem() (problem, []kernel.Expr) {
	input := func(name string, ext ...shape.Dim) *kernel.Buffer {
		return &kernel.Buffer{Name: name, Kind: kernel.Input, Shape: ext}
	}
	p := problem{inputs: []*kernel.Buffer{input("x", shape.Const(9)), input("a"), input("b")}}
	p.code = &Straight{Name: "test", Single: func(b *kernel.Buffer) bool { return b != p.inputs[0] }}
	values := []kernel.Expr{load(p.inputs[1], shape.Const(0)), load(p.inputs[2], shape.Const(0))}
	for k := range int64(9) {
		values = append(values, load(p.inputs[0], shape.Const(k)))
	}
	return p, values
}

func (p *problem) let(x kernel.Expr) kernel.Expr {
	name := fmt.Sprintf("v%d", len(p.code.Lets))
	p.code.Lets = append(p.code.Lets, let(name, x))
	return ref(name)
}

// problems draws straight-line code whose values stay small.
var problems = rapid.Custom(func(t *rapid.T) problem {
	p, values := newProblem()
	pick := func() kernel.Expr {
		if rapid.IntRange(0, 7).Draw(t, "constant") == 0 {
			return number(float64(rapid.IntRange(-32, 32).Draw(t, "c")) / 16)
		}
		return values[rapid.IntRange(max(0, len(values)-40), len(values)-1).Draw(t, "value")]
	}
	tame := func(x kernel.Expr) kernel.Expr { return apply("max", number(-4), apply("min", x, number(4))) }
	one := func(kinds ...string) string { return kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")] }
	square := func() kernel.Expr { x := pick(); return apply("add", apply("mul", x, x), number(0.5)) }
	for range rapid.IntRange(20, 120).Draw(t, "steps") {
		var x kernel.Expr
		switch rapid.IntRange(0, 8).Draw(t, "step") {
		case 0, 1, 2:
			x = tame(apply(one("add", "sub", "mul"), pick(), pick()))
		case 3:
			x = tame(apply(one("add", "sub"), apply("mul", pick(), pick()), apply("neg", apply("mul", pick(), number(-1)))))
		case 4:
			x = apply(one("sin", "cos", "tanh", "erf", "sigmoid", "gelu"), pick())
		case 5:
			x = apply("log", square())
		case 6:
			x = tame(apply("div", pick(), apply("sqrt", square())))
		case 7:
			x = apply("exp", apply("min", number(1), pick()))
		default:
			x = &kernel.Select{Cond: apply("gt", pick(), pick()), X: pick(), Y: tame(apply("div", pick(), number(3)))}
		}
		values = append(values, p.let(x))
	}
	last := func(n int) (out []kernel.Expr) {
		for range n {
			out = append(out, values[rapid.IntRange(len(values)-12, len(values)-1).Draw(t, "result")])
		}
		return out
	}
	p.code.Results = []Elements{
		{Name: "r", Single: true, X: last(1)}, {Name: "s", X: last(rapid.IntRange(1, 9).Draw(t, "elements"))},
		{Name: "t", Single: true, X: []kernel.Expr{values[len(values)-1]}}, {Name: "u", X: append(last(2), number(0))},
	}
	return p
})

func TestStraightCode(t *testing.T) {
	for _, wide := range []bool{false, true} {
		l, worth := newLaboratory(t, wide), 0
		var calls []call
		var check []func(call)
		for seed := range 40 {
			p := problems.Example(seed)
			fn, ok := BuildStraight(p.code, wide)
			if !ok {
				continue
			}
			worth++
			d, err := l.file.Add(fn)
			require.NoError(t, err)
			for draw := range 5 {
				c, compare := l.straight(t, d, p, fn, rand.New(rand.NewPCG(uint64(seed), uint64(draw))))
				calls, check = append(calls, c), append(check, compare)
			}
		}
		require.Greater(t, worth, 20)
		l.build(t)
		l.each(t, calls, func(k int, done call) { check[k](done) })
		rightInstructions(t, l.file)
	}
}

// straight draws the arguments of a call and runs the lets one by one.
func (l *laboratory) straight(t *testing.T, d Decl, p problem, fn *Func, r *rand.Rand) (call, func(call)) {
	t.Helper()
	memory := map[*kernel.Buffer][]float64{}
	for _, b := range p.inputs {
		n, _ := b.Len().IsConst()
		for range n {
			memory[b] = append(memory[b], float64(float32(2*r.NormFloat64())))
		}
	}
	var body []kernel.Stmt
	for _, x := range p.code.Lets {
		body = append(body, x)
	}
	want := map[string]*kernel.Buffer{}
	for _, res := range p.code.Results {
		want[res.Name] = buf(res.Name)
		memory[want[res.Name]] = make([]float64, len(res.X))
		for k, x := range res.X {
			body = append(body, store(want[res.Name], shape.Const(int64(k)), x))
		}
	}
	l.twin(t, &Func{Nest: loopTo(".i", shape.Const(1), body...)}, memory, nil, nil, nil)
	c := call{Fn: d.Name}
	for _, s := range fn.Streams {
		if b := want[s.Buf.Name]; b != nil {
			c.Bufs = append(c.Bufs, make([]float64, len(memory[b])))
		} else {
			c.Bufs = append(c.Bufs, memory[s.Buf])
		}
	}
	for _, s := range fn.Scalars {
		c.Scalars = append(c.Scalars, memory[s.X.(*kernel.Load).Buf][0])
	}
	tolerance := map[bool]float64{false: 2e-3, true: 1e-10}[l.wide]
	return c, func(done call) {
		for k, s := range fn.Streams {
			if b := want[s.Buf.Name]; b != nil {
				near(t, memory[b], done.Bufs[k], tolerance, "%s", s.Buf.Name)
			}
		}
		for k, res := range fn.Results {
			if watch, _ := fn.Watch(); k == watch {
				assert.Zero(t, done.Results[k])
			} else {
				near(t, memory[want[res.Name]], done.Results[k:k+1], tolerance, "%s", res.Name)
			}
		}
	}
}

// Calls of one function that do not wait for each other are one: sines and cosines
// of seven angles are two, and an exponential waits for others that come later.
func TestCallsAreGathered(t *testing.T) {
	p, values := newProblem()
	var sum kernel.Expr = number(0)
	for _, x := range values[:7] {
		sum = p.let(apply("add", sum, apply("mul", p.let(apply("sin", x)), p.let(apply("cos", x)))))
	}
	early := p.let(apply("exp", values[8]))
	late := p.let(apply("exp", p.let(apply("log", p.let(apply("exp", apply("add", sum, values[7])))))))
	p.code.Results = []Elements{{Name: "r", Single: true, X: []kernel.Expr{apply("add", early, late)}}}
	c := newCalls(p.code, true)
	var sizes []string
	seen := map[*group]bool{}
	for _, x := range c.all {
		if !seen[x.group] {
			seen[x.group] = true
			sizes = append(sizes, fmt.Sprint(x.family, len(x.group.members)))
		}
	}
	assert.Equal(t, "turn4 turn3 exp2 log1 exp1", strings.Join(sizes, " "))
}

// An angle that is too large for the assembly, and one that is no number, is told.
func TestStraightAnglesThatAreTooLarge(t *testing.T) {
	p, values := newProblem()
	var out []kernel.Expr
	for _, x := range values[2:] {
		out = append(out, p.let(apply("sin", x)), p.let(apply("cos", x)))
	}
	p.code.Results = []Elements{{Name: "r", X: out}}
	fn, ok := BuildStraight(p.code, true)
	require.True(t, ok)
	l := newLaboratory(t, true)
	d, err := l.file.Add(fn)
	require.NoError(t, err)
	var calls []call
	for k := range 10 {
		x := make([]float64, 9)
		if k < 9 {
			x[k] = []float64{0x1p25 + 1, -0x1p30, math.NaN()}[k%3]
		}
		require.Same(t, p.inputs[0], fn.Streams[0].Buf)
		calls = append(calls, call{Fn: d.Name, Bufs: [][]float64{x, make([]float64, len(out))}})
	}
	l.build(t)
	l.each(t, calls, func(k int, done call) { assert.Equal(t, k == 9, done.Results[0] == 0, "angle %d", k) })
}

// What there is no assembly for, and what gains nothing by it, stays in Go.
func TestStraightCodeThatStays(t *testing.T) {
	p, values := newProblem()
	p.code.Results = []Elements{{Name: "r", Single: true, X: []kernel.Expr{apply("add", values[0], values[1])}}}
	_, ok := BuildStraight(p.code, true)
	assert.False(t, ok)
	long := values[0]
	for range leastStraight {
		long = apply("add", apply("mul", long, values[1]), values[2])
	}
	p.code.Results[0].X[0] = long
	_, ok = BuildStraight(p.code, true)
	assert.True(t, ok)
	p.code.Results[0].X[0] = apply("lgamma", long)
	_, ok = BuildStraight(p.code, true)
	assert.False(t, ok)
	p.code.Results[0] = Elements{Name: "r", Single: true, Elem: graph.Bool, X: []kernel.Expr{apply("gt", long, number(0))}}
	_, ok = BuildStraight(p.code, true)
	assert.False(t, ok)
}
