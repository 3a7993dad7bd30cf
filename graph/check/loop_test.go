package check_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
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
	{"{ scan t in i..k[1] {\n carry h = 3\n h = 0\n }\n return h }", []graph.Tensor{scalar(3)}},
	{"{ scan t in 0..n {\n carry h = 0\n scan u in 0..t {\n carry g = h\n g = g + x[u] * x[t]\n }\n h = g\n }\n return h }", []graph.Tensor{scalar(-4)}},
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
