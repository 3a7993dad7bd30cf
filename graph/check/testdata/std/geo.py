"""Test vectors of the module geo by SciPy's rotations, its matrix exponential and
logarithm, OpenCV's cameras, and mpmath for derivatives at the rotation by 0."""
import cv2
import mpmath
import numpy as np
from scipy.linalg import expm, logm
from scipy.spatial.transform import Rotation
from vectors import File

f = File("geo", 1e-12)
w = np.array([0.3, -0.5, 0.8])
x = np.array([1.0, 2.0, -0.5])
R = Rotation.from_rotvec(w).as_matrix()
zero = np.zeros(3)


def quat(r):
    v = np.roll(r.as_quat(), 1)
    return v if v[0] >= 0 else -v


# The functions of the square of the angle, on both sides of where series end.
mpmath.mp.dps = 40
s = np.array([0.0, 1e-20, 1e-8, 0.3, 0.999, 1.001, 2.5, 9.0])


def smooth(fn, at):
    """Value, first and second derivative of a function that is smooth at 0."""
    out = [[float(v) for v in (fn(mpmath.mpf(x)), mpmath.diff(fn, x), mpmath.diff(fn, x, 2))] for x in at]
    return np.array(out).T


def hyp(b):
    """sum of (-s/4)^k/(b)_k/k!: Bessel's way to write the series of sine."""
    return lambda s: mpmath.hyp0f1(b, -s / 4)


second = "{ y = geo.%s(s)\n t = sum(y)\n d = grad(t, s)\n e = sum(d)\n return y, d, grad(e, s) }"
f.add(second % "sinc", {"s": s}, *smooth(hyp(mpmath.mpf(3) / 2), s), fixed=["s"])
f.add(second % "cosc", {"s": s}, *smooth(lambda v: hyp(mpmath.mpf(3) / 2)(v / 4)**2 / 2, s), fixed=["s"])
f.add(second % "sinc3", {"s": s}, *smooth(lambda v: mpmath.hyp1f2(1, 2, mpmath.mpf(5) / 2, -v / 4) / 6, s), fixed=["s"])
r = np.array([0.0, 1e-20, 1e-8, 0.009, 0.011, 0.7, 4.0])
f.add(second % "atanc", {"s": r}, *smooth(lambda v: mpmath.hyp2f1(0.5, 1, 1.5, -v), r), fixed=["s"], tol=1e-10)

f.add("geo.rotation(w)", {"w": w}, R)
f.add("geo.rotation(w)", {"w": zero}, np.eye(3))
f.add("geo.rotation(w)", {"w": 5 * w}, Rotation.from_rotvec(5 * w).as_matrix())
f.add("geo.rotation(w)", {"w": 1e-9 * w}, Rotation.from_rotvec(1e-9 * w).as_matrix())
f.add("geo.rotate(w, x)", {"w": w, "x": x}, R @ x)
f.add("geo.rotate(w, x)", {"w": zero, "x": x}, x)
G = np.array([np.cross(e, x) for e in np.eye(3)]).T
f.add("{ y = geo.rotate(w, x)\n return jacobian(y, w) }", {"w": zero, "x": x}, G)
# The second derivative of exp(K) x at 0 is (Ei Ej + Ej Ei) x / 2.
E = [np.array([np.cross(e, b) for b in np.eye(3)]).T for e in np.eye(3)]
H = [[x @ (E[i] @ E[j] + E[j] @ E[i]) @ (2 * x + 1) / 2 for j in range(3)] for i in range(3)]
f.add("{ y = sum(x * geo.rotate(w, 2 * x + 1))\n return hessian(y, w) }", {"w": zero, "x": x}, H)
f.add("array(i: geo.rotate(w[i], x[i]))", {"w": np.array([w, zero, -w]), "x": np.array([x, x, 2 * x])}, [R @ x, x, 2 * R.T @ x])
for v in (w, 1e-7 * w, zero, 2.9 * w / np.linalg.norm(w), np.array([0.0, 3.1, 0.0]), np.array([-3.1, 0.1, 0.1]), np.array([0.1, 0.2, 3.1])):
    f.add("geo.rotation_log(geo.rotation(w))", {"w": v}, v, tol=1e-11)
    f.add("geo.quaternion_log(geo.quaternion(w))", {"w": v}, v, tol=1e-11)
    f.add("geo.quaternion(w)", {"w": v}, quat(Rotation.from_rotvec(v)))
    f.add("geo.matrix_quaternion(geo.rotation(w))", {"w": v}, quat(Rotation.from_rotvec(v)))
f.add("geo.left_jacobian(w)", {"w": w}, expm(np.block([[E[0] * w[0] + E[1] * w[1] + E[2] * w[2], np.eye(3)], [np.zeros((3, 6))]]))[:3, 3:])
for name, axis in ("rotation_x", "x"), ("rotation_y", "y"), ("rotation_z", "z"):
    f.add("geo.%s(a)" % name, {"a": 0.7}, Rotation.from_euler(axis, 0.7).as_matrix())
e = Rotation.from_euler("xyz", [0.3, -0.9, 2.5])
f.add("geo.euler(a[0], a[1], a[2])", {"a": np.array([0.3, -0.9, 2.5])}, e.as_matrix())
f.add("{ a, b, c = geo.euler_angles(R)\n return a, b, c }", {"R": e.as_matrix()}, *e.as_euler("xyz"))
a, b = np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 2.0])
Q, U = np.linalg.qr(np.array([a, b]).T)
q1, q2 = (Q * np.sign(np.diag(U))).T
f.add("geo.rotation_6d(a, b)", {"a": a, "b": b}, np.array([q1, q2, np.cross(q1, q2)]).T)

p, q = Rotation.from_rotvec(w), Rotation.from_rotvec([1.0, 0.2, -0.4])
f.add("geo.quaternion_product(p, q)", {"p": quat(p), "q": quat(q)}, quat(p * q))
f.add("geo.conjugate(p)", {"p": quat(p)}, quat(p.inv()))
f.add("geo.quaternion_rotate(p, x)", {"p": quat(p), "x": x}, R @ x)
f.add("geo.quaternion_matrix(q)", {"q": 3 * quat(p)}, R)

u = np.array([0.5, -1.0, 2.0, 0.3, -0.5, 0.8])


def twist(u):
    return np.vstack([np.column_stack([E[0] * u[3] + E[1] * u[4] + E[2] * u[5], u[:3]]), np.zeros(4)])


T, U = expm(twist(u)), expm(twist(np.array([1.0, 0.0, 2.0, -0.2, 0.4, 0.1])))
f.add("geo.pose_exp(u)", {"u": u}, T[:3])
f.add("geo.pose_exp(u)", {"u": np.append(u[:3], zero)}, np.column_stack([np.eye(3), u[:3]]))
f.add("geo.pose_log(geo.pose_exp(u))", {"u": u}, u)
f.add("geo.pose_log(geo.pose_exp(u))", {"u": np.append(u[:3], zero)}, np.append(u[:3], zero))
L = logm(T @ U).real
f.add("geo.pose_log(geo.compose(A, B))", {"A": T[:3], "B": U[:3]}, np.array([*L[:3, 3], L[2, 1], L[0, 2], L[1, 0]]), fixed=["A", "B"])
f.add("geo.compose(A, B)", {"A": T[:3], "B": U[:3]}, (T @ U)[:3])
f.add("geo.inverse(A)", {"A": T[:3]}, np.linalg.inv(T)[:3])
f.add("geo.act(A, x)", {"A": T[:3], "x": x}, T[:3, :3] @ x + T[:3, 3])

t = np.array([0.2, -0.1, 4.0])
c, k, d = np.array([320.0, 240.0]), np.array([-0.2, 0.05, 0.01]), np.array([0.002, -0.003])
M = np.array([[500, 0, 320], [0, 480, 240], [0, 0, 1.0]])
Z = np.array([500.0, 480.0])
seen = cv2.projectPoints(x[None], w, t, M, np.array([k[0], k[1], d[0], d[1], k[2]]))[0].ravel()
f.add("geo.camera(x, w, t, z, c, k, p)", {"x": x, "w": w, "t": t, "z": Z, "c": c, "k": k, "p": d}, seen, tol=1e-11, step=1e-4)
f.add("geo.pinhole(x + t, 500, c)", {"x": x, "t": t, "c": c}, [500 * 1.2 / 3.5 + 320, 500 * 1.9 / 3.5 + 240], step=1e-4)
wide = np.array([-0.1, 0.02, 0.003, -0.001])
eye = cv2.fisheye.projectPoints(x[None, None], w, t, M, wide)[0].ravel()
f.add("z * geo.fisheye(geo.perspective(geo.rotate(w, x) + t), k) + c", {"x": x, "w": w, "t": t, "z": Z, "c": c, "k": wide}, eye, tol=1e-11, step=1e-4)
f.add("geo.fisheye(u, k)", {"u": np.zeros(2), "k": wide}, np.zeros(2))


def snavely(x, c):
    p = Rotation.from_rotvec(c[:3]).apply(x) + c[3:6]
    p = -p[:2] / p[2]
    n = p @ p
    return c[6] * (1 + c[7] * n + c[8] * n * n) * p


cams = np.array([[*w, 0.1, 0.2, -5.0, 2.5, -0.1, 0.02], [0, 0, 0, 0.1, 0.2, -6.0, 3.0, -0.1, 0.02]])
points = np.array([x, [0.5, 0.1, 0.4], [-1.0, 1.0, 0.2]])
which, point = np.array([0, 1, 1, 0]), np.array([2, 0, 1, 1])
f.add("{ r[o] = geo.snavely(points[point[o]], cams[which[o]])\n return r }",
      {"cams": cams, "points": points, "which": which, "point": point},
      [snavely(points[j], cams[i]) for i, j in zip(which, point)])
f.write()
