"""Test vectors of the module ode by exact solutions, by the methods' definition
in exact tableaux, and by SciPy's integrators."""
import math
import numpy as np
from scipy.integrate import RK45, solve_ivp
from vectors import File

f = File("ode", 1e-12)


def march(step, g, y, a, b, n):
    h, out = (b - a) / n, []
    for i in range(n):
        y = step(g, a + i * h, y, h)
        out.append(y)
    return np.array(out)


def tableau(A, B, C):
    def step(g, t, y, h):
        k = []
        for row, c in zip(A, C):
            k.append(g(t + c * h, y + h * sum(a * v for a, v in zip(row, k))))
        return y + h * sum(b * v for b, v in zip(B, k))
    return step


methods = {
    "euler": tableau([[]], [1], [0]),
    "heun": tableau([[], [1]], [0.5, 0.5], [0, 1]),
    "rk4": tableau([[], [0.5], [0, 0.5], [0, 0, 1]], [1 / 6, 1 / 3, 1 / 3, 1 / 6], [0, 0.5, 0.5, 1]),
    "dopri5": tableau(RK45.A, RK45.B, RK45.C),
}
lotka = lambda t, y: np.array([1.1 * y[0] - 0.4 * y[0] * y[1], 0.1 * y[0] * y[1] - 0.4 * y[1] + 0.01 * t])
rhs = "func f(t, y) = [a * y[0] - 0.4 * y[0] * y[1], 0.1 * y[0] * y[1] - 0.4 * y[1] + 0.01 * t]"
y0 = np.array([10.0, 5.0])
for name, step in methods.items():
    out = march(step, lotka, y0, 0.5, 2.5, 10)
    f.add("{ %s\n return ode.path(ode.%s_step, f, y, 0.5, b, 10) }" % (rhs, name), {"y": y0, "a": 1.1, "b": 2.5}, out)
    if name != "heun":
        f.add("{ %s\n return ode.%s(f, y, 0.5, b, 10) }" % (rhs, name), {"y": y0, "a": 1.1, "b": 2.5}, out[-1])
        # Methods of order p: an error of h^p.
        tol = {"euler": 0.2, "rk4": 2e-5, "dopri5": 1e-6}[name]
        f.add("{ func f(t, y) = -y\n return ode.%s(f, y, 0, b, 10) }" % name, {"y": 3.0, "b": 2.0}, 3 * math.exp(-2), tol=tol)
exact = solve_ivp(lotka, (0.5, 2.5), y0, "DOP853", rtol=1e-13, atol=1e-13).y[:, -1]
f.add("{ %s\n return ode.adaptive(f, y, 0.5, b) }" % rhs, {"y": y0, "a": 1.1, "b": 2.5}, exact, tol=1e-5, fixed=["y", "a", "b"])
f.add("{ %s\n return ode.adaptive(f, y, b, 0.5, rtol = 1e-11) }" % rhs, {"y": exact, "a": 1.1, "b": 2.5}, y0, tol=1e-8)
f.add("{ func f(t, y) = a * y\n z = ode.adaptive(f, y, 0, b, rtol = 1e-10)\n return z, grad(z, a), grad(z, y), grad(z, b) }",
      {"y": 3.0, "a": -0.5, "b": 2.0}, 3 / math.e, 6 / math.e, 1 / math.e, -1.5 / math.e, tol=1e-8, fixed=["y", "a", "b"])
# A stiffening problem whose steps have to change by orders of magnitude.
f.add("{ func f(t, y) = y^2\n return ode.adaptive(f, y, 0, 0.999, rtol = 1e-10) }", {"y": 1.0}, 1000.0, tol=1e-5, fixed=["y"])
f.write()
