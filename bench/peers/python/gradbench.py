"""Gradients of GradBench's functions by JAX or PyTorch, in 64 bits. usage: gradbench.py jax|torch EVAL DIR"""
import json
import os
import sys

import numpy as np

import child


def digest(g):
    g = np.concatenate([np.asarray(v, dtype=np.float64).ravel() for v in g])
    return [g[0], np.abs(g).sum(), (g * g).sum()]


def triangle(d):
    """The rows and columns below the diagonal, column by column."""
    at = [(r, c) for c in range(d) for r in range(c + 1, d)]
    return np.array([r for r, _ in at]), np.array([c for _, c in at])


def by_jax(name, x):
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax import lax
    a = {k: jnp.asarray(np.asarray(v, dtype=np.float64)) for k, v in x.items() if isinstance(v, (list, float))}

    def llsq():
        n = x["n"]
        t = -1 + 2 * jnp.arange(n) / (n - 1)
        f = lambda c: 0.5 * jnp.sum((jnp.sign(t) - jnp.polyval(c[::-1], t)) ** 2)
        return jax.grad(f), (a["x"],)

    def lse():
        def f(v):
            m = v.max()
            return m + jnp.log(jnp.exp(v - m).sum())
        return jax.grad(f), (a["x"],)

    def ode():
        steps = x["s"]

        def f(p):
            rhs = lambda y: p * jnp.concatenate([jnp.ones(1), y[:-1]])
            h = 2 / steps

            def step(y, _):
                k1 = rhs(y)
                k2 = rhs(y + h * k1 / 2)
                k3 = rhs(y + h * k2 / 2)
                k4 = rhs(y + h * k3)
                return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6, None
            return lax.scan(step, jnp.zeros_like(p), None, steps)[0][-1]
        return jax.grad(f), (a["x"],)

    def gmm():
        n, d, k, gamma, m = x["n"], x["d"], x["k"], x["gamma"], x["m"]
        row, col = triangle(d)

        def f(alpha, l, mu, q):
            Q = jnp.zeros((k, d, d)).at[:, row, col].set(l) + jnp.exp(q)[:, :, None] * jnp.eye(d)
            e = jnp.einsum("krc,ikc->ikr", Q, a["x"][:, None] - mu)
            beta = alpha - 0.5 * (e ** 2).sum(-1) + q.sum(-1)
            total = jax.nn.logsumexp(beta, axis=1).sum() - n * jax.nn.logsumexp(alpha)
            return total - 0.5 * gamma ** 2 * ((jnp.exp(q) ** 2).sum() + (l ** 2).sum()) + m * q.sum()
        return jax.grad(f, (0, 1, 2, 3)), (a["alpha"], a["l"], a["mu"], a["q"])

    def kmeans():
        def cost(c, p):
            return ((p ** 2).sum(1)[:, None] + (c ** 2).sum(1) - 2 * p @ c.T).min(1).sum()

        def direction(c, p):
            g, h = jax.jvp(lambda c: jax.grad(cost)(c, p), (c,), (jnp.ones_like(c),))
            return g / h
        return direction, (a["centroids"], a["points"])

    def ba():
        p, n, m = x["p"], x["n"], x["m"]

        def miss(cam, point, w, feature):
            r, v = cam[:3], point - cam[3:6]
            angle = jnp.sqrt(r @ r)
            u = r / angle
            y = v * jnp.cos(angle) + jnp.cross(u, v) * jnp.sin(angle) + u * (u @ v) * (1 - jnp.cos(angle))
            s = y[:2] / y[2]
            rr = s @ s
            return w * (s * (1 + cam[9] * rr + cam[10] * rr ** 2) * cam[6] + cam[7:9] - feature)

        def f(cams, points, w, features, cam, point):
            j = jax.vmap(jax.jacfwd(miss, (0, 1, 2)))(cams[cam], points[point], w, features)
            block = jnp.concatenate([j[0], j[1], j[2][..., None]], -1).ravel()
            base = 11 * n + 3 * m + jnp.arange(p)
            of = jnp.concatenate([11 * cam[:, None] + jnp.arange(11), 11 * n + 3 * point[:, None] + jnp.arange(3), base[:, None]], -1)
            rows = jnp.concatenate([15 * jnp.arange(2 * p), 30 * p + jnp.arange(p + 1)])
            return rows, jnp.concatenate([jnp.repeat(of, 2, 0).ravel(), base]), jnp.concatenate([block, -2 * w])
        at = np.arange(p)
        args = (jnp.tile(a["cam"], (n, 1)), jnp.tile(a["x"], (m, 1)), jnp.full(p, x["w"]), jnp.tile(a["feat"], (p, 1)),
                jnp.asarray(at % n), jnp.asarray(at % m))
        return f, args, lambda r: [r[2][:30], r[2][-1:]]

    def lstm():
        layers, b = len(x["main_params"]) // 2, len(x["extra_params"][0])
        seq, start = a["sequence"], a["state"]

        def f(params, extra):
            W, B = params[0::2].reshape(layers, 4, b), params[1::2].reshape(layers, 4, b)

            def step(carry, now):
                (h, c), total = carry
                u = now[0] * extra[0]
                hs, cs = [], []
                for i in range(layers):
                    forget, out = jax.nn.sigmoid(u * W[i, 0] + B[i, 0]), jax.nn.sigmoid(u * W[i, 2] + B[i, 2])
                    ingate, change = jax.nn.sigmoid(h[i] * W[i, 1] + B[i, 1]), jnp.tanh(h[i] * W[i, 3] + B[i, 3])
                    cell = c[i] * forget + ingate * change
                    u = out * jnp.tanh(cell)
                    hs.append(u)
                    cs.append(cell)
                y = u * extra[1] + extra[2]
                total = total + (now[1] * (y - jnp.log(2 + jnp.exp(y).sum()))).sum()
                return ((jnp.stack(hs), jnp.stack(cs)), total), None
            begin = ((start[0::2], start[1::2]), 0.0)
            total = lax.scan(step, begin, (seq[:-1], seq[1:]))[0][1]
            return -total / ((len(seq) - 1) * b)
        return jax.grad(f, (0, 1)), (a["main_params"], a["extra_params"])

    def ht():
        model, n = x["data"]["model"], len(x["data"]["points"])
        num = lambda v: jnp.asarray(np.asarray(v, dtype=np.float64))
        relatives, inverses, weights = num(model["base_relatives"]), num(model["inverse_base_absolutes"]), num(model["weights"])
        places, points = num(model["base_positions"]), num(x["data"]["points"])
        own = jnp.asarray(np.asarray(model["triangles"])[np.asarray(x["data"]["correspondences"])])

        def rotation(axis):
            angle = jnp.sqrt(axis @ axis)
            u = axis / angle
            K = jnp.array([[0, -u[2], u[1]], [u[2], 0, -u[0]], [-u[1], u[0], 0]])
            return jnp.eye(3) + jnp.sin(angle) * K + (1 - jnp.cos(angle)) * (K @ K)

        def bend(ax, az):
            sx, cx, sz, cz = jnp.sin(ax), jnp.cos(ax), jnp.sin(az), jnp.cos(az)
            X = jnp.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
            Z = jnp.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
            return jnp.zeros((4, 4)).at[:3, :3].set(Z @ X).at[3, 3].set(1)

        def miss(theta, u, parents=tuple(model["parents"])):
            absolute = []
            for bone, parent in enumerate(parents):
                finger, joint = divmod(bone - 1, 4)
                ax = az = jnp.zeros(())
                if bone and joint:
                    ax = theta[6 + 4 * finger + (joint if joint > 1 else 0)]
                    az = theta[7 + 4 * finger] if joint == 1 else az
                local = relatives[bone] @ bend(ax, az)
                absolute.append(local if parent < 0 else absolute[parent] @ local)
            T = jnp.stack(absolute) @ inverses
            v = jnp.einsum("vbi,vb->vi", jnp.einsum("bij,vj->vbi", T[:, :3], places), weights)
            v = v @ rotation(theta[:3]).T + theta[3:6]
            corner = v[own]
            return points - (u[:, :1] * corner[:, 0] + u[:, 1:] * corner[:, 1] + (1 - u.sum(1, keepdims=True)) * corner[:, 2])

        def f(theta, u):
            by_theta = jax.jacfwd(miss)(theta, u)
            one = jnp.ones(n)
            by_u = [jax.jvp(lambda u: miss(theta, u), (u,), (jnp.stack([one, 0 * one] if k == 0 else [0 * one, one], 1),))[1] for k in range(2)]
            return jnp.concatenate([jnp.stack(by_u, -1), by_theta], -1)
        return f, (a["theta"], a["us"])

    f, args, *pick = locals()[name]()
    f = jax.jit(f)
    first = f(*args)
    pick = pick[0] if pick else lambda r: r if isinstance(r, tuple) else [r]
    child.serve(jax.__version__, digest(pick(first)), lambda: jax.block_until_ready(f(*args)))


def by_torch(name, x):
    import torch
    torch.set_num_threads(1)
    a = {k: torch.tensor(v, dtype=torch.float64) for k, v in x.items() if isinstance(v, (list, float))}

    def gradient(f, *args):
        args = [v.clone().requires_grad_() for v in args]
        return lambda: torch.autograd.grad(f(*args), args)

    def llsq():
        n = x["n"]
        t = -1 + 2 * torch.arange(n, dtype=torch.float64) / (n - 1)
        j = torch.arange(len(x["x"]), dtype=torch.float64)
        return gradient(lambda c: 0.5 * ((torch.sign(t) - (t[:, None] ** j) @ c) ** 2).sum(), a["x"])

    def lse():
        def f(v):
            m = v.max()
            return m + (v - m).exp().sum().log()
        return gradient(f, a["x"])

    def ode():
        steps = x["s"]

        def f(p):
            one = torch.ones(1, dtype=torch.float64)
            rhs = lambda y: p * torch.cat([one, y[:-1]])
            h, y = 2 / steps, torch.zeros_like(p)
            for _ in range(steps):
                k1 = rhs(y)
                k2 = rhs(y + h * k1 / 2)
                k3 = rhs(y + h * k2 / 2)
                k4 = rhs(y + h * k3)
                y = y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6
            return y[-1]
        return gradient(f, a["x"])

    def gmm():
        n, d, k, gamma, m = x["n"], x["d"], x["k"], x["gamma"], x["m"]
        row, col = (torch.from_numpy(v) for v in triangle(d))

        def f(alpha, l, mu, q):
            Q = torch.zeros(k, d, d, dtype=torch.float64).index_put((torch.arange(k)[:, None], row, col), l) + torch.diag_embed(q.exp())
            e = torch.einsum("krc,kic->kir", Q, a["x"] - mu[:, None])
            beta = (alpha + q.sum(-1))[:, None] - 0.5 * (e ** 2).sum(-1)
            total = beta.logsumexp(0).sum() - n * alpha.logsumexp(0)
            return total - 0.5 * gamma ** 2 * ((q.exp() ** 2).sum() + (l ** 2).sum()) + m * q.sum()
        return gradient(f, a["alpha"], a["l"], a["mu"], a["q"])

    def kmeans():
        def cost(c):
            p = a["points"]
            return ((p ** 2).sum(1)[:, None] + (c ** 2).sum(1) - 2 * p @ c.T).min(1).values.sum()

        def direction():
            c = a["centroids"].clone().requires_grad_()
            g = torch.autograd.grad(cost(c), c, create_graph=True)[0]
            return [(g / torch.autograd.grad(g.sum(), c)[0]).detach()]
        return direction

    makers = {"llsq": llsq, "lse": lse, "ode": ode, "gmm": gmm, "kmeans": kmeans}
    call = makers[name]()
    child.serve(torch.__version__, digest(call()), call)


tool, name, folder = sys.argv[1:]
with open(os.path.join(folder, name + ".json")) as file:
    {"jax": by_jax, "torch": by_torch}[tool](name, json.load(file)["input"])
