"""Test vectors of the module nn by JAX, Flax and Optax, all in double precision.

nn.json has functions, layers.json models whose layers get random parameters,
rules.json parameters after each step of an update rule.
"""
import json
import jax
jax.config.update("jax_enable_x64", True)
import flax.linen as fl
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from vectors import File, pack

rng = np.random.default_rng(1)
draw = lambda *shape: rng.normal(size=shape)
f = File("nn", 1e-12)
x = np.array([-4.1, -2.5, -0.7, -0.2, 0.1, 0.6, 2.6, 4.3])
n = jax.nn

# Activations.
for name, fn in [
    ("identity", lambda x: x), ("leaky_relu", n.leaky_relu), ("elu", n.elu), ("selu", n.selu), ("gelu_tanh", n.gelu),
    ("mish", n.mish), ("hard_sigmoid", n.hard_sigmoid), ("hard_swish", n.hard_swish), ("softsign", n.soft_sign), ("glu", n.glu),
]:
    f.add("nn.%s(x)" % name, {"x": x}, fn(x))
f.add("nn.elu(x, 2)", {"x": x}, n.elu(x, 2.0))

# Losses.
y, t = draw(3, 4), draw(3, 4)
pm = np.sign(draw(3, 4))
bits = (pm + 1) / 2
label = np.array([0, 3, 1])
f.add("nn.mse(y, t)", {"y": y, "t": t}, optax.squared_error(y, t).mean())
f.add("nn.mae(y, t)", {"y": y, "t": t}, abs(y - t).mean())
f.add("nn.huber(y, t)", {"y": y, "t": t}, optax.huber_loss(y, t).mean())
f.add("nn.huber(y, t, 0.3)", {"y": y, "t": t}, optax.huber_loss(y, t, delta=0.3).mean())
f.add("nn.log_cosh(y, t)", {"y": y, "t": t}, optax.log_cosh(y, t).mean())
f.add("nn.hinge(y, t)", {"y": y, "t": pm}, optax.hinge_loss(y, pm).mean(), fixed=["t"])
f.add("nn.smooth_cross_entropy(y, k)", {"y": y, "k": label},
      optax.softmax_cross_entropy(y, optax.smooth_labels(jnp.eye(4)[label], 0.1)))
f.add("nn.focal(y, t)", {"y": y, "t": bits}, optax.sigmoid_focal_loss(y, bits, gamma=2.0), fixed=["t"])
f.add("nn.cosine_similarity(y, t)", {"y": y, "t": t}, optax.cosine_similarity(y, t))
f.add("nn.triplet(y, t, z)", {"y": y, "t": t, "z": draw(3, 4) * 0 + 0.3},
      np.maximum(0, np.linalg.norm(y - t, axis=1) - np.linalg.norm(y - 0.3, axis=1) + 1).mean())
C = optax.cosine_similarity(y[:, None], t[None]) / 0.2
f.add("nn.info_nce(y, t, 0.2)", {"y": y, "t": t}, optax.softmax_cross_entropy_with_integer_labels(C, jnp.arange(3)).mean())

# Pooling and attention.
im, seq = draw(2, 5, 6, 3), draw(2, 6, 3)
f.add("nn.MaxPool2d(x)", {"x": im}, fl.max_pool(im, (2, 2), (2, 2)))
f.add("nn.AvgPool2d(x, 3, 1)", {"x": im}, fl.avg_pool(im, (3, 3), (1, 1)))
f.add("nn.GlobalAvgPool2d(x)", {"x": im}, im.mean((1, 2)))
f.add("nn.MaxPool1d(x, 3, 2)", {"x": seq}, fl.max_pool(seq, (3,), (2,)))
f.add("nn.AvgPool1d(x)", {"x": seq}, fl.avg_pool(seq, (2,), (2,)))
q, k, v = draw(2, 4, 2, 3), draw(2, 5, 2, 3), draw(2, 5, 2, 3)
f.add("nn.attend(q, k, v)", {"q": q, "k": k, "v": v}, fl.dot_product_attention(q, k, v), tol=1e-11)
f.add("nn.attend(q, k, v, causal = true)", {"q": q, "k": k[:, :4], "v": v[:, :4]},
      fl.dot_product_attention(q, k[:, :4], v[:, :4], mask=fl.make_causal_mask(np.ones((2, 4)))), tol=1e-11)
w = 1 / 10000 ** (np.arange(0, 6, 2) / 6)
angle = np.arange(4)[:, None] * w
P = np.stack([np.sin(angle), np.cos(angle)], 2).reshape(4, 6)
f.add("nn.positions(4, 6)", {}, P)
h = draw(2, 4, 1, 6)
z = (h[..., :3] + 1j * h[..., 3:]) * np.exp(1j * angle)[None, :, None]
f.add("nn.rotary(x)", {"x": h}, np.concatenate([z.real, z.imag], -1))

# Schedules.
s = np.array([1, 5, 10, 11, 55, 99, 100, 130])
at = lambda fn: np.array([fn(i) for i in s])
f.add("nn.constant(t, 0.3) + 0 * real(t)", {"t": s}, at(lambda i: 0.3))
f.add("nn.cosine(t, 0.3, warmup = 10, steps = 100)", {"t": s}, at(optax.warmup_cosine_decay_schedule(0, 0.3, 10, 100, 0.03)))
f.add("nn.linear(t, 0.3, warmup = 10, steps = 100, last = 0.5)", {"t": s}, np.interp(s, [0, 10, 100], [0, 0.3, 0.15]))
f.add("nn.step_decay(t, 0.3, every = 10)", {"t": s}, at(optax.exponential_decay(0.3, 10, 0.5, staircase=True)))
f.add("nn.exponential(t, 0.3, every = 10)", {"t": s}, at(optax.exponential_decay(0.3, 10, 0.5)))
f.add("nn.inverse_sqrt(t, 0.3, warmup = 10)", {"t": s}, 0.3 * np.minimum(s / 10, np.sqrt(10 / s)))
f.add("nn.one_cycle(t, 0.3, steps = 100)", {"t": s}, at(optax.cosine_onecycle_schedule(100, 0.3)), tol=1e-7)
f.write()

# Layers.
models = []


def model(body, inputs, params, want, states={}, training=False, updates={}):
    models.append({
        "body": body, "training": training,
        **{name: {k: pack(v) for k, v in d.items()} for name, d in
           (("inputs", inputs), ("params", params), ("states", states), ("updates", updates))},
        "want": pack(want),
    })


def conv(x, K, stride, pads, groups=1):
    dims = ("NHWC", "HWIO", "NHWC") if K.ndim == 4 else ("NHC", "HIO", "NHC")
    return lax.conv_general_dilated(x, K, (stride,) * (K.ndim - 2), pads, dimension_numbers=dims, feature_group_count=groups)


W, b = draw(3, 4), draw(4)
model("nn.Dense(x, 4, tanh)", {"x": draw(2, 3)}, {"y.W": W, "y.b": b}, 0)
models[-1]["want"] = pack(np.tanh(np.array(models[-1]["inputs"]["x"]["data"]).reshape(2, 3) @ W + b))
K, b = draw(3, 3, 4), draw(4)
model("nn.Conv1d(x, 4, stride = 2)", {"x": seq}, {"y.K": K, "y.b": b}, conv(seq, K, 2, [(0, 0)]) + b)
model("nn.Conv1d(x, 4, same = true)", {"x": seq}, {"y.K": K, "y.b": b}, conv(seq, K, 1, [(1, 1)]) + b)
K = draw(3, 3, 3, 4)
same = [(1, 1), (1, 1)]
model("nn.Conv2d(x, 4, act = relu)", {"x": im}, {"y.K": K, "y.b": b}, jax.nn.relu(conv(im, K, 1, [(0, 0)] * 2) + b))
model("nn.Conv2d(x, 4, stride = 2, same = true)", {"x": im}, {"y.K": K, "y.b": b}, conv(im, K, 2, same) + b)
D = draw(3, 3, 3)
model("nn.DepthwiseConv2d(x)", {"x": im}, {"y.K": D, "y.b": b[:3]}, conv(im, D[:, :, None], 1, [(0, 0)] * 2, 3) + b[:3])
model("nn.DepthwiseConv2d(x, same = true)", {"x": im}, {"y.K": D, "y.b": b[:3]}, conv(im, D[:, :, None], 1, same, 3) + b[:3])
T = draw(3, 3, 2, 3)


def adjoint(x, shape, stride, pads):
    return jax.vjp(lambda z: conv(z, T, stride, pads), np.zeros(shape))[1](jnp.array(x))[0]


model("nn.ConvTranspose2d(x, 2, stride = 2)", {"x": im}, {"y.K": T.transpose(0, 1, 3, 2), "y.b": b[:2]}, adjoint(im, (2, 11, 13, 2), 2, [(0, 0)] * 2) + b[:2])
model("nn.ConvTranspose2d(x, 2, stride = 2, same = true)", {"x": im}, {"y.K": T.transpose(0, 1, 3, 2), "y.b": b[:2]}, adjoint(im, (2, 10, 12, 2), 2, [(1, 0)] * 2) + b[:2])
E = draw(5, 3)
model("nn.Embedding(i, 5, 3)", {"i": np.array([[0, 4], [2, 2]])}, {"y.E": E}, E[[[0, 4], [2, 2]]])
g, c = draw(3), draw(3)
model("nn.LayerNorm(x)", {"x": seq}, {"y.gain": g, "y.bias": c}, fl.LayerNorm(epsilon=1e-5).apply({"params": {"scale": g, "bias": c}}, seq))
model("nn.RMSNorm(x)", {"x": seq}, {"y.gain": g}, fl.RMSNorm().apply({"params": {"scale": g}}, seq))
im4, g4, c4 = draw(2, 3, 2, 4), draw(4), draw(4)
model("nn.GroupNorm(x, 2)", {"x": im4}, {"y.gain": g4, "y.bias": c4},
      fl.GroupNorm(2, epsilon=1e-5).apply({"params": {"scale": g4, "bias": c4}}, im4))
m, s2 = draw(3), draw(3)**2
stats = {"params": {"scale": g, "bias": c}, "batch_stats": {"mean": m, "var": s2}}
states = {"y.mean": m, "y.var": s2}
model("nn.BatchNorm(x)", {"x": im}, {"y.gain": g, "y.bias": c}, fl.BatchNorm(True, momentum=0.9).apply(stats, im), states)
out, new = fl.BatchNorm(False, momentum=0.9).apply(stats, im, mutable=["batch_stats"])
model("nn.BatchNorm(x)", {"x": im}, {"y.gain": g, "y.bias": c}, out, states, True,
      {"y.mean": new["batch_stats"]["mean"], "y.var": new["batch_stats"]["var"]})


def unroll(cell, params, x, carry):
    hs = []
    for i in range(x.shape[1]):
        carry, h = cell.apply({"params": params}, carry, x[:, i])
        hs.append(h)
    return jnp.stack(hs, 1)


o = np.zeros((2, 4))
W, U, b = draw(3, 4), draw(4, 4), draw(4)
model("nn.RNN(x, 4)", {"x": seq}, {"y.W": W, "y.U": U, "y.b": b},
      unroll(fl.SimpleCell(4), {"i": {"kernel": W, "bias": b}, "h": {"kernel": U}}, seq, o))
W, U, b = draw(3, 16), draw(4, 16), draw(16)
P = {}
for j, gate in enumerate("ifgo"):
    part = slice(4 * j, 4 * j + 4)
    P["i" + gate], P["h" + gate] = {"kernel": W[:, part]}, {"kernel": U[:, part], "bias": b[part]}
model("nn.LSTM(x, 4)", {"x": seq}, {"y.W": W, "y.U": U, "y.b": b}, unroll(fl.LSTMCell(4), P, seq, (o, o)))
W, U, b, d = W[:, :12], U[:, :12], b[:12], draw(4)
P = {}
for j, gate in enumerate("rzn"):
    part = slice(4 * j, 4 * j + 4)
    P["i" + gate], P["h" + gate] = {"kernel": W[:, part], "bias": b[part]}, {"kernel": U[:, part]}
P["hn"]["bias"] = d
model("nn.GRU(x, 4)", {"x": seq}, {"y.W": W, "y.U": U, "y.b": b, "y.d": d}, unroll(fl.GRUCell(4), P, seq, o))


def attention(params, q, kv, mask=None):
    """params by our names; heads = 2."""
    d = q.shape[-1]
    P = {long: {"kernel": params["W" + s].reshape(-1, 2, d // 2), "bias": params["b" + s].reshape(2, d // 2)}
         for s, long in zip("qkv", ("query", "key", "value"))}
    P["out"] = {"kernel": params["Wo"].reshape(2, d // 2, d), "bias": params["bo"]}
    return fl.MultiHeadDotProductAttention(2).apply({"params": P}, q, kv, mask=mask)


def heads(d, m):
    return {"Wq": draw(d, d), "Wk": draw(m, d), "Wv": draw(m, d), "Wo": draw(d, d), **{"b" + s: draw(d) for s in "qkvo"}}


x4, p = draw(2, 3, 4), heads(4, 4)
under = lambda path, d: {path + k: v for k, v in d.items()}
causal = fl.make_causal_mask(np.ones((2, 3)))
model("nn.MultiHeadAttention(x, 2)", {"x": x4}, under("y.", p), attention(p, x4, x4))
model("nn.MultiHeadAttention(x, 2, causal = true)", {"x": x4}, under("y.", p), attention(p, x4, x4, causal))
p = heads(4, 3)
model("nn.MultiHeadAttention(x, 2, z)", {"x": x4, "z": seq}, under("y.", p), attention(p, x4, seq))
p, norms = heads(4, 4), draw(4, 4)
U, b, V, c = draw(4, 16), draw(16), draw(16, 4), draw(4)
norm = lambda x, i: fl.LayerNorm(epsilon=1e-5).apply({"params": {"scale": norms[i], "bias": norms[i + 1]}}, x)
h = norm(x4, 0)
y = x4 + attention(p, h, h, causal)
y = y + jax.nn.gelu(norm(y, 2) @ U + b, approximate=False) @ V + c
block = {"y.norm1.gain": norms[0], "y.norm1.bias": norms[1], "y.norm2.gain": norms[2], "y.norm2.bias": norms[3],
           **under("y.attn.", p), "y.up.W": U, "y.up.b": b, "y.down.W": V, "y.down.b": c}
model("nn.TransformerBlock(x, 2, causal = true)", {"x": x4}, block, y)
model("nn.TransformerBlock(x, 2, causal = true, drop = 0.0)", {"x": x4}, block, y)

# Update rules.
rules = []


def rule(call, tx):
    p = np.array([0.5, -1.0, 2.0, 0.1])
    grads, seen = [], []
    state = tx.init(p)
    rule_rng = np.random.default_rng(2)
    for _ in range(5):
        g = rule_rng.normal(size=4)
        step, state = tx.update(g, state, p)
        p = p + step
        grads.append(g.tolist())
        seen.append(np.array(p).tolist())
    rules.append({"rule": call, "p": [0.5, -1.0, 2.0, 0.1], "grads": grads, "want": seen})


rule("nn.SGD(lr = 0.1)", optax.sgd(0.1))
rule("nn.Momentum(lr = 0.1)", optax.sgd(0.1, 0.9))
rule("nn.Nesterov(lr = 0.1)", optax.sgd(0.1, 0.9, nesterov=True))
rule("nn.Adagrad(lr = 0.1, eps = 0)", optax.adagrad(0.1, 0, 0))
rule("nn.RMSProp(lr = 0.1)", optax.rmsprop(0.1, 0.9, 1e-8, eps_in_sqrt=False))
rule("nn.Adam(lr = 0.1)", optax.adam(0.1))
rule("nn.Adam(lr = 0.1, clip = 1)", optax.chain(optax.clip_by_global_norm(1), optax.adam(0.1)))
rule("nn.Adam(lr = nn.linear(t, 0.1, steps = 5))", optax.adam(lambda i: 0.1 * (1 - (jnp.float64(i) + 1) / 5)))
rule("nn.AdamW(lr = 0.1)", optax.adamw(0.1, weight_decay=0.01))
rule("nn.Nadam(lr = 0.1)", optax.nadam(0.1))
rule("nn.Lion(lr = 0.1, decay = 0.1)", optax.lion(0.1, weight_decay=0.1))
rule("nn.Lamb(lr = 0.1, decay = 0.1)", optax.lamb(0.1, weight_decay=0.1))

for name, rows in (("layers", models), ("rules", rules)):
    with open(name + ".json", "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
