"""Test vectors of the module opt: minima known exactly or found by SciPy, and
derivatives by the implicit function theorem."""
import numpy as np
from scipy.optimize import least_squares
from vectors import File

f = File("opt", 1e-8)
x = np.array([-1.2, 1.0])
rosenbrock = "func f(x) = (a - x[0])^2 + 100 * (x[1] - x[0]^2)^2"
residuals = "func r(x) = [a - x[0], 10 * (x[1] - x[0]^2)]"
best = np.array([1.5, 2.25])  # [a, a^2], whose derivative by a is [1, 2a]
f.add("{ %s\n z = opt.newton(f, x)\n return z, jacobian(z, a) }" % rosenbrock, {"x": x, "a": 1.5}, best, [1, 3], fixed=["x", "a"])
f.add("{ %s\n z = opt.gauss_newton(r, x)\n return z, jacobian(z, a) }" % residuals, {"x": x, "a": 1.5}, best, [1, 3], fixed=["x", "a"])
f.add("{ %s\n z = opt.levenberg_marquardt(r, x)\n return z, jacobian(z, a) }" % residuals, {"x": x, "a": 1.5}, best, [1, 3], fixed=["x", "a"])
f.add("{ %s\n z = opt.root(r, x)\n return z, jacobian(z, a) }" % residuals, {"x": x, "a": 1.5}, best, [1, 3], fixed=["x", "a"])
f.add("{ %s\n return opt.lbfgs(f, x) }" % rosenbrock, {"x": x, "a": 1.5}, best, fixed=["x", "a"], tol=1e-7)
f.add("{ %s\n z = opt.settled(f, opt.lbfgs(f, x))\n return z, jacobian(z, a) }" % rosenbrock, {"x": x, "a": 1.5}, best, [1, 3], fixed=["x", "a"])
n = np.tile([-1.2, 1.0], 5)
f.add("{ func f(x) = sum(i in 5: (1 - x[2*i])^2 + 100 * (x[2*i+1] - x[2*i]^2)^2)\n return opt.lbfgs(f, x, memory = 5) }",
      {"x": n}, np.ones(10), fixed=["x"], tol=1e-7)
f.add("{ %s\n return opt.gradient_descent(f, x, 0.001, 3) }" % rosenbrock, {"x": x, "a": 1.5},
      # three steps by hand: g = [2 (x - a) - 400 x (y - x^2), 200 (y - x^2)]
      (lambda z: [z := z - 0.001 * np.array([2 * (z[0] - 1.5) - 400 * z[0] * (z[1] - z[0]**2), 200 * (z[1] - z[0]**2)]) for _ in range(3)][-1])(x), tol=1e-12)

# A fit with residuals left over: y = p0 exp(p1 t), derivatives by the data
# checked by differences.
t = np.linspace(0, 2, 8)
y = 2 * np.exp(-0.7 * t) + 0.1 * np.sin(9 * t)
fit = least_squares(lambda p: p[0] * np.exp(p[1] * t) - y, [1, 0], xtol=1e-15, ftol=1e-15, gtol=1e-15).x
for name in "gauss_newton", "levenberg_marquardt":
    f.add("{ func r(p) = p[0] * exp(p[1] * t) - y\n return opt.%s(r, [1, 0]) }" % name, {"t": t, "y": y}, fit)
# A start from which undamped steps go astray.
f.add("{ func r(p) = p[0] * exp(p[1] * t) - y\n return opt.levenberg_marquardt(r, [10, -3]) }", {"t": t, "y": y}, fit)
A = np.array([[4.0, 1.0, 0.2], [1.0, 3.0, 0.5], [0.2, 0.5, 2.0]])
b = np.array([1.0, -2.0, 0.5])
f.add("{ func M(v) = (A + A') @ v\n return opt.conjugate_gradient(M, b) }", {"A": A, "b": b}, np.linalg.solve(2 * A, b))
f.write()
