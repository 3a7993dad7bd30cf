package check_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/graph"
)

var (
	inf = math.Inf(1)
	nan = math.NaN()

	vec = tensor([]float64{1, -2, 3, 0.5}, 4)                                                  // x [n], n = 4
	mat = tensor([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -11, 12}, 4, 3)                      // A [n, m], m = 3
	idx = tensor([]float64{2, 0, 2, 1}, 4)                                                     // k [n] int
	img = tensor([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 1, 4, 4, 1) // P [1, 4, 4, 1]
	ker = tensor([]float64{1, 0, -1, 2}, 2, 2, 1, 1)                                           // K [2, 2, 1, 1]
	cub = tensor([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1, -2, -3, -4, 0, 0, 1, 1, 2, 2, 3, 3}, 2, 4, 3)
)

const signature = "func F(x [n], A [n, m], k [n] int, P [b, h, w, c], K [2, 2, c, f], Q [2, n, m], s, i int) "

func evaluate(t *testing.T, body string) []graph.Tensor {
	t.Helper()
	return call(t, "real f64\n"+signature+body+"\n", map[string]graph.Tensor{
		"x": vec, "A": mat, "k": idx, "P": img, "K": ker, "Q": cub, "s": scalar(0.5), "i": scalar(1),
	}, map[string]int64{"n": 4, "m": 3, "b": 1, "h": 4, "w": 4, "c": 1, "f": 1})
}

// Each row is a function body and its results, computed by hand or by the rule
// that the comment gives.
var rows = []struct {
	body string
	want []graph.Tensor
}{
	// arithmetic and constants
	{"= 7 / 2", []graph.Tensor{scalar(3.5)}},
	{"= -2^2", []graph.Tensor{scalar(-4)}},
	{"= 2^3^2", []graph.Tensor{scalar(512)}},
	{"= sum(x) / n", []graph.Tensor{scalar(0.625)}},
	{"= 1 / n + sqrt(n)", []graph.Tensor{scalar(2.25)}},
	{"= real(div(-7, 2)) + mod(-7, 2)", []graph.Tensor{scalar(-3)}},
	{"= real(div(i - 8, 2)) + real(mod(i - 8, 2))", []graph.Tensor{scalar(-3)}},
	{"= [10^20 + s, 3000000000 * 4000000000, 2^62 * 2, -(-2^63), 1/3000000000/4000000000, (1/3)^45]", []graph.Tensor{tensor([]float64{1e20, 1.2e19, math.Ldexp(1, 63), math.Ldexp(1, 63), 1 / 1.2e19, math.Pow(3, -45)}, 6)}},
	{"= where(3000000001 * 3000000001 > 3000000001 * 3000000000 + 1, s, 0)", []graph.Tensor{scalar(0.5)}},
	{"= where(training == false, where((1 < 2) != true, 1, s), 2)", []graph.Tensor{scalar(0.5)}},
	{"= x^0", []graph.Tensor{tensor([]float64{1, 1, 1, 1}, 4)}},
	{"= 2.0 ^ i", []graph.Tensor{scalar(2)}},
	{"= x |> abs |> sum", []graph.Tensor{scalar(6.5)}},
	{"= x + A'", []graph.Tensor{tensor([]float64{2, 2, 10, 10.5, 3, 3, 11, -10.5, 4, 4, 12, 12.5}, 3, 4)}},
	{"= where(x > 0, log(x), 0)", []graph.Tensor{tensor([]float64{0, 0, math.Log(3), math.Log(0.5)}, 4)}},
	{"= clamp(x, -1, 1)", []graph.Tensor{tensor([]float64{1, -1, 1, 0.5}, 4)}},
	{"= int(s * 5) + k", []graph.Tensor{tensor([]float64{4, 2, 4, 3}, 4)}},
	// constants count from the end as they are written, and not where they are computed
	{"{ y = x[0]\n for j in 0..3 { y = y + 10 * x[j-1 ? 0] + sum(x[j-1:j+1 ? 0]) }\n return y, x[-1], x[:-lag]\n}\nconst lag = 2", []graph.Tensor{scalar(-8), scalar(0.5), tensor([]float64{1, -2}, 2)}},
	// lists of whole numbers are ints beside ints, and where they are indices
	{"{ q = [2, 0]\n p[j in 4] = x[up[j]]\n return x[q], p, x[up[i]], real([[0, i], [k[0], 4]]), real(k + [1, 2, 3, 4] * i)\n}\nconst up = [0, 0, 1, 2]", []graph.Tensor{tensor([]float64{3, 1}, 2), tensor([]float64{1, 1, -2, 3}, 4), scalar(1), tensor([]float64{0, 1, 2, 4}, 2, 2), tensor([]float64{3, 2, 5, 5}, 4)}},
	// what stands outside may be computed, and slices move
	{"= array(i in n: x[i-1 ? s] * x[i+1 ? x[0]])", []graph.Tensor{tensor([]float64{-1, 3, -1, 3}, 4)}},
	{"{ return pad(x, [1, 2], value = s), x[2:6 ? s], array(a: k[a-1 ? a + 5]) }", []graph.Tensor{tensor([]float64{0.5, 1, -2, 3, 0.5, 0.5, 0.5}, 7), tensor([]float64{3, 0.5, 0.5, 0.5}, 4), tensor([]float64{5, 2, 0, 2}, 4)}},
	{"= array(a in n: x[k[a] - 1 ? s * x[a]])", []graph.Tensor{tensor([]float64{-2, -1, -2, 1}, 4)}},
	{"{ y = sum(array(a in n: x[a-1 ? sqrt(s)]^2))\n return grad(y, s)\n}", []graph.Tensor{scalar(1)}},
	{"= array(a: sum(x[a:a+2]))", []graph.Tensor{tensor([]float64{-1, 1, 3.5}, 3)}},
	{"= array(a in n: where(a + 2 <= n, sum(x[a:a+2]), s))", []graph.Tensor{tensor([]float64{-1, 1, 3.5, 0.5}, 4)}},
	{"{ scan t in 0..n {\n collect y = x[t-1:t+2:2 ? s]\n }\n return y\n}", []graph.Tensor{tensor([]float64{0.5, -2, 1, 3, -2, 0.5, 3, 0.5}, 4, 2)}},
	{"{ scan t in 0..n-1 {\n carry h = x\n h = update(h, t, sum(h[t:t+2]))\n }\n return h\n}", []graph.Tensor{tensor([]float64{-1, 1, 3.5, 0.5}, 4)}},
	{"{ scan t in 0..n {\n carry h = 0.0\n if t > 0 { h = h + sum(x[t-1:t+1]) }\n }\n return h\n}", []graph.Tensor{scalar(3.5)}},
	{"{ scan t in 0..n-1 {\n carry h = 0.0\n h = s * h + prod(x[t:t+2])\n }\n y = h\n return grad(y, x)\n}", []graph.Tensor{tensor([]float64{-0.5, 1.75, -0.5, 3}, 4)}},
	// products
	{"= x @ A", []graph.Tensor{tensor([]float64{19, 10.5, 24}, 3)}},
	{"= A' @ x", []graph.Tensor{tensor([]float64{19, 10.5, 24}, 3)}},
	{"= Q @ [1, 0, -1]", []graph.Tensor{tensor([]float64{-2, -2, -2, -2, 2, -4, -1, -1}, 2, 4)}},
	{"= shapes(A' @ Q)\nfunc shapes(y) = sum(y, axis = [1, 2])", []graph.Tensor{tensor([]float64{1200, 88}, 2)}},
	{"= dot(x, x) + trace(outer(x, x))", []graph.Tensor{scalar(28.5)}},
	{"= cross([1, 2, 3], x[0:3])", []graph.Tensor{tensor([]float64{12, 0, -4}, 3)}},
	// reductions
	{"= sum(A, axis = 0)", []graph.Tensor{tensor([]float64{22, 4, 30}, 3)}},
	{"= mean(A, axis = -1, keep = true)", []graph.Tensor{tensor([]float64{2, 5, 8, 11. / 3}, 4, 1)}},
	{"= max(A, axis = 1) + min(A)", []graph.Tensor{tensor([]float64{-8, -5, -2, 1}, 4)}},
	{"= argmax(A)", []graph.Tensor{tensor([]float64{2, 2, 2, 2}, 4)}},
	{"= argmin(A, axis = 0)", []graph.Tensor{tensor([]float64{0, 3, 0}, 3)}},
	{"= sum(x > 0) + sum(k)", []graph.Tensor{scalar(8)}},
	{"= mean(x > 0)", []graph.Tensor{scalar(0.75)}},
	{"= var(x) - std(x)^2 + norm([3, 4])", []graph.Tensor{scalar(5)}},
	{"= cumsum(x)", []graph.Tensor{tensor([]float64{1, -1, 2, 2.5}, 4)}},
	{"= sort(x)", []graph.Tensor{tensor([]float64{-2, 0.5, 1, 3}, 4)}},
	{"{ v, j = topk(x, 2)\n return v, j }", []graph.Tensor{tensor([]float64{3, 1}, 2), tensor([]float64{2, 0}, 2)}},
	// indexing
	{"= x[-1] + x[0]", []graph.Tensor{scalar(1.5)}},
	{"= x[1:-1]", []graph.Tensor{tensor([]float64{-2, 3}, 2)}},
	{"= x[::2]", []graph.Tensor{tensor([]float64{1, 3}, 2)}},
	{"= A[.., 0]", []graph.Tensor{tensor([]float64{1, 4, 7, 10}, 4)}},
	{"= A[1:3, 2]", []graph.Tensor{tensor([]float64{6, 9}, 2)}},
	{"= A[k[0:2]]", []graph.Tensor{tensor([]float64{7, 8, 9, 1, 2, 3}, 2, 3)}},
	{"= x[i] + A[i, 0]", []graph.Tensor{scalar(2)}},
	{"= [x[0], s]", []graph.Tensor{tensor([]float64{1, 0.5}, 2)}},
	{"= [[1, 0], [0, 1]] @ [3, 4]", []graph.Tensor{tensor([]float64{3, 4}, 2)}},
	{"= [x, [3, 4, 5, 6]][1] + concat([[1, 1, 1]], A)[0, 0]", []graph.Tensor{tensor([]float64{4, 5, 6, 7}, 4)}}, // n and m are checked at entry
	// shapes
	{"= reshape(A, [2, -1])", []graph.Tensor{tensor(mat.Data, 2, 6)}},
	{"= flatten(Q, 1)", []graph.Tensor{tensor(cub.Data, 2, 12)}},
	{"= transpose(Q, [1, 0, 2])[0]", []graph.Tensor{tensor([]float64{1, 2, 3, -1, -2, -3}, 2, 3)}},
	{"= tile(x[0:2], [2])", []graph.Tensor{tensor([]float64{1, -2, 1, -2}, 4)}},
	{"= concat(x, [9])", []graph.Tensor{tensor([]float64{1, -2, 3, 0.5, 9}, 5)}},
	{"= stack(x, x, axis = 1)[1]", []graph.Tensor{tensor([]float64{-2, -2}, 2)}},
	{"= pad(x, [1, 2], value = 7)", []graph.Tensor{tensor([]float64{7, 1, -2, 3, 0.5, 7, 7}, 7)}},
	{"= flip(x) + roll(x, 1)", []graph.Tensor{tensor([]float64{1, 4, -4, 4}, 4)}},
	{"{ a, b = split(x, 2)\n return a * b }", []graph.Tensor{tensor([]float64{3, -1}, 2)}},
	{"= one_hot(k, 3)[0]", []graph.Tensor{tensor([]float64{0, 0, 1}, 3)}},
	{"= eye(2) + diag([1, 2])", []graph.Tensor{tensor([]float64{2, 0, 0, 3}, 2, 2)}},
	{"= sum(tril(ones([3, 3]))) - sum(triu(A[0:3]))", []graph.Tensor{scalar(-20)}},
	{"= scatter(zeros([3]), k, x)", []graph.Tensor{tensor([]float64{-2, 0.5, 4}, 3)}},
	{"= update(x, i, 9)", []graph.Tensor{tensor([]float64{1, 9, 3, 0.5}, 4)}},
	{"= real(range(3)) * full([3], s)", []graph.Tensor{tensor([]float64{0, 0.5, 1}, 3)}},
	// index notation
	{"{ C[a, b] = sum(j: A[a, j] * A[b, j])\n return C[0, 3] }", []graph.Tensor{scalar(24)}},
	{"{ d[a in n-1] = x[a+1] - x[a]\n return d }", []graph.Tensor{tensor([]float64{-3, 5, -2.5}, 3)}},
	{"= max(a, b: A[a, b])", []graph.Tensor{scalar(12)}},
	{"= array(a in 2, b in 3: 10 * a + b)", []graph.Tensor{tensor([]float64{0, 1, 2, 10, 11, 12}, 2, 3)}},
	{"= array(a: A[a])", []graph.Tensor{mat}},
	{"= sum(a if x[a] > 0: x[a])", []graph.Tensor{scalar(4.5)}},
	{"= mean(a if x[a] > 0: x[a])", []graph.Tensor{scalar(1.5)}},
	{"= max(a if x[a] > 9: x[a])", []graph.Tensor{scalar(-inf)}},
	{"= prod(a in 1..4: real(a))", []graph.Tensor{scalar(6)}},
	{"= logsumexp(a: x[a]) - logsumexp(x)", []graph.Tensor{scalar(0)}},
	{"= argmax(a in 1..4: -x[a])", []graph.Tensor{scalar(1)}},
	{"= sum(a, b in 0..a: x[a] * x[b])", []graph.Tensor{scalar(-4)}}, // -2 + 3 - 6 + 0.5 - 1 + 1.5
	{"{ y[v in 3] = sum(e if k[e] == v: x[e])\n return y }", []graph.Tensor{tensor([]float64{-2, 0.5, 4}, 3)}},
	{"{ y[a, q, r, g] = sum(dy, dx, u: P[a, q+dy, r+dx, u] * K[dy, dx, u, g])\n return flatten(y) }",
		[]graph.Tensor{tensor([]float64{8, 10, 12, 16, 18, 20, 24, 26, 28}, 9)}},
	{"{ y[a, q, r, u] = max(dy in 2, dx in 2: P[a, 2*q+dy, 2*r+dx, u])\n return flatten(y) }",
		[]graph.Tensor{tensor([]float64{6, 8, 14, 16}, 4)}},
	{"{ y[a] = sum(u in 3: x[a+u-1 ? 0])\n return y }", []graph.Tensor{tensor([]float64{-1, 2, 1.5, 3.5}, 4)}},
	{"{ y[a] = x[2*a ? 0]\n return y }", []graph.Tensor{tensor([]float64{1, 3}, 2)}},
	{"{ y[a] = A[a, k[a]]\n return y }", []graph.Tensor{tensor([]float64{3, 4, 9, -11}, 4)}},
	{"{ y[a in n] = where(a > 0, x[a-1], 0)\n return y }", []graph.Tensor{tensor([]float64{0, 1, -2, 3}, 4)}},
	{"{ y[a] = softmax(A)[a, 0] + sum(b: A[a, b]) * 0\n return y[0] }", []graph.Tensor{scalar(1 / (1 + math.E + math.E*math.E))}},
	{"{ y[a, b] = sum(j, l: A[a, j] * A[l, j] * A[l, b])\n return y - A @ A' @ A }", []graph.Tensor{tensor(make([]float64, 12), 4, 3)}},
	{"{ y[a, b] = sum(j, l: A[a, j] * x[l] * A[l, j] * A[l, b])\n return y - A @ A' @ diag(x) @ A }", []graph.Tensor{tensor(make([]float64, 12), 4, 3)}},
	{"= sum(a, b, j, l: A[a, j] * A[l, b] * x[a]) - n * m * sum(A) * 0 - sum(a, j: A[a, j] * x[a]) * sum(A)", []graph.Tensor{scalar(0)}},
	{"{ y[g, a] = sum(j, l, b: Q[g, a, j] * Q[g, l, j] * Q[g, l, b] * Q[g, a, b])\n return y - sum((Q @ transpose(Q, [0, 2, 1]) @ Q) * Q, axis = 2) }",
		[]graph.Tensor{tensor(make([]float64, 8), 2, 4)}},
	// functions, blocks, loops
	{"{ y = x\n for j in 0..3 { y = y * 2 + j }\n return y[0] }", []graph.Tensor{scalar(12)}},
	{"{ if 2 < 3 { y = 1.0 } else { y = 2.0 }\n return y }", []graph.Tensor{scalar(1)}},
	{"= twice(sqrt, 16)\nfunc twice(g, v) = g(g(v))", []graph.Tensor{scalar(2)}},
	{"{ func g(v) = v * s\n return g(x)[2] }", []graph.Tensor{scalar(1.5)}},
	// ints
	{"{ return max(k), min(k), prod(k + 1), argmax(k), argmin(k), max(j if k[j] > 9: k[j])\n}",
		[]graph.Tensor{scalar(2), scalar(0), scalar(18), scalar(0), scalar(1), scalar(math.MinInt32)}},
	{"{ return sort(k), argsort(k), cumsum(k), clamp(k, 1, i), sign(k - 1), k^3, (k - 1)^0\n}",
		[]graph.Tensor{tensor([]float64{0, 1, 2, 2}, 4), tensor([]float64{1, 3, 0, 2}, 4), tensor([]float64{2, 2, 4, 5}, 4), tensor([]float64{1, 1, 1, 1}, 4),
			tensor([]float64{1, -1, 1, 0}, 4), tensor([]float64{8, 0, 8, 1}, 4), tensor([]float64{1, 1, 1, 1}, 4)}},
	{"{ return k @ [1, 2, 3, 4], dot(k, k), trace(outer(k, k)), tril(outer(k, k))[2], scatter(k, [1, 1, 3], [5, 6, 7]), update(k, i, 9)\n}",
		[]graph.Tensor{scalar(12), scalar(9), scalar(9), tensor([]float64{4, 0, 4, 0}, 4), tensor([]float64{2, 11, 2, 8}, 4), tensor([]float64{2, 9, 2, 1}, 4)}},
	// under an index
	{"{ y[a] = update(A[a], i, x[a])\n z[a] = scatter(x, [k[a], 0], 1)\n return y[1], z[0], sum(z)\n}",
		[]graph.Tensor{tensor([]float64{4, -2, 6}, 3), tensor([]float64{2, -2, 4, 0.5}, 4), scalar(18)}},
	// of a row named twice the last one counts
	{"{ y = update(x, [0, 3, 0], [10, s, 30])\n z = sum(y * y)\n return y, grad(z, x), grad(z, s)\n}",
		[]graph.Tensor{tensor([]float64{30, -2, 3, 0.5}, 4), tensor([]float64{0, -4, 6, 0}, 4), scalar(1)}},
	// a func sees what names mean where it stands
	{"{ a = 2 * s\n func g(v) = v + a\n a = 100\n return g(1) + a }", []graph.Tensor{scalar(102)}},
	{"{ a = 1.0\n for j in 0..2 { func g(v) = v + a\n a = 10 * a\n a = g(a) }\n return a }", []graph.Tensor{scalar(121)}},
	{"{ func g(v) = v + later\n later = s\n return g(1) }", []graph.Tensor{scalar(1.5)}},
	{"= power(s, 3)\nfunc power(v, e dim) {\n if e == 0 { return 1.0 }\n return v * power(v, e - 1)\n}", []graph.Tensor{scalar(0.125)}},
	{"= total(A) \nfunc total(v [.., k]) = sum(v) / k", []graph.Tensor{scalar(56. / 3)}},
	// derivatives
	{"{ y = sum(x^3)\n return grad(y, x) }", []graph.Tensor{tensor([]float64{3, 12, 27, 0.75}, 4)}},
	{"{ a = x\n b = x\n y = sum(a * b)\n return grad(y, a), grad(y, x) }",
		[]graph.Tensor{vec, tensor([]float64{2, -4, 6, 1}, 4)}},
	{"{ y = sum(where(x > 0, log(x), 0))\n return grad(y, x) }", []graph.Tensor{tensor([]float64{1, 0, 1. / 3, 2}, 4)}},
	{"{ y = s^3\n d = grad(y, s)\n return grad(d, s) }", []graph.Tensor{scalar(3)}},
	{"= slope(s)\nfunc slope(v) {\n y = sin(v)\n return grad(y, v)\n}", []graph.Tensor{scalar(math.Cos(0.5))}},
	{"{ e, g = array(a: {\n v = A[a]\n y = sum(v^2)\n return y, grad(y, v)\n })\n return e[1], g[1] }",
		[]graph.Tensor{scalar(77), tensor([]float64{8, 10, 12}, 3)}},
	{"{ y = sum(stop(x) * x)\n return grad(y, x) }", []graph.Tensor{vec}},
	{"{ z = x[0:2]\n y = z * s\n return jacobian(y, s), jacobian(y, z) }", []graph.Tensor{tensor([]float64{1, -2}, 2), tensor([]float64{0.5, 0, 0, 0.5}, 2, 2)}},
	{"{ y = x^2\n return jacobian(y, x), hessian(s * sum(x^3), x) - 3 * diag(x) }", []graph.Tensor{
		tensor([]float64{2, 0, 0, 0, 0, -4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 1}, 4, 4), tensor(make([]float64, 16), 4, 4)}},
	{"{ y = A @ (A' @ x)\n z = sum(x^2)\n return jacobian(y, x) - A @ A', sum(jacobian(z, A)), jacobian(y, A)[0, 0, 0] - 2 * A[0, 0] * x[0] - sum(a in 1..n: A[a, 0] * x[a]) }",
		[]graph.Tensor{tensor(make([]float64, 16), 4, 4), scalar(0), scalar(0)}},
	{"= array(a in 2: {\n v = A[a]\n y = cumsum(v^2)\n return jacobian(y, v)\n })",
		[]graph.Tensor{tensor([]float64{2, 0, 0, 2, 4, 0, 2, 4, 6, 8, 0, 0, 8, 10, 0, 8, 10, 12}, 2, 3, 3)}},
	{"{ v = x[0:2]\n y = [v[0] * v[1], v[0]^2, sin(v[1])]\n return jacobian(y, v) }",
		[]graph.Tensor{tensor([]float64{-2, 1, 2, 0, 0, math.Cos(-2)}, 3, 2)}},
	{"{ v = x[0:3]\n y = v[0] * v[1] * v[2]\n return hessian(y, v), hvp(y, v, [1, 0, 2]) }",
		[]graph.Tensor{tensor([]float64{0, 3, -2, 3, 0, 1, -2, 1, 0}, 3, 3), tensor([]float64{-4, 5, -2}, 3)}},
	{"{ y = x^2\n return jvp(y, x, ones([n])), vjp(y, x, [1, 0, 0, 2]) }",
		[]graph.Tensor{tensor([]float64{2, -4, 6, 1}, 4), tensor([]float64{2, 0, 0, 2}, 4)}},
	{"= array(a: {\n y = s^2 * x[a]\n return grad(y, s)\n })", []graph.Tensor{vec}},
	{"= array(a in 2: {\n v = A[a, 0:2]\n y = [v[0] * v[1], v[1]]\n return jacobian(y, v)\n })",
		[]graph.Tensor{tensor([]float64{2, 1, 0, 1, 5, 4, 0, 1}, 2, 2, 2)}},
	{"{ w = [s, 2 * s]\n z = w * s\n y = z[0] * z[1]\n return array(a: {\n q = y * x[a]\n return grad(q, s)\n }) }",
		[]graph.Tensor{tensor([]float64{1, -2, 3, 0.5}, 4)}},
	{"{ y = cube(s)\n d = grad(y, s)\n return y, d, grad(d, s), jvp(y, s, 2)\n}\nfunc cube(v) = v^3\n    derivative(dv) = 10 * v^2 * dv",
		[]graph.Tensor{scalar(0.125), scalar(2.5), scalar(10), scalar(5)}},
	{"{ y = sum(join(x, s))\n return grad(y, x), grad(y, s)\n}\nfunc join(a, b) = a * b\n    derivative(da, db) = 2 * da * b + 3 * a * db",
		[]graph.Tensor{tensor([]float64{1, 1, 1, 1}, 4), scalar(7.5)}},
	// ranges whose ends move with other indices, downwards and below 0
	{"{ return array(a in 3: sum(b in 0..3 - a: b)), array(a in 3: sum(b in a - 2..3: b)), sum(a in 3, b in a - 2..3: b), sum(b in -i - i..3: b) }",
		[]graph.Tensor{tensor([]float64{3, 1, 0}, 3), tensor([]float64{0, 2, 3}, 3), scalar(5), scalar(0)}},
	{"{ return array(a in n: sum(b in n, c in 0..b - a: c)), array(a in 2: sum(b in 2, c in a - b..2: real(c) * x[c + 1])) }",
		[]graph.Tensor{tensor([]float64{4, 1, 0, 0}, 4), tensor([]float64{5, 6}, 2)}},
	// ranges by ints alone
	{"{ return sum(a in 1..k[0] + 2: real(a)), sum(a in 1..-i: 1), array(b: sum(a in i..k[b] + 1: a * 2)), mean(a in -i..k[0]: s * real(a)) }",
		[]graph.Tensor{scalar(6), scalar(0), tensor([]float64{6, 0, 6, 2}, 4), scalar(0)}},
	{"{ return sum(a in i..4, b in 0..a if a != b + 1: a * b), argmax(a in i + 1..i + 4: -(a - 3)^2) }", []graph.Tensor{scalar(3), scalar(3)}},
	{"{ y = array(b: prod(a in 0..k[b]: s + real(a)))\n return y, grad(sum(y), s) }", []graph.Tensor{tensor([]float64{0.75, 1, 0.75, 0.5}, 4), scalar(5)}},
	{"= cross_entropy([[0, 0]], [1])", []graph.Tensor{tensor([]float64{math.Ln2}, 1)}},
	{"= bce(0.0, 1.0) + mean(isnan(x) or x > 1)", []graph.Tensor{scalar(math.Ln2 + 0.25)}},
}

// The tolerance is that of sums of a few float64 terms.
func TestValues(t *testing.T) {
	for _, r := range rows {
		t.Run(r.body, func(t *testing.T) {
			got := evaluate(t, r.body)
			require.Len(t, got, len(r.want))
			for i, w := range r.want {
				require.Equal(t, append([]int{}, w.Shape...), append([]int{}, got[i].Shape...))
				require.InDeltaSlice(t, w.Data, got[i].Data, 1e-12)
			}
		})
	}
}
