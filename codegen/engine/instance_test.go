package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradgen/gradgen/codegen/engine"
	"github.com/gradgen/gradgen/codegen/values"
)

// Derivatives of first and second order by a whole instance, against differences
// of values and of gradients, each other, and those by single parameters; at the
// top, in a loop, under an index, and by an instance that was computed.
const byInstances = `import "nn"
import "opt"

layer Deep(x, turn) {
    param s > 0 = 0.7
    a = nn.Dense(x, 3, tanh)
    h = s * a
    for k in 0..2 { h = h + nn.Dense(h, 3, tanh) }
    return nn.Dense(h, 2) * turn
}

model M {
    dim batch
    input x [batch, 3]
    net = layer Deep(turn = 1.5)
    y = net(x)
    e = sum(y^2)
    g = grad(e, net)
    v = sin(1.0) * net + 0.3 * g
    u = cos(y)

    yp = net(x)
    plus = net + 1e-5 * v
    minus = net - 1e-5 * v
    up = plus(x)
    down = minus(x)
    eup = sum(up^2)
    edown = sum(down^2)
    t = jvp(y, net, v)
    H = hvp(e, net, v)
    D = (grad(eup, plus) - grad(edown, minus)) / 2e-5
    c = vjp(y, net, u)
    weighted = sum(stop(u) * yp)
    output differences = [sum((t - (up - down) / 2e-5)^2) / sum(t^2), sum((H - D)^2) / sum(D^2)] < 1e-14
    output transposed = [abs(sum(c * v) - sum(u * t)), sum((c - grad(weighted, net))^2)] < 1e-12

    B = hessian(e, net)
    output blocks = [abs(B.s.s - hessian(e, net.s)), max(abs(array(i, j, k: B.a.W.Dense_2.b[i, j, k] - B.Dense_2.b.a.W[k, i, j])))] < 1e-12
    output size = sum(B^2)

    fast = net - 0.01 * g
    z = fast(x)
    f = sum(z^2)
    hf = hvp(f, fast, v)
    fp = fast + 1e-5 * v
    fm = fast - 1e-5 * v
    zp = fp(x)
    zm = fm(x)
    p = sum(zp^2)
    q = sum(zm^2)
    df = (grad(p, fp) - grad(q, fm)) / 2e-5
    output computed = sum((hf - df)^2) / sum(df^2) < 1e-14

    scan i in 0..2 {
        carry r = v
        r = hvp(e, net, r) / 10
    }
    r1 = hvp(e, net, v) / 10
    r2 = hvp(e, net, r1) / 10
    output loop = sum((r - r2)^2) / sum(r2^2) < 1e-20
    rows = array(i in batch: {
        row = net(x[i])
        return jvp(row, net, v)
    })
    each = array(i in batch: {
        row = net(x[i])
        s = sum(row^2)
        h = hvp(s, net, v)
        return h.a.W
    })
    along = array(i in batch: {
        d = real(i + 1) * v
        h = hvp(e, net, d)
        return h.a.W / real(i + 1)
    })
    back = array(i in batch: {
        d = vjp(y, net, real(i + 1) * u)
        return d.Dense_2.W / real(i + 1)
    })
    output under = [max(abs(rows - t)), max(abs(sum(each, axis = 0) - H.a.W)), max(abs(along - H.a.W)), max(abs(back - c.Dense_2.W))] < 1e-10
    if e > 0 { r = 2 * r }
    if e < 0 { r = 3 * r }
    best = where(e > 0, net, fast)
    state target = net
    et = sum(target(x)^2)
    output chosen = [abs(sum(r^2) / sum(r2^2) - 4), sum((best - net)^2), sum((hvp(et, target, v) - H)^2)] < 1e-10
    loss e + sum(H^2) + sum(c * v) + sum(r^2)
    train nn.SGD
}

// A step of Gauss and Newton for a whole network, without any matrix: the library's
// conjugate gradients, and some written here, divide by J'J + 1.
model Free {
    dim batch
    input x [batch, 3]
    input want [batch, 2]
    net = layer Deep(turn = 1)
    y = net(x)
    e = mean((y - want)^2)
    g = grad(e, net)
    func A(v) = vjp(y, net, jvp(y, net, v)) / 2 + v
    d = opt.conjugate_gradient(A, g, steps = 60)
    left = g - A(d)
    scan i in 0..10 {
        carry z = 0 * g, r = g, p = g, rr = sum(g^2)
        a = rr / sum(p * A(p))
        z = z + a * p
        r = r - a * A(p)
        new = sum(r^2)
        p = r + new / rr * p
        rr = new
    }
    next = net - z
    output better = [mean((next(x) - want)^2) < e, sum(left^2) < 1e-20]
    output size = sum(z^2)
    loss sum(z^2)
    train nn.SGD
}
`

func TestDerivativesByInstances(t *testing.T) {
	x := `"x": [[0.1, 0.2, 0.3], [0.5, -0.5, 1]]`
	for model, text := range map[string]string{
		"M":    `{"inputs": {` + x + `}}`,
		"Free": `{"inputs": {` + x + `, "want": [[1, 0], [0, 1]]}}`,
	} {
		x := task(t, byInstances, model, "")
		set, err := values.Read(strings.NewReader(text))
		require.NoError(t, err)
		x.Args, err = set.Model(x.Model, 3, true)
		require.NoError(t, err)
		rows, err := engine.Gradcheck(x, engine.CheckOptions{Tolerance: 1e-6, Samples: 2, Seed: 1})
		require.NoError(t, err)
		for _, r := range rows {
			assert.True(t, r.OK, "%+v", r)
		}
		interp, err := engine.Interp(x)
		require.NoError(t, err)
		compiled, err := engine.Compiled(x)
		require.NoError(t, err)
		for i, v := range interp.Outputs {
			assert.InDeltaSlice(t, v.Data, compiled.Outputs[i].Data, 1e-8*max(1, v.Data[0]), v.Name)
			for k, ok := range v.Data {
				assert.True(t, v.Name == "size" || ok == 1, "%s, element %d", v.Name, k)
			}
		}
	}
}
