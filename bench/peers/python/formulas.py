"""Writes the C or C++ of the three formulas of native/formulas.h with derivatives by a tool. usage: formulas.py casadi|symforce DIR"""
import os
import sys

LINKS = [  # along x and z, cosine and sine of the bend
    (0.0, 0.333, 1, 0), (0.0, 0.0, 0, -1), (0.0, 0.316, 0, 1), (0.0825, 0.0, 0, 1), (-0.0825, 0.384, 0, -1), (0.0, 0.0, 0, 1), (0.088, 0.0, 0, 1)]
TOOL_X, TOOL_Z = 0.05, 0.107
SIZES = {"arm": (7, 7, 24), "camera": (17, 15, 32), "option": (5, 5, 6)}  # inputs, those that derivatives are by, outputs


def arm(m, q):
    x, y, z, o = [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]
    for angle, (a, d, ca, sa) in zip(q, LINKS):
        s, c = m.sin(angle), m.cos(angle)
        y, z = [ca * b + sa * e for b, e in zip(y, z)], [ca * e - sa * b for b, e in zip(y, z)]
        o = [ok + a * xk + d * zk for ok, xk, zk in zip(o, x, z)]
        x, y = [c * b + s * e for b, e in zip(x, y)], [c * e - s * b for b, e in zip(x, y)]
    return [o[k] + TOOL_Z * z[k] + TOOL_X * x[k] for k in range(3)]


def camera(m, v):
    r, place, (f, u0, v0, k1, k2), point, weight, feature = v[0:3], v[3:6], v[6:11], v[11:14], v[14], v[15:17]
    p = [point[i] - place[i] for i in range(3)]
    angle = m.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    s, c = m.sin(angle), m.cos(angle)
    w = [ri / angle for ri in r]
    x = [w[1] * p[2] - w[2] * p[1], w[2] * p[0] - w[0] * p[2], w[0] * p[1] - w[1] * p[0]]
    t = (w[0] * p[0] + w[1] * p[1] + w[2] * p[2]) * (1 - c)
    y = [p[i] * c + x[i] * s + w[i] * t for i in range(3)]
    a, b = y[0] / y[2], y[1] / y[2]
    rr = a * a + b * b
    bend = 1 + k1 * rr + k2 * rr * rr
    return [weight * (a * bend * f + u0 - feature[0]), weight * (b * bend * f + v0 - feature[1])]


def price(m, v):
    S, K, r, sigma, T = v
    st = sigma * m.sqrt(T)
    d1 = (m.log(S / K) + (r + sigma * sigma / 2) * T) / st
    normal = lambda d: (1 + m.erf(d / m.sqrt(2))) / 2
    return S * normal(d1) - K * m.exp(-r * T) * normal(d1 - st)


def casadi(folder):
    import casadi as m
    gen = m.CodeGenerator("casadi.c", {"with_header": False})
    tail = '#include "formulas.h"\n'
    for name, (n, by, _) in SIZES.items():
        v = m.SX.sym("v", n)
        parts = m.vertsplit(v)
        if name == "option":
            p = price(m, parts)
            g = m.gradient(p, v)
            out = m.vertcat(p, g[0], m.jacobian(g[0], parts[0]), g[3], -g[4], g[2])
        else:
            e = m.vertcat(*{"arm": arm, "camera": camera}[name](m, parts))
            out = m.vertcat(e, m.densify(m.vec(m.jacobian(e, v)[:, :by].T)))
        gen.add(m.Function(name + "_casadi", [v], [m.densify(m.cse(out))]))
        tail += (f"void {name}(const double *v, double *out) {{\n  const double *arg[] = {{v}};\n  double *res[] = {{out}};\n"
                 f"  {name}_casadi(arg, res, 0, 0, 0);\n}}\n")
    gen.generate(folder + "/")
    with open(os.path.join(folder, "casadi.c"), "a") as out:
        out.write(tail)


def symforce(folder):
    import symforce
    symforce.set_epsilon_to_number(0.0)
    import symforce.symbolic as m
    from symforce import codegen
    source = '#include "formulas.h"\n'
    for name, (n, by, outputs) in SIZES.items():
        vector = type(m.Matrix.zeros(n, 1))

        def func(v: vector) -> m.Matrix:
            v = [v[i] for i in range(n)]
            if name == "option":
                p = price(m, v)
                return m.Matrix([p, p.diff(v[0]), p.diff(v[0]).diff(v[0]), p.diff(v[3]), -p.diff(v[4]), p.diff(v[2])])
            e = {"arm": arm, "camera": camera}[name](m, v)
            return m.Matrix(e + [m.S(ei).diff(vj) for ei in e for vj in v[:by]])
        gen = codegen.Codegen.function(func, config=codegen.CppConfig(), name=name + "_of", output_names=["out"], return_key="out")
        gen.generate_function(output_dir=os.path.join(folder, "symforce"), skip_directory_nesting=True)
        source += (f'#include "symforce/{name}_of.h"\nvoid {name}(const double *v, double *out) {{\n'
                   f"  Eigen::Map<Eigen::Matrix<double, {outputs}, 1>> o(out);\n"
                   f"  o = sym::{name.capitalize()}Of<double>(Eigen::Map<const Eigen::Matrix<double, {n}, 1>>(v));\n}}\n")
    with open(os.path.join(folder, "symforce.cc"), "w") as out:
        out.write(source)


{"casadi": casadi, "symforce": symforce}[sys.argv[1]](sys.argv[2])
