"""Test vectors of the module prob by SciPy, and by definition where it lacks one."""
import math
import numpy as np
from scipy import stats, special
from vectors import File

f = File("prob", 1e-11)
x = np.array([-2.5, -0.3, 0.0, 0.7, 4.0])
y = np.array([0.05, 0.3, 1.0, 2.2, 9.0])
q = np.array([0.02, 0.25, 0.5, 0.75, 0.97])
k = np.array([0, 1, 2, 5, 7])
S = np.array([1.5])

f.add("prob.normal(x, 0.5, s)", {"x": x, "s": 1.5}, stats.norm.logpdf(x, 0.5, 1.5))
f.add("prob.normal_cdf(x)", {"x": x}, stats.norm.cdf(x))
f.add("prob.student_t(x, df, m, s)", {"x": x, "df": 3.5, "m": 0.5, "s": 2.0}, stats.t.logpdf(x, 3.5, 0.5, 2))
f.add("prob.cauchy(x, m, s)", {"x": x, "m": 0.5, "s": 2.0}, stats.cauchy.logpdf(x, 0.5, 2))
f.add("prob.laplace(x, m, s)", {"x": x, "m": 0.5, "s": 2.0}, stats.laplace.logpdf(x, 0.5, 2))
f.add("prob.logistic(x, m, s)", {"x": x, "m": 0.5, "s": 2.0}, stats.logistic.logpdf(x, 0.5, 2))
f.add("prob.gumbel(x, m, s)", {"x": x, "m": 0.5, "s": 2.0}, stats.gumbel_r.logpdf(x, 0.5, 2))
f.add("prob.uniform(x, lo, hi)", {"x": x, "lo": -1.0, "hi": 2.0}, stats.uniform.logpdf(x, -1, 3), fixed=["x", "lo", "hi"])
f.add("prob.half_normal(y, s)", {"y": y, "s": 1.5}, stats.halfnorm.logpdf(y, 0, 1.5))
f.add("prob.half_normal(x)", {"x": x}, stats.halfnorm.logpdf(x), fixed=["x"])
f.add("prob.half_cauchy(y, s)", {"y": y, "s": 1.5}, stats.halfcauchy.logpdf(y, 0, 1.5))
f.add("prob.lognormal(y, m, s)", {"y": y, "m": 0.5, "s": 1.5}, stats.lognorm.logpdf(y, 1.5, 0, math.exp(0.5)))
f.add("prob.lognormal(x)", {"x": x}, stats.lognorm.logpdf(x, 1), fixed=["x"])
f.add("prob.exponential(y, r)", {"y": y, "r": 1.5}, stats.expon.logpdf(y, 0, 1 / 1.5))
f.add("prob.gamma(y, a, r)", {"y": y, "a": 2.5, "r": 1.5}, stats.gamma.logpdf(y, 2.5, 0, 1 / 1.5))
f.add("prob.gamma(y, a, r)", {"y": y, "a": 1.0, "r": 1.5}, stats.gamma.logpdf(y, 1, 0, 1 / 1.5))  # a - 1 = 0 keeps its derivative
f.add("prob.gamma(0, 1, r)", {"r": 1.5}, math.log(1.5))
f.add("prob.inv_gamma(y, a, s)", {"y": y, "a": 2.5, "s": 1.5}, stats.invgamma.logpdf(y, 2.5, 0, 1.5), step=1e-5)
f.add("prob.chi2(y, df)", {"y": y, "df": 3.0}, stats.chi2.logpdf(y, 3))
f.add("prob.weibull(y, a, s)", {"y": y, "a": 2.5, "s": 1.5}, stats.weibull_min.logpdf(y, 2.5, 0, 1.5), step=1e-4)
f.add("prob.pareto(y, a, m)", {"y": y + 1, "a": 2.5, "m": 0.9}, stats.pareto.logpdf(y + 1, 2.5, 0, 0.9))
f.add("prob.beta(q, a, b)", {"q": q, "a": 1.0, "b": 2.5}, stats.beta.logpdf(q, 1, 2.5))
f.add("prob.beta(x, 2, 3)", {"x": x}, stats.beta.logpdf(x, 2, 3), fixed=["x"])

f.add("prob.bernoulli(k, p)", {"k": np.array([0, 1, 1]), "p": np.array([0.2, 0.2, 0.9])}, stats.bernoulli.logpmf([0, 1, 1], [0.2, 0.2, 0.9]))
f.add("prob.bernoulli(k, p)", {"k": np.array([0, 1, 1]), "p": np.array([0.0, 1.0, 0.0])}, [0, 0, -math.inf], fixed=["p"])
f.add("prob.bernoulli_logit(k, u)", {"k": np.array([0, 1, 1]), "u": np.array([-40.0, 0.3, 2.0])},
      [math.log1p(-special.expit(-40)), special.log_expit(0.3), special.log_expit(2)])
f.add("prob.binomial(k, 7, p)", {"k": k, "p": 0.3}, stats.binom.logpmf(k, 7, 0.3))
f.add("prob.binomial_logit(k, 7, u)", {"k": k, "u": 0.3}, stats.binom.logpmf(k, 7, special.expit(0.3)))
f.add("prob.geometric(k, p)", {"k": k, "p": 0.3}, stats.geom.logpmf(k + 1, 0.3))
f.add("prob.poisson(k, r)", {"k": k, "r": y}, stats.poisson.logpmf(k, y))
f.add("prob.poisson(k, r)", {"k": k[:1], "r": np.array([0.0])}, [0.0], fixed=["r"])
f.add("prob.poisson_log(k, r)", {"k": k, "r": 0.4}, stats.poisson.logpmf(k, math.exp(0.4)))
f.add("prob.neg_binomial(k, m, n)", {"k": k, "m": 2.5, "n": 1.5}, stats.nbinom.logpmf(k, 1.5, 1.5 / (1.5 + 2.5)))
f.add("prob.categorical(k, u)", {"k": np.array([2, 0]), "u": np.array([[0.1, 0.2, 0.3], [1.0, -1.0, 0.5]])},
      [special.log_softmax([0.1, 0.2, 0.3])[2], special.log_softmax([1, -1, 0.5])[0]])
P = np.array([0.2, 0.5, 0.3])
K = np.array([[1, 2, 3], [0, 4, 1]])
f.add("prob.multinomial(k, p)", {"k": K, "p": P}, [stats.multinomial.logpmf(r, r.sum(), P) for r in K])

a = np.array([0.7, 1.0, 3.5])
D = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
f.add("prob.dirichlet(p, a)", {"p": D, "a": a}, [stats.dirichlet.logpdf(r, a) for r in D])
C = np.array([[2.0, 0.5, 0.1], [0.5, 1.5, -0.3], [0.1, -0.3, 0.8]])
L = np.linalg.cholesky(C)
X = np.array([[0.3, -1.0, 2.0], [0.0, 0.4, 0.5]])
m = np.array([0.5, 0.1, -0.2])
N = stats.multivariate_normal(m, C).logpdf(X)
f.add("prob.mvnormal(x, m, C)", {"x": X, "m": m, "C": C}, N, fixed=["C"])
f.add("prob.mvnormal(x[0], m, C)", {"x": X, "m": m, "C": C}, N[0], fixed=["C"])
f.add("prob.mvnormal_cholesky(x, m, L)", {"x": X, "m": m, "L": L}, N)
f.add("array(i: prob.mvnormal_cholesky(x[i], m, L))", {"x": X, "m": m, "L": L}, N)
f.add("prob.mvnormal_precision(x, m, P)", {"x": X, "m": m, "P": np.linalg.inv(C)}, N, fixed=["P"])
f.add("prob.mvstudent_t(x, df, m, L)", {"x": X, "df": 4.5, "m": m, "L": L}, stats.multivariate_t(m, C, 4.5).logpdf(X))
V = np.array([[1.0, 0.2, 0.0], [0.2, 2.0, 0.4], [0.0, 0.4, 1.2]])
f.add("prob.wishart(L, df, C)", {"L": L, "df": 5.5, "C": np.linalg.cholesky(V)}, stats.wishart(5.5, V).logpdf(C))


def lkj(R, eta):
    """Equations 16 and 17 of Lewandowski, Kurowicka, Joe, on the factor: det(R) has
    the Jacobian of R by the factor's entries below the diagonal, prod L[i,i]^(d-1-i)."""
    d = len(R)
    c = sum((2 * eta - 2 + d - j) * (d - j) for j in range(1, d)) * math.log(2)
    c += sum((d - j) * special.betaln(eta + (d - j - 1) / 2, eta + (d - j - 1) / 2) for j in range(1, d))
    T = np.linalg.cholesky(R)
    return (eta - 1) * np.linalg.slogdet(R)[1] - c + sum((d - 1 - i) * math.log(T[i, i]) for i in range(d))


s = np.sqrt(np.diag(C))
R = C / np.outer(s, s)
f.add("prob.lkj_cholesky(L, eta)", {"L": np.linalg.cholesky(R), "eta": 2.5}, lkj(R, 2.5))
f.add("prob.kl_normal(m, s, n, t)", {"m": 0.3, "s": 0.5, "n": -0.2, "t": 1.5},
      math.log(3) + (0.25 + 0.25) / (2 * 2.25) - 0.5)
lp, lq = special.log_softmax(X, 1), special.log_softmax(X[::-1], 1)
f.add("prob.kl_categorical(p, q)", {"p": X, "q": X[::-1]}, (np.exp(lp) * (lp - lq)).sum(1))
f.add("prob.entropy(p)", {"p": X}, [stats.entropy(r) for r in np.exp(lp)])

# Transforms: the log determinant by differences of the values.


def jacobian(fn, u):
    h = 1e-30  # complex step: exact to rounding
    cols = []
    for i in range(len(u)):
        e = u.astype(complex)
        e[i] += 1j * h
        cols.append(fn(e).imag / h)
    return np.linalg.slogdet(np.array(cols))[1]


def stick(u):
    out, left, n = [], 1, len(u)
    for i, v in enumerate(u):
        z = 1 / (1 + np.exp(-(v - math.log(n - i))))
        out.append(left * z)
        left = left * (1 - z)
    return np.array(out + [left])


def cov(n, u):
    T, at = np.zeros((n, n), u.dtype), 0
    for i in range(n):
        T[i, :i + 1] = u[at:at + i + 1]
        T[i, i], at = np.exp(T[i, i]), at + i + 1
    return T


def corr(n, u):
    T, at = np.eye(n, dtype=u.dtype), 0
    for i in range(1, n):
        left = 1
        for j in range(i):
            z = np.tanh(u[at])
            T[i, j], left, at = z * np.sqrt(left), left * (1 - z * z), at + 1
        T[i, i] = np.sqrt(left)
    return T


u = np.array([0.3, -1.2, 2.0])
low = np.tril_indices(3, -1)
f.add("prob.positive(u)", {"u": u}, np.exp(u), u)
f.add("prob.above(u, 2)", {"u": u}, 2 + np.exp(u), u)
E = special.expit(u)
f.add("prob.between(u, -1, 3)", {"u": u}, -1 + 4 * E, np.log(4 * E * (1 - E)))
f.add("prob.ordered(u)", {"u": u}, np.cumsum([u[0], math.exp(u[1]), math.exp(u[2])]), u[1] + u[2])
f.add("prob.simplex(u)", {"u": u}, stick(u), jacobian(lambda v: stick(v)[:-1], u))
f.add("prob.simplex(u)", {"u": np.zeros((2, 3))}, np.full((2, 4), 0.25), [jacobian(lambda v: stick(v)[:-1], 0 * u)] * 2)
w = np.array([0.1, -0.4, 0.3, 0.8, -0.5, 0.2])
f.add("prob.cholesky_cov(3, u)", {"u": w}, cov(3, w), jacobian(lambda v: cov(3, v)[np.tril_indices(3)], w))
f.add("prob.cholesky_corr(3, u)", {"u": u}, corr(3, u), jacobian(lambda v: corr(3, v)[low], u))
f.add("prob.cholesky_corr(4, u)", {"u": w}, corr(4, w), jacobian(lambda v: corr(4, v)[np.tril_indices(4, -1)], w))


def covariance(v):
    T = np.zeros((3, 3), complex)
    T[np.tril_indices(3)] = v
    return (T @ T.T)[np.tril_indices(3)]


f.add("prob.jacobian_cov(L)", {"L": L}, jacobian(covariance, L[np.tril_indices(3)]))
f.write()
