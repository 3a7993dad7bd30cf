package diff_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/graphtest"
)

// What is not taken poisons no derivative, whichever side of a loop the choice
// is made on. x has elements on both sides of 0.
func TestWhatIsNotTakenNeverPoisonsALoop(t *testing.T) {
	for name, body := range map[string]string{
		"chosen in the body":    "scan t in 0..n {\n carry h [k] = v\n h = h + where(x[t] > 0, log(x[t]), 0) * s\n }\n y = sum(h^2)",
		"chosen along a carry":  "scan t in 0..n {\n carry h [k] = v\n h = where(x[t] > 0, h * sqrt(x[t]), h)\n }\n y = sum(h * v)",
		"chosen after the loop": "scan t in 0..n {\n carry h [k] = 0 * v\n h = sqrt(h) * s + x[t] * 0\n }\n y = sum(where(h > 1, h, v * s))",
		"chosen from collects":  "scan t in 0..n {\n carry h = s\n h = h + 1\n collect q = log(x[t])\n }\n y = sum(where(x > 0, q, 0)) * h",
		"chosen from a capture": "q = log(x)\n scan t in 0..n {\n carry h [k] = v\n h = h * s + where(x[t] > 0, q[t], x[t])\n }\n y = sum(h)",
		"captured and not used": "q = log(W)\n scan t in 0..n {\n carry h [k, k] = 0\n h = where(W > 0, q * s, h)\n }\n y = sum(h)",
		"in a branch":           "scan t in 0..n {\n carry h = s\n if x[t, 0] > 0 {\n h = h + log(x[t, 0])\n }\n }\n y = h^2",
		"a branch around":       "q = log(x[1, 0] * 0)\n if s > 5 {\n y = q\n } else {\n y = s * 2\n }",
	} {
		t.Run(name, func(t *testing.T) {
			agree(t, body+"\nreturn y, grad(y, x, W, v, s)")
		})
	}
}

// A carry that an untaken element meets at a singular point has derivative 0
// there, at every step before.
func TestGuardsGoBackThroughSteps(t *testing.T) {
	body := "z = 0 * v\n scan t in 0..n {\n carry h [k] = z\n h = sqrt(h)\n }\n y = sum(where(s > 5, h, 0))\nreturn grad(y, z)"
	got := loopRun(t, compiled(t, body), graphtest.LoopInputs())
	require.Equal(t, []float64{0, 0, 0}, got[0].Data)
}

// Where nothing can be singular, no guard is carried; where the operand of an
// inner loop can, it is.
func TestGuardsAreCarriedOnlyWhereNeeded(t *testing.T) {
	bools := func(body string) (n int) {
		for _, r := range compiled(t, body+"\nreturn grad(y, x)") {
			for _, m := range graph.Reachable(r) {
				for _, a := range m.Args {
					if m.Op.Name == "scan" && a.Type.Elem == graph.Bool {
						n++
					}
				}
			}
		}
		return n
	}
	last := "scan t in 0..n {\n carry h [k] = 0\n h = tanh(%s + h @ W)\n collect hs = h\n }\n y = sum(hs[-1])"
	require.Zero(t, bools(fmt.Sprintf(last, "x[t]")))
	require.NotZero(t, bools(fmt.Sprintf(last, "sqrt(x[t])")))
	require.NotZero(t, bools("q = log(x)\n"+fmt.Sprintf(last, "q[t]")))
	agree(t, "scan t in 0..n {\n carry h = s\n q = log(x[t])\n scan j in 0..k {\n carry g = h\n g = where(x[t, j] > 0, g * s + q[j], g)\n }\n h = g\n }\n y = h\nreturn y, grad(y, x, W, v, s)")
}
