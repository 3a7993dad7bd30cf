package check_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/eval"
	"github.com/gradgen/gradgen/runtime"
)

// Values of loops, computed by hand: x = [1, -2, 3, 0.5], k = [2, 0, 2, 1],
// A = [1..12] with A[3, 1] = -11 of shape [4, 3], s = 0.5, i = 1.
var loopRows = []struct {
	body string
	want []graph.Tensor
}{
	// carried values, slices and collects
	{"{ scan t in 0..n {\n carry h = 0\n h = 2 * h + x[t]\n collect hs = h\n }\n return h, hs }",
		[]graph.Tensor{scalar(6.5), tensor([]float64{1, 0, 3, 6.5}, 4)}},
	{"{ scan t in 0..n {\n carry a = 1, b [2] = s\n p = a\n a = a + x[t]\n b = b + p\n }\n return a, b }",
		[]graph.Tensor{scalar(3.5), tensor([]float64{6.5, 6.5}, 2)}},
	{"{ scan t in 1..n {\n carry h = 0\n h = h + x[t] * x[t-1]\n }\n return h }", []graph.Tensor{scalar(-6.5)}},
	{"{ scan t in 0..m {\n carry h [n] = 0\n h = h + A[:, t] * real(t)\n }\n return h }", []graph.Tensor{tensor([]float64{8, 17, 26, 13}, 4)}},
	{"{ scan t in 0..div(n, 2) {\n carry h = 0\n h = h + x[2*t+1]\n }\n return h }", []graph.Tensor{scalar(-1.5)}},
	{"{ scan t in 0..n {\n carry h = 0\n h = h + x[t-1 ? 10]\n }\n return h }", []graph.Tensor{scalar(12)}},
	{"{ scan t in 0..n {\n carry h = 0\n h = h + where(t > 0, x[t-1], 0)\n }\n return h }", []graph.Tensor{scalar(2)}},
	{"{ scan t in 0..n {\n carry h = 0\n h = h + x[k[t]]\n }\n return h }", []graph.Tensor{scalar(5)}},
	{"{ scan t in 0..n {\n carry h = 0\n h = h + A[t, i] + real(t * t)\n }\n return h }", []graph.Tensor{scalar(18)}},
	{"{ scan t in 0..n {\n carry h [n] = 0\n h = update(h, t, h[t-1 ? 1] + x[t])\n }\n return h }", []graph.Tensor{tensor([]float64{2, 0, 3, 3.5}, 4)}},
	// no step, and bounds by ints
	{"{ scan t in 0..0 {\n carry h = 7\n h = h + x[t]\n collect hs = h\n }\n return h, hs }", []graph.Tensor{scalar(7), tensor([]float64{}, 0)}},
	{"{ scan t in 0..k[0] {\n carry h = 0\n h = h + x[t]\n }\n return h }", []graph.Tensor{scalar(-1)}},
	{"{ scan t in 0..k[0] {\n carry h = 0\n h = h + x[t]\n collect q = h\n }\n return q[-1] + q[0], array(a in 2: q[a]) }", []graph.Tensor{scalar(0), tensor([]float64{1, -1}, 2)}},
	{"{ scan t in i..k[1] {\n carry h = 3\n h = 0\n }\n return h }", []graph.Tensor{scalar(3)}},
	{"{ scan t in 0..n {\n carry h = 0\n scan u in 0..t {\n carry g = h\n g = g + x[u] * x[t]\n }\n h = g\n }\n return h }", []graph.Tensor{scalar(-4)}},
	// bounds by the indices around: those that have ended stay
	{"= array(a: {\n scan t in 0..k[a] {\n carry h = x[a]\n h = 2 * h + x[t]\n }\n return h\n })", []graph.Tensor{tensor([]float64{4, -2, 12, 2}, 4)}},
	{"= array(a: {\n scan t in a - 1..k[a] {\n carry h = 1\n h = 3 * h + real(t)\n }\n return h\n })", []graph.Tensor{tensor([]float64{19, 1, 4, 1}, 4)}},
	// nested, under indices, in functions
	{"{ scan t in 0..n {\n carry h = 0\n scan u in 0..m {\n carry g = 0\n g = g + A[t, u]\n }\n h = h + g\n collect gs = g\n }\n return h, gs }",
		[]graph.Tensor{scalar(56), tensor([]float64{6, 15, 24, 11}, 4)}},
	{"= array(a: {\n scan t in 0..m {\n carry h = x[a]\n h = h + A[a, t]\n collect hs = h\n }\n return hs\n })",
		[]graph.Tensor{tensor([]float64{2, 4, 7, 2, 7, 13, 10, 18, 27, 10.5, -0.5, 11.5}, 4, 3)}},
	{"= total(x)\nfunc total(v [k]) {\n scan t in 0..k {\n carry h = 0\n h = h + v[t]\n }\n return h\n}", []graph.Tensor{scalar(2.5)}},
	{"{ scan t in 0..n {\n carry h = 0\n h = h + sum(j in 0..t: x[j]) + sum(j in m: A[t, j])\n }\n return h }", []graph.Tensor{scalar(58)}},
	// while
	{"{ while h < 100 {\n carry h = s\n h = 2 * h\n }\n return h }", []graph.Tensor{scalar(128)}},
	{"{ while(limit = 50) abs(r * r - 2) > 1e-12 {\n carry r = 1\n r = (r + 2 / r) / 2\n }\n return r }", []graph.Tensor{scalar(math.Sqrt2)}},
	{"{ while c < 3 {\n carry c int = 0, h = 1\n c = c + 1\n h = h * x[c]\n }\n return h, c }", []graph.Tensor{scalar(-3), scalar(3)}},
	{"= array(a: {\n while abs(h) < 4 {\n carry h = x[a]\n h = 2 * h\n }\n return h\n })", []graph.Tensor{tensor([]float64{4, -4, 6, 4}, 4)}},
	// if
	{"{ if s > 0 {\n y = x[0]\n } else {\n y = x[1]\n }\n return y }", []graph.Tensor{scalar(1)}},
	{"{ y = 1\n if s > 1 {\n y = 2\n }\n return y }", []graph.Tensor{scalar(1)}},
	{"{ y = s\n if i == 0 {\n y = 2\n } else if i == 1 {\n y = y * 10\n }\n return y }", []graph.Tensor{scalar(5)}},
	{"= sign(s) + sign(-s)\nfunc sign(v) {\n if v > 0 {\n return 1.0\n }\n w = 3 * v\n return w\n}", []graph.Tensor{scalar(-0.5)}},
	{"= array(a: {\n if x[a] > 0 {\n y = log(x[a])\n } else {\n y = 0.0\n }\n return y\n })", []graph.Tensor{tensor([]float64{0, 0, math.Log(3), math.Log(0.5)}, 4)}},
	{"{ scan t in 0..n {\n carry h = 0\n if t > 0 {\n h = h + x[t-1]\n }\n }\n return h }", []graph.Tensor{scalar(2)}},
	// derivatives in a body
	{"{ scan t in 0..n {\n carry h = s\n g = h^2 * x[t]\n h = grad(g, h)\n }\n return h }", []graph.Tensor{scalar(-24)}},
	{"{ z = s^2\n scan t in 0..n {\n carry h = 0\n y = z * s * x[t]\n h = h + grad(y, s)\n }\n return h }", []graph.Tensor{scalar(3 * 0.25 * 2.5)}},
	{"{ w = x^2\n scan t in 0..n {\n carry h [n] = 0\n y = w[t] * real(t)\n h = h + grad(y, x)\n }\n return h }", []graph.Tensor{tensor([]float64{0, -4, 12, 3}, 4)}},
}

func TestLoops(t *testing.T) {
	for _, r := range loopRows {
		t.Run(r.body, func(t *testing.T) {
			got := evaluate(t, r.body)
			require.Len(t, got, len(r.want))
			for i, w := range r.want {
				require.Equal(t, append([]int{}, w.Shape...), append([]int{}, got[i].Shape...))
				require.InDeltaSlice(t, w.Data, got[i].Data, 1e-10)
			}
		})
	}
}

// What loops and run-time ifs do not allow is said so.
func TestLoopsThatDoNotFit(t *testing.T) {
	for body, want := range map[string]string{
		"{ y = 0.0\n scan t in 0..n {\n y = y + x[t]\n }\n return y }":                                                                                      "carry y = y",
		"{ y = 0.0\n while y < 3 {\n y = y + 1\n }\n return y }":                                                                                            "G0215",
		"{ scan t in 0..n {\n carry h = 0\n z = h\n h = z\n }\n return z }":                                                                                 "there is no name z",
		"{ scan t in 0..n {\n carry h = 0\n t = 3\n }\n return h }":                                                                                         "G0216",
		"{ scan t in 0..n {\n z = 1.0\n carry h = z\n }\n return h }":                                                                                       "stands at the head of a scan or while",
		"{ scan t in 0..n {\n carry h = 0, h = 1\n }\n return h }":                                                                                          "h is declared twice",
		"{ scan t in 0..n {\n carry h = 0\n if x[t] > 0 {\n collect q = h\n }\n }\n return h }":                                                             "outside of if",
		"{ while h < 3 {\n carry h = 0\n h = h + 1\n collect q = h\n }\n return h }":                                                                        "stands in a scan, outside of if",
		"{ scan t in 0..k[0] {\n carry h = 0\n collect q = h\n }\n scan t in 0..k[1] {\n carry h = 0\n collect p = h\n }\n return q + p }":                  "G0323",
		"{ scan u in 0..n {\n scan t in 0..k[u] {\n carry h = 0\n collect q = h\n }\n collect p = q\n }\n return p }":                                       "collect what is made of it",
		"{ scan t in 0..n {\n carry h = 0\n h = x\n }\n return h }":                                                                                         "carry h [n] = ..",
		"{ scan t in 0..n {\n carry h int = 0\n h = x[t]\n }\n return h }":                                                                                  "G0401",
		"{ scan t in 0..n {\n carry h [3] = [1, 2]\n }\n return h }":                                                                                        "G0302",
		"{ scan t in 0..n {\n carry h = 0\n h = x[t+1]\n }\n return h }":                                                                                    "it runs from 1 to n",
		"{ scan t in 0..n {\n carry h = 0\n return h\n }\n }":                                                                                               "outside loops",
		"{ scan t in 0..s {\n carry h = 0\n }\n return h }":                                                                                                 "G0401",
		"{ scan(remat = 0) t in 0..n {\n carry h = 0\n }\n return h }":                                                                                      "remat keeps every k-th",
		"{ while x > 0 {\n carry h = 0\n }\n return h }":                                                                                                    "a condition is one bool",
		"{ if s > 0 {\n y = x\n } else {\n y = 1.0\n }\n return y }":                                                                                        "G0322",
		"{ if s > 0 {\n y = x\n }\n return y }":                                                                                                             "there is no name y",
		"{ if s > 0 {\n return s\n }\n }":                                                                                                                   "G0116",
		"{ if x > 0 {\n y = 1\n }\n return s }":                                                                                                             "G0404",
		"{ scan t in 0..n {\n carry h = s\n y = h * s\n h = grad(y, s)\n }\n return h }":                                                                    "s reaches the value also through the carried name h",
		"{ scan t in 0..n {\n carry h = 1\n y = h\n g = grad(y, s)\n h = h * s + g\n }\n return h }":                                                        "G0605",
		"{ z = s^2\n scan t in 0..n {\n carry h = 1\n scan j in 0..m {\n carry g = 0\n y = h * s\n g = g + grad(y, s)\n }\n h = h * z + g\n }\n return h }": "G0605",
		"= array(a in 0..i: real(a))":                                                                                                                       "scan to an int and collect",
		"= array(a: {\n scan t in 0..k[a] {\n carry h = 0\n collect q = h\n }\n return h\n })":                                                              "G0409",
	} {
		p, said := program(t, signature+body+"\n")
		assert.Contains(t, said, want, body)
		assert.Nil(t, p, body)
	}
}

// stop cuts the path through the carried name; a carry that the target does not
// reach is none.
func TestPartialDerivativesInABodyAreAskedForByStop(t *testing.T) {
	got := evaluate(t, "{ scan t in 0..n {\n carry h = s, c = 1\n y = stop(h) * s^2 * c\n g = grad(y, s)\n h = h + g\n c = c + 1\n }\n return h }")
	require.InDelta(t, 0.5*2*3*4*5, got[0].Data[0], 1e-12) // h' = h + 2·s·h·c = h·(1 + c)
}

const cells = `import "nn"
model M {
    dim n
    input x [n, 3]
    enc = layer nn.Dense(out = 3)
    scan t in 0..n {
        carry h [3] = 0
        u = nn.Dense(h, 3)
        h = tanh(enc(x[t]) + u)
    }
    if sum(h) > 0 {
        z = enc(h)
    } else {
        z = %s
    }
    output y = z + h
}
`

// An instance made inside a loop is one in all; one bound outside is shared.
func TestLayersInLoops(t *testing.T) {
	m := model(t, strings.Replace(cells, "%s", "h", 1))
	require.Equal(t, "u.W real [3, 3]\nu.b real [3]\nenc.W real [3, 3]\nenc.b real [3]", paths(m))
	_, said := program(t, strings.Replace(cells, "%s", "nn.Dense(h, 3)", 1))
	require.Contains(t, said, "G0516")
}

// Equal loops are one.
func TestEqualLoopsAreOneNode(t *testing.T) {
	p, said := program(t, signature+"= total(x) * total(x)\nfunc total(v [k]) {\n scan t in 0..k {\n carry h = 0\n h = h + v[t]\n }\n return h\n}\n")
	require.NotNil(t, p, said)
	scans := 0
	for _, n := range graph.Reachable(roots(p)...) {
		if n.Op.Name == "scan" {
			scans++
		}
	}
	require.Equal(t, 1, scans)
}

// A while that does not end within its limit is an error of the run.
func TestLimitOfAWhile(t *testing.T) {
	p, said := program(t, "func F(x) {\n while(limit = 5) h < x {\n carry h = 0\n h = h + 1\n }\n return h\n}\n")
	require.NotNil(t, p, said)
	at := func(x float64) error {
		_, err := eval.Run(roots(p), eval.Env{Leaf: func(_, _ string) (graph.Tensor, bool) { return scalar(x), true }})
		return err
	}
	require.NoError(t, at(5))
	var limit *eval.LimitError
	require.ErrorAs(t, at(5.5), &limit)
	require.Equal(t, 5, limit.Limit)
}

func TestEachRoundOfAWhileDrawsItsOwnNumbers(t *testing.T) {
	got := draws(t, "while n < 3 {\n carry n int = 0, h = 0\n h = 2 * h + random.uniform()\n n = n + 1\n}\noutput h", 5, 0)
	want := 0.0
	for i := range 3 {
		want = 2*want + runtime.Site{Seed: 5, Site: 1, Iter: runtime.IterHash(0, i)}.Uniform64(0)
	}
	require.InDelta(t, want, got[0].Data[0], 1e-15)
}
