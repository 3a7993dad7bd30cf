"""JAX. usage: jax_peer.py train|predict|compile MODEL THREADS DIR (for compile, MODEL is the number of layers of a GPT)"""
import sys

import jax
import jax.numpy as jnp
from jax import lax

import child
from child import B1, B2, EPS, HEADS, LAYERS, LR, WIDTH

relu = jax.nn.relu


def pool(h):
    return lax.reduce_window(h, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def conv(h, k, c, pad):
    return lax.conv_general_dilated(h, k, (1, 1), [(pad, pad)] * 2, dimension_numbers=("NCHW", "OIHW", "NCHW")) + c[:, None, None]


def norm(h, g, b):
    m = h.mean(-1, keepdims=True)
    v = ((h - m) ** 2).mean(-1, keepdims=True)
    return (h - m) * lax.rsqrt(v + 1e-5) * g + b


def mlp(p, x):
    return relu(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]


def lenet(p, x):
    h = pool(relu(conv(x, p["k1"], p["c1"], 2)))
    h = pool(relu(conv(h, p["k2"], p["c2"], 0))).reshape(x.shape[0], -1)
    return relu(relu(h @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]) @ p["w3"] + p["b3"]


def gpt(layers):
    def forward(p, x):
        n, t = x.shape
        mask = jnp.tril(jnp.ones((t, t), bool))
        # With rows in one axis: the gradient of [n, t, width] is far slower on the CPU.
        h = (p["tok"][x] + p["pos"][:t]).reshape(n * t, WIDTH)
        for i in range(layers):
            w = {name.split(".")[1]: v for name, v in p.items() if name.startswith(f"l{i}.")}
            qkv = jnp.split(norm(h, w["g1"], w["b1"]) @ w["wqkv"] + w["bqkv"], 3, -1)
            q, k, v = (a.reshape(n, t, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3) for a in qkv)
            s = jnp.where(mask, q @ k.swapaxes(-1, -2) * (WIDTH // HEADS) ** -0.5, -jnp.inf)
            h = h + (jax.nn.softmax(s) @ v).transpose(0, 2, 1, 3).reshape(n * t, WIDTH) @ w["wo"] + w["bo"]
            up = jax.nn.gelu(norm(h, w["g2"], w["b2"]) @ w["w1"] + w["c1"], approximate=True)
            h = h + up @ w["w2"] + w["c2"]
        return (norm(h, p["gf"], p["bf"]) @ p["head"]).reshape(n, t, -1)
    return forward


def lstm(p, x):
    steps = (x @ p["wx"] + p["b"]).swapaxes(0, 1)  # the products of all inputs at once

    def cell(hc, z):
        h, c = hc
        i, f, g, o = jnp.split(z + h @ p["wh"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None
    zero = jnp.zeros((x.shape[0], 128))
    return lax.scan(cell, (zero, zero), steps)[0][0] @ p["w"] + p["c"]


def trainer(forward):
    def loss(p, x, y):
        return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, x)), y[..., None], -1).mean()

    def step(state, x, y):
        p, m, v, t = state
        l, g = jax.value_and_grad(loss)(p, x, y)
        t = t + 1
        m = jax.tree.map(lambda m, g: B1 * m + (1 - B1) * g, m, g)
        v = jax.tree.map(lambda v, g: B2 * v + (1 - B2) * g * g, v, g)
        a, b = 1 - B1 ** t, 1 - B2 ** t
        p = jax.tree.map(lambda p, m, v: p - LR / a * m / (jnp.sqrt(v / b) + EPS), p, m, v)
        return (p, m, v, t), l
    return jax.jit(step, donate_argnums=0)


def start(p):
    p = jax.tree.map(jnp.asarray, p)
    return p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.float32(0)


def train(forward, p, x, y):
    f, state, x, y = trainer(forward), start(p), jnp.asarray(x), jnp.asarray(y)

    def step():
        nonlocal state
        state, l = f(state, x, y)
        return l
    child.serve(jax.__version__, [step() for _ in range(5)], step, jax.block_until_ready)


def predict(forward, p, x, _):
    p, x = jax.tree.map(jnp.asarray, p), jnp.asarray(x[:1])
    f = jax.jit(forward)
    child.serve(jax.__version__, f(p, x).ravel()[:5], lambda: f(p, x).block_until_ready())


def compile_(layers):
    p, x, y = child.deep(layers)
    state, x, y = start(p), jnp.asarray(x), jnp.asarray(y)

    def once():
        jax.clear_caches()
        trainer(gpt(layers)).trace(state, x, y).lower().compile()
    jax.jit(lambda x: x + 1)(1.0)  # starts the backend
    child.serve(jax.__version__, [], once)


kind, model, _, folder = sys.argv[1:]
if kind == "compile":
    compile_(int(model))
else:
    forward = {"mlp": mlp, "lenet": lenet, "gpt": gpt(LAYERS), "lstm": lstm}[model]
    {"train": train, "predict": predict}[kind](forward, *child.load(model, folder))
