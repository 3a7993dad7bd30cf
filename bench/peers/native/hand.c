// The formulas and their derivatives by hand.
#include <math.h>
#include "formulas.h"

// Frames 0..6 of the chain in modified DH form, unrolled with the constants folded in: x, y, o are
// axes and origin of frame i (a frame's z axis is minus or plus the previous y axis).
void arm(const double *__restrict q, double *__restrict out) {
  const double s0 = sin(q[0]), c0 = cos(q[0]);
  const double s1 = sin(q[1]), c1 = cos(q[1]);
  const double s2 = sin(q[2]), c2 = cos(q[2]);
  const double s3 = sin(q[3]), c3 = cos(q[3]);
  const double s4 = sin(q[4]), c4 = cos(q[4]);
  const double s5 = sin(q[5]), c5 = cos(q[5]);
  const double s6 = sin(q[6]), c6 = cos(q[6]);
  const double o02 = 0.333;
  const double x10 = c1*c0;
  const double y10 = -s1*c0;
  const double x11 = c1*s0;
  const double y11 = -s1*s0;
  const double o20 = -0.316*y10;
  const double o21 = -0.316*y11;
  const double o22 = o02 + 0.316*c1;
  const double x20 = c2*x10 - s2*s0;
  const double y20 = -c2*s0 - s2*x10;
  const double x21 = c2*x11 + s2*c0;
  const double y21 = c2*c0 - s2*x11;
  const double x22 = -c2*s1;
  const double y22 = s2*s1;
  const double o30 = o20 + 0.0825*x20;
  const double o31 = o21 + 0.0825*x21;
  const double o32 = o22 + 0.0825*x22;
  const double x30 = c3*x20 - s3*y10;
  const double y30 = -c3*y10 - s3*x20;
  const double x31 = c3*x21 - s3*y11;
  const double y31 = -c3*y11 - s3*x21;
  const double x32 = c3*x22 + s3*c1;
  const double y32 = c3*c1 - s3*x22;
  const double o40 = o30 - 0.0825*x30 + 0.384*y30;
  const double o41 = o31 - 0.0825*x31 + 0.384*y31;
  const double o42 = o32 - 0.0825*x32 + 0.384*y32;
  const double x40 = c4*x30 + s4*y20;
  const double y40 = c4*y20 - s4*x30;
  const double x41 = c4*x31 + s4*y21;
  const double y41 = c4*y21 - s4*x31;
  const double x42 = c4*x32 + s4*y22;
  const double y42 = c4*y22 - s4*x32;
  const double x50 = c5*x40 + s5*y30;
  const double y50 = c5*y30 - s5*x40;
  const double x51 = c5*x41 + s5*y31;
  const double y51 = c5*y31 - s5*x41;
  const double x52 = c5*x42 + s5*y32;
  const double y52 = c5*y32 - s5*x42;
  const double o60 = o40 + 0.088*x50;
  const double o61 = o41 + 0.088*x51;
  const double o62 = o42 + 0.088*x52;
  const double x60 = c6*x50 - s6*y40;
  const double x61 = c6*x51 - s6*y41;
  const double x62 = c6*x52 - s6*y42;
  const double p0 = o60 - 0.107*y50 + 0.05*x60;
  const double p1 = o61 - 0.107*y51 + 0.05*x61;
  const double p2 = o62 - 0.107*y52 + 0.05*x62;
  out[0] = p0;
  out[1] = p1;
  out[2] = p2;
  const double d02 = p2 - o02;
  out[3] = -p1;
  out[10] = p0;
  out[17] = 0;
  out[4] = c0*d02;
  out[11] = s0*d02;
  out[18] = -s0*p1 - c0*p0;
  const double d20 = p0 - o20;
  const double d21 = p1 - o21;
  const double d22 = p2 - o22;
  out[5] = -y11*d22 - c1*d21;
  out[12] = c1*d20 + y10*d22;
  out[19] = -y10*d21 + y11*d20;
  const double d30 = p0 - o30;
  const double d31 = p1 - o31;
  const double d32 = p2 - o32;
  out[6] = -y21*d32 + y22*d31;
  out[13] = -y22*d30 + y20*d32;
  out[20] = -y20*d31 + y21*d30;
  const double d40 = p0 - o40;
  const double d41 = p1 - o41;
  const double d42 = p2 - o42;
  out[7] = y31*d42 - y32*d41;
  out[14] = y32*d40 - y30*d42;
  out[21] = y30*d41 - y31*d40;
  out[8] = -y41*d42 + y42*d41;
  out[15] = -y42*d40 + y40*d42;
  out[22] = -y40*d41 + y41*d40;
  const double d60 = p0 - o60;
  const double d61 = p1 - o61;
  const double d62 = p2 - o62;
  out[9] = -y51*d62 + y52*d61;
  out[16] = -y52*d60 + y50*d62;
  out[23] = -y50*d61 + y51*d60;
}

void camera(const double *__restrict v, double *__restrict out) {
  const double f = v[6], u0 = v[7], v0 = v[8], k1 = v[9], k2 = v[10], wt = v[14];
  const double p0 = v[11] - v[3], p1 = v[12] - v[4], p2 = v[13] - v[5];
  const double th = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  const double s = sin(th), c = cos(th), h = 1 - c, it = 1 / th;
  const double w0 = v[0] * it, w1 = v[1] * it, w2 = v[2] * it;
  const double a = w0 * p0 + w1 * p1 + w2 * p2;
  const double x0 = w1 * p2 - w2 * p1, x1 = w2 * p0 - w0 * p2, x2 = w0 * p1 - w1 * p0;
  const double ha = h * a;
  const double y0 = p0 * c + x0 * s + w0 * ha;
  const double y1 = p1 * c + x1 * s + w1 * ha;
  const double y2 = p2 * c + x2 * s + w2 * ha;

  const double iz = 1 / y2, u = y0 * iz, w = y1 * iz;
  const double rr = u * u + w * w, L = 1 + rr * (k1 + k2 * rr), g = 2 * (k1 + 2 * k2 * rr);
  const double xd = u * L, yd = w * L;
  const double e0 = xd * f + u0 - v[15], e1 = yd * f + v0 - v[16];
  out[0] = wt * e0;
  out[1] = wt * e1;

  // A = d residual / d(y0,y1,y2), 2x3
  const double wf = wt * f, wz = wf * iz, uv = u * w * g;
  const double a00 = wz * (L + u * u * g), a01 = wz * uv, a11 = wz * (L + w * w * g);
  const double a02 = -(a00 * u + a01 * w), a12 = -(a01 * u + a11 * w);
  // q = dy/dtheta; n = N w with N = -s [p]x + h (a I + w p'); dy/dr = q w' + (N - n w') / theta
  const double sa = s * a, ha2 = 2 * ha;
  const double q0 = c * x0 - s * p0 + sa * w0, q1 = c * x1 - s * p1 + sa * w1, q2 = c * x2 - s * p2 + sa * w2;
  const double n0 = q0 - it * (s * x0 + ha2 * w0), n1 = q1 - it * (s * x1 + ha2 * w1),
               n2 = q2 - it * (s * x2 + ha2 * w2);
  const double sp0 = s * p0, sp1 = s * p1, sp2 = s * p2, sw0 = s * w0, sw1 = s * w1, sw2 = s * w2;
  double *__restrict J = out + 2;
  const double A[2][3] = {{a00, a01, a02}, {a01, a11, a12}};
  for (int i = 0; i < 2; i++) {
    const double b0 = A[i][0], b1 = A[i][1], b2 = A[i][2];
    const double bn = b0 * n0 + b1 * n1 + b2 * n2, bw = h * (b0 * w0 + b1 * w1 + b2 * w2);
    double *__restrict r = J + 15 * i;
    r[0] = bn * w0 + it * (ha * b0 + bw * p0 + b2 * sp1 - b1 * sp2);
    r[1] = bn * w1 + it * (ha * b1 + bw * p1 + b0 * sp2 - b2 * sp0);
    r[2] = bn * w2 + it * (ha * b2 + bw * p2 + b1 * sp0 - b0 * sp1);
    r[11] = c * b0 + bw * w0 + b1 * sw2 - b2 * sw1;
    r[12] = c * b1 + bw * w1 + b2 * sw0 - b0 * sw2;
    r[13] = c * b2 + bw * w2 + b0 * sw1 - b1 * sw0;
    r[3] = -r[11];
    r[4] = -r[12];
    r[5] = -r[13];
  }
  J[6] = wt * xd, J[21] = wt * yd;
  J[7] = wt, J[8] = 0, J[22] = 0, J[23] = wt;
  const double t0 = wf * u * rr, t1 = wf * w * rr;
  J[9] = t0, J[24] = t1;
  J[10] = t0 * rr, J[25] = t1 * rr;
  J[14] = e0, J[29] = e1;
}

void option(const double *__restrict v, double *__restrict out) {
  const double S = v[0], K = v[1], r = v[2], sg = v[3], T = v[4];
  const double sq = sqrt(T), st = sg * sq;
  const double d1 = (log(S / K) + (r + 0.5 * sg * sg) * T) / st, d2 = d1 - st;
  const double N1 = 0.5 + 0.5 * erf(d1 * M_SQRT1_2), N2 = 0.5 + 0.5 * erf(d2 * M_SQRT1_2);
  const double phi = 0.3989422804014326779 * exp(-0.5 * d1 * d1);
  const double kd = K * exp(-r * T) * N2;
  out[0] = S * N1 - kd;
  out[1] = N1;
  out[2] = phi / (S * st);
  out[3] = S * phi * sq;
  out[4] = -0.5 * S * phi * sg / sq - r * kd;
  out[5] = T * kd;
}
