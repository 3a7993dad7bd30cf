package graphtest

import (
	"fmt"

	"pgregory.net/rapid"
)

// LoopBody draws the body of a LoopFunc around a loop whose carries have random
// next values.
func LoopBody(t *rapid.T) string {
	depth := rapid.IntRange(1, 3).Draw(t, "depth")
	h, g, c := vector(t, depth, true), vector(t, depth, true), vector(t, 2, true)
	body := fmt.Sprintf("carry h [k] = v, g [k] = x[0]\n a = %s\n g = %s\n h = a\n", h, g)
	if rapid.Bool().Draw(t, "branch") {
		body += fmt.Sprintf(" if sum(g) > s {\n g = %s\n }\n", vector(t, 2, true))
	}
	over := rapid.SampledFrom([]string{" t in 0..n", " t in 1..n-1", "(remat = 2) t in 0..n"}).Draw(t, "range")
	return fmt.Sprintf("scan%s {\n %s collect q = %s\n }\n y = sum(h * v) + sum(sin(q)) + sum(g)", over, body, c)
}

// vector draws an expression of shape [k] that stays of moderate size.
func vector(t *rapid.T, depth int, inLoop bool) string {
	if depth == 0 {
		leaves := []string{"v", "W[0]", "(v * 0 + s)", "x[2]"}
		if inLoop {
			leaves = append(leaves, "h", "h", "g", "x[t]", "x[t-1 ? 0.5]", "(v * real(t))")
		}
		return rapid.SampledFrom(leaves).Draw(t, "leaf")
	}
	sub := func() string { return vector(t, depth-1, inLoop) }
	switch rapid.IntRange(0, 8).Draw(t, "operator") {
	case 0:
		return "sin(" + sub() + ")"
	case 1:
		return "tanh(" + sub() + ")"
	case 2:
		return "(" + sub() + " + " + sub() + ")"
	case 3:
		return "sin(" + sub() + " * " + sub() + ")"
	case 4:
		return "tanh((v * 0 + " + sub() + ") @ W)"
	case 5:
		return "softmax(v * 0 + " + sub() + ")"
	case 6:
		return "cos(" + sub() + ") * sigmoid(" + sub() + ")"
	case 7:
		return "tanh(sum(v * 0 + " + sub() + ") + " + sub() + ")"
	}
	return "array(j in k: sum(i in k if i <= j: W[i, j] * sin(v[i] + s)))"
}
