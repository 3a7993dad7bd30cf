package graphtest

import (
	"math"

	"github.com/gradgen/gradgen/graph"
)

// Loops are function bodies that compute a scalar y from x [n, k], W [k, k],
// v [k] and s; n = 5, k = 3.
var Loops = map[string]string{
	"recurrent": "scan t in 0..n {\n carry h [k] = 0\n h = tanh(x[t] @ W + h @ W' + v)\n }\n y = sum(h^2)",
	"collects":  "scan t in 0..n {\n carry h [k] = v\n h = sin(x[t] * h) + s\n collect hs = h * s\n collect q = sum(h)\n }\n y = sum(hs^2) + sum(sin(q))",
	"gru": `scan t in 0..n {
 carry h [k] = 0
 z = sigmoid(x[t] @ W + h * v)
 r = sigmoid(x[t] + h @ W)
 c = tanh(x[t] @ W' + (r * h) @ W)
 h = (1 - z) * h + z * c
 collect hs = h
}
y = sum(hs @ v)`,
	"lstm": `scan t in 0..n {
 carry h [k] = 0, c [k] = 0
 i = sigmoid(x[t] @ W + h @ W)
 f = sigmoid(x[t] @ W + h @ W' + 1)
 g = tanh(x[t] + h @ W)
 o = sigmoid(x[t] * v + h @ W)
 c = f * c + i * g
 h = o * tanh(c)
}
y = sum(h * v) + sum(c)`,
	"columns":       "scan t in 0..k {\n carry h [n] = 1\n h = h * cos(x[:, t]) + s\n }\n y = sum(h^2)",
	"neighbours":    "scan t in 1..n-1 {\n carry h = s\n h = h * sin(sum(x[t-1] * x[t+1])) + x[t, 0]\n }\n y = h",
	"by data":       "scan t in 0..n {\n carry h = s\n h = sin(h) * W[mod(t, 3), 1] + x[mod(2 * t, 5), 0]\n }\n y = h",
	"nested":        "scan t in 0..n {\n carry h = s\n scan j in 0..k {\n carry g = h * s\n g = sin(g * x[t, j]) + v[j]\n }\n h = g + h\n }\n y = h^2",
	"triangle":      "scan t in 0..n {\n carry h = s\n scan j in 0..t {\n carry g = h\n g = sin(g + x[j, 0]) * s\n }\n h = g + x[t, 1]\n }\n y = h^2",
	"under index":   "q = array(a in 3: {\n scan t in 0..n {\n carry h = v[a]\n h = h * x[t, a] + W[a, 0] * s\n }\n return h\n })\ny = sum(q^2)",
	"no step":       "scan t in 0..0 {\n carry h [k] = v\n h = h * s\n collect hs = h\n }\n y = sum(h^2) + sum(hs)",
	"while":         "while(limit = 99) abs(h) < 20 {\n carry h = 1 + s^2\n h = h * (1.6 + s^2) + sin(v[0] * h)\n }\n y = h",
	"newton":        "while(limit = 50) abs(r * r - s) > 1e-13 {\n carry r = 1\n r = (r + s / r) / 2\n }\n y = r + s",
	"while in scan": "scan t in 0..n {\n carry h = s\n while(limit = 99) g < 3 + real(t) {\n carry g = 1 + h^2\n g = g * (1.6 + s^2) + x[t, 0]^2 + 0.1\n }\n h = 0.4 * h + sin(g) * s\n }\n y = h",
	"scan in while": "while c < 3 {\n carry c int = 0, h [k] = v\n scan t in 0..n {\n carry g [k] = h\n g = sin(g @ W + x[t])\n }\n h = g * s\n c = c + 1\n }\n y = sum(h^2)",
	"if":            "if s > 0 {\n q = sum((x @ W)^2) * s\n p = v\n } else {\n q = s\n p = v * s\n }\n y = sin(q) + sum(p^2)",
	"if in scan":    "scan t in 0..n {\n carry h [k] = v\n if mod(t, 2) == 0 {\n h = tanh(h @ W) + x[t]\n } else {\n h = h * sin(x[t])\n }\n }\n y = sum(h * v)",
	"scan in if":    "if s > 0 {\n scan t in 0..n {\n carry h [k] = v\n h = tanh(h @ W + x[t])\n }\n q = sum(h)\n } else {\n q = s\n }\n y = q * s",
	"int bounds":    "scan t in 0..int(10 * abs(s)) {\n carry h [k] = v\n h = tanh(h @ W) * s\n }\n y = sum(h^2)",
	"masked":        "scan t in 0..n {\n carry h [k] = v\n h = where(x[t] > 0, tanh(h @ W) + x[t], h)\n }\n y = sum(h * v)",
	"unused carry":  "scan t in 0..n {\n carry h [k] = v, g = s\n h = tanh(h @ W) + x[t]\n g = g * s + sum(h)\n }\n y = sum(h)",
	"penalty":       "scan t in 0..n {\n carry h [k] = v\n e = sum(sin(h * x[t]) * W[0])\n d = grad(e, h)\n h = h - s * d\n }\n y = sum(h^2)",
	"bufferred":     "scan t in 0..n {\n carry b [n] = 0\n b = update(b, t, sin(b[t-1 ? 1] + x[t, 0]))\n }\n y = sum(b^2)",
	"cumulative":    "scan t in 0..n {\n carry h [k] = v\n h = cumsum(softmax(h + x[t])) * s\n }\n y = sum(h^2)",
}

// LoopFunc is a file with a function of that body.
func LoopFunc(body string) []byte {
	return []byte("real f64\nfunc F(x [n, k], W [k, k], v [k], s) {\n" + body + "\n}\n")
}

// LoopArgs are the arguments of a LoopFunc.
var LoopArgs = []string{"x", "W", "v", "s"}

// LoopDims are the dims at which LoopInputs are given.
var LoopDims = map[string]int64{"n": 5, "k": 3}

// LoopInputs are values of the arguments.
func LoopInputs() map[string]graph.Tensor {
	t := map[string]graph.Tensor{
		"x": {Shape: []int{5, 3}}, "W": {Shape: []int{3, 3}}, "v": {Shape: []int{3}, Data: []float64{0.7, -0.4, 0.9}},
		"s": {Shape: []int{}, Data: []float64{0.43}},
	}
	for i := range 15 {
		x := t["x"]
		x.Data = append(x.Data, math.Sin(float64(3*i+1)))
		t["x"] = x
	}
	for i := range 9 {
		w := t["W"]
		w.Data = append(w.Data, 0.8*math.Cos(float64(5*i+2)))
		t["W"] = w
	}
	return t
}
