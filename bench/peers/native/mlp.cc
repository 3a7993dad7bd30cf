// The training step of the multi-layer perceptron by hand, its products by OpenBLAS. usage: mlp train mlp THREADS DIR
#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "child.h"

extern "C" void openblas_set_num_threads(int);
extern "C" char *openblas_get_config();

using Vec = std::vector<float>;
const int N = 64, I = 784, H = 128, O = 10;

template <class T>
std::vector<T> read(const std::string &file, size_t n) {
  std::vector<T> v(n);
  std::ifstream f(file, std::ios::binary);
  if (!f.read((char *)v.data(), n * sizeof(T))) {
    perror(file.c_str());
    exit(1);
  }
  return v;
}

struct Param {
  Vec w, g, m, v;
  Param(Vec x) : w(x), g(x.size()), m(x.size()), v(x.size()) {}

  void adam(float ca, float cb) {
    float *__restrict pw = w.data(), *__restrict pm = m.data(), *__restrict pv = v.data();
    const float *__restrict pg = g.data();
    for (size_t i = 0, n = w.size(); i < n; i++) {
      pm[i] = .9f * pm[i] + .1f * pg[i];
      pv[i] = .999f * pv[i] + .001f * pg[i] * pg[i];
      pw[i] -= 1e-3f * ca * pm[i] / (sqrtf(pv[i] * cb) + 1e-8f);
    }
  }
};

static void gemm(bool ta, bool tb, int m, int n, int k, const Vec &a, const Vec &b, Vec &c) {
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a.data(), ta ? m : k, b.data(),
              tb ? k : n, 0, c.data(), n);
}

struct Trainer {
  Param w1, b1, w2, b2;
  Vec x, h, dh, z;
  std::vector<int> y;
  double t1 = 1, t2 = 1;

  Trainer(const std::string &dir)
      : w1(read<float>(dir + "/w1.f32", I * H)), b1(read<float>(dir + "/b1.f32", H)), w2(read<float>(dir + "/w2.f32", H * O)),
        b2(read<float>(dir + "/b2.f32", O)), x(read<float>(dir + "/x.f32", N * I)), h(N * H), dh(N * H), z(N * O),
        y(read<int>(dir + "/y.i32", N)) {}

  float step() {
    gemm(0, 0, N, H, I, x, w1.w, h);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < H; j++) h[i * H + j] = std::max(0.f, h[i * H + j] + b1.w[j]);
    gemm(0, 0, N, O, H, h, w2.w, z);
    float loss = crossEntropy();
    gemm(1, 0, H, O, N, h, z, w2.g);
    gemm(0, 1, N, H, O, z, w2.w, dh);
    std::fill(b1.g.begin(), b1.g.end(), 0);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < H; j++) {
        float d = h[i * H + j] > 0 ? dh[i * H + j] : 0;
        dh[i * H + j] = d;
        b1.g[j] += d;
      }
    gemm(1, 0, I, H, N, x, dh, w1.g);
    t1 *= .9, t2 *= .999;
    float a = 1 / (1 - t1), b = 1 / (1 - t2);
    w1.adam(a, b), b1.adam(a, b), w2.adam(a, b), b2.adam(a, b);
    return loss;
  }

  // crossEntropy is the loss; it puts the adjoint of the logits in their place.
  float crossEntropy() {
    float loss = 0;
    std::fill(b2.g.begin(), b2.g.end(), 0);
    for (int i = 0; i < N; i++) {
      float *r = &z[i * O], top = -1e30, sum = 0;
      for (int j = 0; j < O; j++) top = std::max(top, r[j] += b2.w[j]);
      float own = r[y[i]];
      for (int j = 0; j < O; j++) sum += r[j] = expf(r[j] - top);
      loss += top + logf(sum) - own;
      for (int j = 0; j < O; j++) {
        r[j] = (r[j] / sum - (j == y[i])) / N;
        b2.g[j] += r[j];
      }
    }
    return loss / N;
  }
};

static Trainer *trainer;
static void call() { trainer->step(); }

int main(int, char **args) {
  openblas_set_num_threads(atoi(args[3]));
  trainer = new Trainer(args[4]);
  double losses[5];
  for (double &loss : losses) loss = trainer->step();
  serve(openblas_get_config(), losses, 5, call);
}
