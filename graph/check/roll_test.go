package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

// rollCases are bodies of models with a for, and why it is unrolled: "" where it
// stays a loop.
var rollCases = []struct{ body, because string }{
	{"for i in 0..3 { h = nn.Dense(h, 4) }", ""},
	{"for i in 0..3 { h = nn.BatchNorm(dropout(h, 0.5)) }", ""},
	{"for i in 0..3 { for j in 0..2 { h = nn.Dense(h, 4) } }", ""},
	{"enc = layer nn.Dense(out = 4)\nfor i in 0..3 { h = enc(h) }", ""},
	{"net = layer Net()\nfor i in 0..3 { h = net(h) }", ""},
	{"total = 0\nfor i in 0..3 { h = nn.Dense(h, 4)\n total = total + mean(h) }\nh = h * total", ""},
	{"for i in 0..3 { h = nn.Dense(h, 4) * w[i] }", ""},
	{"for i in 0..3 { h = where(i == 0, h, nn.Dense(h, 4)) }", ""},
	{"for i in 0..3 { z = nn.Dense(h, 4)\n h = h + grad(sum(z^2), z) }", ""},
	{"for(remat = 2) i in 0..3 { h = sin(h) }", ""},
	{"for i in 0..3 { h = sin(h) }", "its body is small"},
	{"for i in 0..3 { h = nn.Dense(h, 4 + i) }\nh = h[:, :4]", "a whole number known before the run is needed here"},
	{"for i in 0..3 { if i > 0 { h = nn.Dense(h, 4) } }", "its index decides an if"},
	{"for i in 0..3 { h = nn.Dense(h, 4) * i / sqrt(i + 1) + dropout(h, i / 8) }", ""},
	{"for i in 0..3 { h = nn.Dense(h, 4)[:, 2 * i / 2:] }\nh = h[:, 0]", "a whole number known before the run is needed here"},
	{"for i in 0..3 { h = nn.Dense(h, 4)[:, :4 - i] }\nh = h[:, 0]", "the extent of this slice changes with an index or a step"},
	{"k = nn.Dense(h, 3)\nfor i in 0..3 { k = nn.Dense(k, 4) }\nh = k", "k was real [n, 3] and becomes real [n, 4]"},
	{"k = 1\nfor i in 0..3 { h = nn.Dense(h, 4)\n k = 2 * k }\nh = h * zeros([k])[0]", "k is a constant"},
	{"k = h\nfor i in 0..3 { k = nn.Dense(k, 4)\n h = h + grad(sum(k * h), h) }", "a derivative by what is not made in the iteration"},
	{"for i in 0..3 { g = nn.Dense(h, 4)\n h = g * h[0, i-1 ? 1] }", "a subscript may be out of range"},
	{"for i in 0..3 { h = Scaled(h) }", "each parameter with a constraint has a method in the generated code"},
	{"for i in 0..3 { h = nn.Dense(h, 4) }\nh = h @ h.W", "an instance that an iteration makes is used outside of it"},
}

const rollLayers = `import "nn"
layer Net(x [n, d]) {
    for i in 0..2 { x = nn.Dense(x, d, tanh) }
    return x
}
layer Scaled(x [n, d]) {
    param s > 0 = 1
    return x * s
}
`

func TestWhichLoopsStayLoops(t *testing.T) {
	for _, k := range rollCases {
		body := strings.ReplaceAll(k.body, "\n", "\n    ")
		p, said := program(t, rollLayers+"model M {\n    dim n\n    input x [n, 4]\n    input w [3]\n    param bias = 0\n    h = x\n    "+body+"\n    output y = h + sum(w)\n    loss mean(h) + bias\n    train nn.SGD\n}\n")
		require.NotNil(t, p, "%s: %s", k.body, said)
		require.Empty(t, said, k.body)
		var why []string
		for _, u := range p.Unrolled {
			why = append(why, u.Because)
		}
		require.Equal(t, k.because, strings.Join(why, "; "), k.body)
		scans := 0
		for _, n := range p.Models[0].Predict.G.Nodes {
			if _, ok := n.Attr.(graph.Scan); ok {
				scans++
			}
		}
		require.Equal(t, k.because == "", scans > 0, k.body)
	}
}

// A line for one iteration alone unrolls the loop that made it; a line for all
// does not.
func TestTrainLinesForIterations(t *testing.T) {
	const model = "model M {\n    dim n\n    input x [n, 4]\n    h = x\n    for i in 0..3 { h = nn.Dense(h, 4) }\n    loss mean(h)\n    train nn.SGD(lr = 1)\n    train nn.Adam for PATH\n}\n"
	for path, because := range map[string]string{"Dense": "", "..b": "", "Dense[1]": "a train line names a single iteration", "Dense[1].W": "a train line names a single iteration"} {
		p, said := program(t, rollLayers+strings.ReplaceAll(strings.ReplaceAll(model, "PATH", path), "h = nn.Dense(h, 4)", "h = h + nn.Dense(h, 4)"))
		require.NotNil(t, p, said)
		require.Empty(t, said, path)
		if because == "" {
			require.Empty(t, p.Unrolled, path)
			continue
		}
		require.Len(t, p.Unrolled, 1, path)
		require.Equal(t, because, p.Unrolled[0].Because)
		require.Len(t, p.Models[0].Params, 6)
	}
}
