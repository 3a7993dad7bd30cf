// Gradients of GradBench's functions by hand. usage: gradbench EVAL DIR
//
// Its numbers come from DIR/EVAL.f64. What each function is, GradBench says; how large, ../gradbench/inputs.go.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "child.h"
#include "formulas.h"

using Vec = std::vector<double>;

static Vec in, out;

static void llsq() {
  const int m = 128, n = 16392, block = 64;
  std::fill(out.begin(), out.end(), 0);
  for (int from = 0; from < n; from += block) {
    const int count = std::min(block, n - from);
    double t[block], p[block], r[block];
    for (int i = 0; i < count; i++) {
      t[i] = -1 + 2. * (from + i) / (n - 1);
      r[i] = (t[i] > 0) - (t[i] < 0);
      p[i] = 1;
    }
    for (int j = 0; j < m; j++)
      for (int i = 0; i < count; i++) r[i] -= in[j] * p[i], p[i] *= t[i];
    for (int i = 0; i < count; i++) p[i] = -r[i];
    for (int j = 0; j < m; j++) {
      double sum = 0;
      for (int i = 0; i < count; i++) sum += p[i], p[i] *= t[i];
      out[j] += sum;
    }
  }
}

static void lse() {
  const size_t n = in.size();
  double top = -INFINITY, sum = 0;
  for (size_t i = 0; i < n; i++) top = std::max(top, in[i]);
  for (size_t i = 0; i < n; i++) sum += out[i] = exp(in[i] - top);
  for (size_t i = 0; i < n; i++) out[i] /= sum;
}

// expand is the determinant of the rows from row on, in the columns given, and adds its derivatives, times bar, to out.
template <int n>
static double expand(const int *columns, double bar) {
  const int row = 10 - n;
  if constexpr (n == 1) {
    out[10 * row + columns[0]] += bar;
    return in[10 * row + columns[0]];
  } else {
    int rest[n - 1];
    std::copy(columns + 1, columns + n, rest);
    double det = 0, sign = 1;
    for (int j = 0; j < n; j++, sign = -sign) {
      const int at = 10 * row + columns[j];
      const double minor = expand<n - 1>(rest, sign * bar * in[at]);
      det += sign * in[at] * minor;
      out[at] += sign * bar * minor;
      if (j < n - 1) rest[j] = columns[j];
    }
    return det;
  }
}

static void det() {
  const int columns[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::fill(out.begin(), out.end(), 0);
  expand<10>(columns, 1);
}

// flow is F(y), and turned its adjoint: bar of F becomes that of y, and adds to that of x.
static void flow(const Vec &y, Vec &f) {
  f[0] = in[0];
  for (size_t i = 1; i < in.size(); i++) f[i] = in[i] * y[i - 1];
}

static void turned(const Vec &y, const Vec &bar, Vec &dy) {
  const size_t n = in.size();
  out[0] += bar[0];
  for (size_t i = 1; i < n; i++) out[i] += bar[i] * y[i - 1];
  for (size_t i = 0; i + 1 < n; i++) dy[i] = bar[i + 1] * in[i + 1];
  dy[n - 1] = 0;
}

static void ode() {
  const int steps = 10;
  const size_t n = in.size();
  const double h = 2. / steps;
  static Vec ys[steps][4]; // where F is taken in each step
  Vec y(n), k(n), next(n);
  for (auto &stages : ys) {
    next = y;
    for (int s = 0; s < 4; s++) {
      const double at[] = {0, h / 2, h / 2, h}, weight[] = {h / 6, h / 3, h / 3, h / 6};
      Vec &z = stages[s];
      z.resize(n);
      for (size_t i = 0; i < n; i++) z[i] = y[i] + at[s] * k[i];
      if (s == 0) z = y;
      flow(z, k);
      for (size_t i = 0; i < n; i++) next[i] += weight[s] * k[i];
    }
    y.swap(next);
  }
  std::fill(out.begin(), out.end(), 0);
  Vec bar(n), dk(n), dz(n), sum(n);
  bar[n - 1] = 1;
  for (int t = steps - 1; t >= 0; t--) {
    const double to[] = {h / 2, h / 2, h, 0}, weight[] = {h / 6, h / 3, h / 3, h / 6}; // of stage s: into the next, into y
    sum = bar;
    for (int s = 3; s >= 0; s--) {
      for (size_t i = 0; i < n; i++) dk[i] = weight[s] * bar[i] + (s < 3 ? to[s] * dz[i] : 0);
      turned(ys[t][s], dk, dz);
      for (size_t i = 0; i < n; i++) sum[i] += dz[i];
    }
    bar.swap(sum);
  }
}

// gmm takes the points in blocks: of each component and block it keeps the distances e = Q (x - mu), stored by dimension.
static void gmm() {
  const int d = 32, K = 50, n = 1000, tri = d * (d - 1) / 2, B = 40;
  const double *alpha = &in[0], *l = alpha + K, *mu = l + K * tri, *q = mu + K * d, *x = q + K * d;
  double *dalpha = &out[0], *dl = dalpha + K, *dmu = dl + K * tri, *dq = dmu + K * d;
  static double Q[K][d][d], e[K][d][B], beta[K][B], xt[d][B];
  std::fill(out.begin(), out.end(), 0);
  double expsum = 0, constant[K];
  for (int k = 0; k < K; k++) {
    constant[k] = alpha[k];
    expsum += exp(alpha[k]);
    const double *lk = l + k * tri;
    for (int c = 0; c < d; c++) {
      constant[k] += q[k * d + c];
      Q[k][c][c] = exp(q[k * d + c]);
      for (int r = c + 1; r < d; r++) Q[k][r][c] = *lk++;
    }
  }
  for (int from = 0; from < n; from += B) {
    for (int c = 0; c < d; c++)
      for (int p = 0; p < B; p++) xt[c][p] = x[(from + p) * d + c];
    for (int k = 0; k < K; k++) {
      double diff[d][B];
      for (int c = 0; c < d; c++)
        for (int p = 0; p < B; p++) diff[c][p] = xt[c][p] - mu[k * d + c];
      for (int p = 0; p < B; p++) beta[k][p] = constant[k];
      for (int r = 0; r < d; r++) {
        double sum[B] = {};
        for (int c = 0; c <= r; c++)
          for (int p = 0; p < B; p++) sum[p] += Q[k][r][c] * diff[c][p];
        for (int p = 0; p < B; p++) e[k][r][p] = sum[p], beta[k][p] -= 0.5 * sum[p] * sum[p];
      }
    }
    for (int p = 0; p < B; p++) { // beta becomes the weights of the components
      double top = -INFINITY, sum = 0;
      for (int k = 0; k < K; k++) top = std::max(top, beta[k][p]);
      for (int k = 0; k < K; k++) sum += beta[k][p] = exp(beta[k][p] - top);
      for (int k = 0; k < K; k++) beta[k][p] /= sum;
    }
    for (int k = 0; k < K; k++) {
      double diff[d][B], all = 0;
      for (int p = 0; p < B; p++) all += beta[k][p];
      dalpha[k] += all;
      for (int c = 0; c < d; c++)
        for (int p = 0; p < B; p++) diff[c][p] = xt[c][p] - mu[k * d + c];
      for (int r = 0; r < d; r++) {
        double we[B], sum = 0;
        for (int p = 0; p < B; p++) we[p] = beta[k][p] * e[k][r][p], sum += we[p];
        for (int c = 0; c <= r; c++) {
          dmu[k * d + c] += Q[k][r][c] * sum;
          double product = 0;
          for (int p = 0; p < B; p++) product += we[p] * diff[c][p];
          if (c == r)
            dq[k * d + c] += all - Q[k][c][c] * product;
          else
            dl[k * tri + c * (2 * d - c - 1) / 2 + r - c - 1] -= product;
        }
      }
    }
  }
  for (int k = 0; k < K; k++) { // of the prior, for gamma = 1 and m = 0
    dalpha[k] -= n * exp(alpha[k]) / expsum;
    for (int i = 0; i < tri; i++) dl[k * tri + i] -= l[k * tri + i];
    for (int c = 0; c < d; c++) dq[k * d + c] -= Q[k][c][c] * Q[k][c][c];
  }
}

static Vec jacobian;

static void ba() {
  const int n = 1197, m = 126327, p = 563734;
  static Vec cams, points, weights, features;
  static std::vector<int> rows(3 * p + 1), cols(31 * p);
  if (cams.empty()) {
    for (int i = 0; i < n; i++) cams.insert(cams.end(), &in[0], &in[11]);
    for (int i = 0; i < m; i++) points.insert(points.end(), &in[11], &in[14]);
    weights.assign(p, in[14]);
    for (int i = 0; i < p; i++) features.insert(features.end(), &in[15], &in[17]);
    jacobian.resize(31 * p);
  }
  for (int i = 0; i < p; i++) {
    double v[17], y[32];
    const int cam = i % n, point = i % m;
    std::copy(&cams[11 * cam], &cams[11 * cam] + 11, v);
    std::copy(&points[3 * point], &points[3 * point] + 3, v + 11);
    v[14] = weights[i], v[15] = features[2 * i], v[16] = features[2 * i + 1];
    camera(v, y);
    std::copy(y + 2, y + 32, &jacobian[30 * i]);
    for (int r = 0; r < 2; r++) {
      int *to = &cols[30 * i + 15 * r];
      for (int c = 0; c < 11; c++) to[c] = 11 * cam + c;
      for (int c = 0; c < 3; c++) to[11 + c] = 11 * n + 3 * point + c;
      to[14] = 11 * n + 3 * m + i;
      rows[2 * i + r + 1] = 30 * i + 15 * (r + 1);
    }
    jacobian[30 * p + i] = -2 * weights[i];
    cols[30 * p + i] = 11 * n + 3 * m + i;
    rows[2 * p + i + 1] = 30 * p + i + 1;
  }
  std::copy(&jacobian[0], &jacobian[30], out.begin());
  out[30] = jacobian.back();
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// lstm keeps what the way back needs of each step and layer: the gates, both states, and the tanh of the cell.
static void lstm() {
  const int layers = 4, steps = 4096, b = 14;
  enum { f, g, o, a, cell, h, tc, kept };
  const double *params = &in[0], *extra = params + 8 * layers * b, *start = extra + 3 * b, *seq = start + 2 * layers * b;
  static Vec tape((steps - 1) * layers * kept * b), us(steps * b);
  auto at = [&](int t, int i, int what) { return &tape[((t * layers + i) * kept + what) * b]; };
  double pre[b], ypred[b];
  std::fill(out.begin(), out.end(), 0);
  double *dparams = &out[0], *dextra = dparams + 8 * layers * b;
  static Vec dys(steps * b);
  const double scale = -1. / ((steps - 1) * b);
  for (int t = 0; t < steps - 1; t++) {
    double u[b];
    for (int j = 0; j < b; j++) u[j] = seq[t * b + j] * extra[j];
    for (int i = 0; i < layers; i++) {
      const double *W = params + 8 * i * b, *bias = W + 4 * b;
      const double *h0 = t ? at(t - 1, i, h) : start + 2 * i * b, *c0 = t ? at(t - 1, i, cell) : start + (2 * i + 1) * b;
      for (int j = 0; j < b; j++) at(t, i, f)[j] = sigmoid(u[j] * W[j] + bias[j]);
      for (int j = 0; j < b; j++) at(t, i, g)[j] = sigmoid(h0[j] * W[b + j] + bias[b + j]);
      for (int j = 0; j < b; j++) at(t, i, o)[j] = sigmoid(u[j] * W[2 * b + j] + bias[2 * b + j]);
      for (int j = 0; j < b; j++) at(t, i, a)[j] = tanh(h0[j] * W[3 * b + j] + bias[3 * b + j]);
      for (int j = 0; j < b; j++) at(t, i, cell)[j] = c0[j] * at(t, i, f)[j] + at(t, i, g)[j] * at(t, i, a)[j];
      for (int j = 0; j < b; j++) at(t, i, tc)[j] = tanh(at(t, i, cell)[j]);
      for (int j = 0; j < b; j++) u[j] = at(t, i, h)[j] = at(t, i, o)[j] * at(t, i, tc)[j];
    }
    double sum = 2, hits = 0;
    for (int j = 0; j < b; j++) ypred[j] = u[j] * extra[b + j] + extra[2 * b + j], pre[j] = exp(ypred[j]);
    for (int j = 0; j < b; j++) sum += pre[j], hits += seq[(t + 1) * b + j];
    for (int j = 0; j < b; j++) dys[t * b + j] = scale * (seq[(t + 1) * b + j] - hits * pre[j] / sum);
  }
  double dh[layers][b] = {}, dc[layers][b] = {};
  for (int t = steps - 2; t >= 0; t--) {
    double du[b];
    const double *dy = &dys[t * b], *top = at(t, layers - 1, h);
    for (int j = 0; j < b; j++) {
      dextra[b + j] += dy[j] * top[j];
      dextra[2 * b + j] += dy[j];
      du[j] = dy[j] * extra[b + j];
    }
    for (int i = layers - 1; i >= 0; i--) {
      const double *W = params + 8 * i * b;
      double *dW = dparams + 8 * i * b, *dB = dW + 4 * b;
      const double *h0 = t ? at(t - 1, i, h) : start + 2 * i * b, *c0 = t ? at(t - 1, i, cell) : start + (2 * i + 1) * b;
      const double *F = at(t, i, f), *G = at(t, i, g), *O = at(t, i, o), *A = at(t, i, a), *T = at(t, i, tc);
      for (int j = 0; j < b; j++) {
        const double u = i ? at(t, i - 1, h)[j] : seq[t * b + j] * extra[j];
        const double bar = du[j] + dh[i][j], dcell = dc[i][j] + bar * O[j] * (1 - T[j] * T[j]);
        const double pf = dcell * c0[j] * F[j] * (1 - F[j]), pg = dcell * A[j] * G[j] * (1 - G[j]);
        const double po = bar * T[j] * O[j] * (1 - O[j]), pa = dcell * G[j] * (1 - A[j] * A[j]);
        dW[j] += pf * u, dW[b + j] += pg * h0[j], dW[2 * b + j] += po * u, dW[3 * b + j] += pa * h0[j];
        dB[j] += pf, dB[b + j] += pg, dB[2 * b + j] += po, dB[3 * b + j] += pa;
        du[j] = pf * W[j] + po * W[2 * b + j];
        dh[i][j] = pg * W[b + j] + pa * W[3 * b + j];
        dc[i][j] = dcell * F[j];
      }
    }
    for (int j = 0; j < b; j++) dextra[j] += du[j] * seq[t * b + j];
  }
}

static void kmeans() {
  const int n = 10000, K = 1000, d = 16;
  const double *points = &in[0], *centroids = points + n * d;
  static Vec turned(d * K), distance(K), count(K);
  for (int k = 0; k < K; k++)
    for (int c = 0; c < d; c++) turned[c * K + k] = centroids[k * d + c];
  std::fill(out.begin(), out.end(), 0);
  std::fill(count.begin(), count.end(), 0);
  for (int i = 0; i < n; i++) {
    std::fill(distance.begin(), distance.end(), 0);
    for (int c = 0; c < d; c++) {
      const double x = points[i * d + c], *from = &turned[c * K];
      for (int k = 0; k < K; k++) distance[k] += (from[k] - x) * (from[k] - x);
    }
    double least = INFINITY;
    for (int k = 0; k < K; k++) least = std::min(least, distance[k]);
    const int own = std::find(distance.begin(), distance.end(), least) - distance.begin();
    count[own]++;
    for (int c = 0; c < d; c++) out[own * d + c] += centroids[own * d + c] - points[i * d + c];
  }
  for (int k = 0; k < K; k++)
    for (int c = 0; c < d; c++) out[k * d + c] /= count[k];
}

int main(int count, char **args) {
  if (count != 3) return 2;
  const struct {
    std::string name;
    void (*run)();
    size_t outputs;
  } evals[] = {{"llsq", llsq, 128}, {"lse", lse, 1280000}, {"det", det, 100}, {"ode", ode, 10000}, {"gmm", gmm, 50 + 50 * 496 + 2 * 50 * 32},
               {"ba", ba, 31}, {"lstm", lstm, 8 * 56 + 3 * 14}, {"kmeans", kmeans, 16000}};
  for (auto &eval : evals) {
    if (eval.name != args[1]) continue;
    const std::string path = std::string(args[2]) + "/" + eval.name + ".f64";
    FILE *file = fopen(path.c_str(), "rb");
    if (!file) return perror(path.c_str()), 1;
    for (double x; fread(&x, sizeof x, 1, file) == 1;) in.push_back(x);
    out.resize(eval.outputs);
    eval.run();
    double digest[3] = {out[0], 0, 0};
    for (double v : out) digest[1] += fabs(v), digest[2] += v * v;
    serve("g++ " __VERSION__, digest, 3, eval.run);
    return 0;
  }
  fputs("it is not written by hand\n", stderr);
  return 1;
}
