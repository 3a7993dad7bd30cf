package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
)

// machine is what a random program with states computes on, step by step.
type machine struct {
	m, q  float64
	n     int
	f     bool
	local map[string]float64
}

// A number, condition or statement of a random program is its text beside what
// it does, said again in Go.
type (
	realTerm struct {
		text string
		of   func(*machine) float64
	}
	boolTerm struct {
		text string
		of   func(*machine) bool
	}
	statement struct {
		text string
		do   func(*machine)
	}
)

// writer draws programs.
type writer struct {
	*rand.Rand
	depth, names int
	locals       []string
}

const w = 0.7

func (r *writer) number(deep int) realTerm {
	switch k := r.IntN(7); {
	case k == 0:
		return realTerm{"m", func(s *machine) float64 { return s.m }}
	case k == 1:
		return realTerm{"q", func(s *machine) float64 { return s.q }}
	case k == 2 && len(r.locals) > 0:
		name := r.locals[r.IntN(len(r.locals))]
		return realTerm{name, func(s *machine) float64 { return s.local[name] }}
	case k == 3:
		return realTerm{"real(n)", func(s *machine) float64 { return float64(s.n) }}
	case k > 4 && deep < 3:
		a, b := r.number(deep+1), r.number(deep+1)
		if k == 5 {
			return realTerm{"(" + a.text + " - " + b.text + ")", func(s *machine) float64 { return a.of(s) - b.of(s) }}
		}
		return realTerm{"(" + a.text + " * " + b.text + ")", func(s *machine) float64 { return a.of(s) * b.of(s) }}
	}
	return realTerm{"w", func(*machine) float64 { return w }}
}

func (r *writer) bounded() realTerm {
	a := r.number(0)
	return realTerm{"tanh(" + a.text + ")", func(s *machine) float64 { return math.Tanh(a.of(s)) }}
}

func (r *writer) condition() boolTerm {
	if r.IntN(3) == 0 {
		return boolTerm{"f", func(s *machine) bool { return s.f }}
	}
	a := r.number(1)
	return boolTerm{a.text + " > 0.2 * w", func(s *machine) bool { return a.of(s) > 0.2*w }}
}

func (r *writer) block() statement {
	before := r.locals
	defer func() { r.locals = before }()
	r.depth++
	defer func() { r.depth-- }()
	var list []statement
	for range 1 + r.IntN(3) {
		list = append(list, r.statement())
	}
	return sequence(list)
}

func sequence(list []statement) statement {
	var text strings.Builder
	for _, st := range list {
		text.WriteString(st.text + "\n")
	}
	return statement{text.String(), func(s *machine) {
		for _, st := range list {
			st.do(s)
		}
	}}
}

func (r *writer) statement() statement {
	k := r.IntN(8)
	if r.depth > 4 {
		k %= 4
	}
	switch k {
	case 0:
		a := r.bounded()
		return statement{"m <- " + a.text, func(s *machine) { s.m = a.of(s) }}
	case 1:
		a := r.bounded()
		return statement{"q <- " + a.text, func(s *machine) { s.q = a.of(s) }}
	case 2:
		return statement{"n <- mod(2 * n + 3, 7)", func(s *machine) { s.n = (2*s.n + 3) % 7 }}
	case 3:
		c := r.condition()
		return statement{"f <- " + c.text, func(s *machine) { s.f = c.of(s) }}
	case 4:
		return r.loop()
	case 5:
		return r.round()
	case 6:
		n, body := 1+r.IntN(3), r.block()
		return statement{fmt.Sprintf("for i%d in 0..%d {\n%s}", r.depth, n, body.text), func(s *machine) {
			for range n {
				body.do(s)
			}
		}}
	}
	c, yes, no := r.condition(), r.block(), r.block()
	return statement{"if " + c.text + " {\n" + yes.text + "} else {\n" + no.text + "}", func(s *machine) {
		if c.of(s) {
			yes.do(s)
		} else {
			no.do(s)
		}
	}}
}

// loop is a scan that carries a number beside the states.
func (r *writer) loop() statement {
	r.names++
	name, n, first := fmt.Sprintf("h%d", r.names), r.IntN(4), r.bounded()
	outer := r.locals
	r.locals = append(outer[:len(outer):len(outer)], name)
	body, next := r.block(), r.bounded()
	return statement{fmt.Sprintf("scan t%d in 0..%d {\ncarry %s = %s\n%s%s = %s\n}", r.names, n, name, first.text, body.text, name, next.text), func(s *machine) {
		s.local[name] = first.of(s)
		for range n {
			body.do(s)
			s.local[name] = next.of(s)
		}
	}}
}

// round is a while whose condition reads states.
func (r *writer) round() statement {
	r.names++
	name, c, body := fmt.Sprintf("c%d", r.names), r.condition(), r.block()
	return statement{fmt.Sprintf("while %s < 3 and %s {\ncarry %s int = 0\n%s = %s + 1\n%s}", name, c.text, name, name, name, body.text), func(s *machine) {
		for k := 0; k < 3 && c.of(s); k++ {
			body.do(s)
		}
	}}
}

// Random programs with states in branches and loops end with the states of their
// twins in plain Go.
func TestRandomProgramsWithStates(t *testing.T) {
	for seed := range uint64(200) {
		r := &writer{Rand: rand.New(rand.NewPCG(seed, 0))}
		body := sequence([]statement{r.block(), r.block(), r.statement()})
		src := "real f64\nmodel M {\n input w\n state m = 0.3\n state q = -0.4\n state n int = 1\n state f bool = true\n" + body.text +
			"output a = m + 0 * w\n output b = q\n output c = n\n output d = f\n}\n"
		m := model(t, src)
		var roots []*graph.Node
		for _, v := range m.Predict.Outputs {
			roots = append(roots, v.Node)
		}
		leaves := map[string]float64{"w": w, "m": 0.3, "q": -0.4, "n": 1, "f": 1}
		got, err := eval.Run(roots, eval.Env{Leaf: func(_, name string) (graph.Tensor, bool) { return scalar(leaves[name]), true }})
		require.NoError(t, err, src)
		s := &machine{m: 0.3, q: -0.4, n: 1, f: true, local: map[string]float64{}}
		body.do(s)
		require.InDelta(t, s.m, got[0].Data[0], 1e-9, src)
		require.InDelta(t, s.q, got[1].Data[0], 1e-9, src)
		require.Equal(t, float64(s.n), got[2].Data[0], src)
		require.Equal(t, s.f, got[3].Data[0] != 0, src)
	}
}
