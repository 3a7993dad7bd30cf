// A product of matrices by OpenBLAS, or as many operations in registers alone. usage: product openblas|peak 32|64 nn|tn|nt M N K THREADS
//
// a is [m, k] and b [k, n], each stored by rows; t says that one is stored turned.
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"

#ifdef __cplusplus
extern "C" {
#endif
void openblas_set_num_threads(int);
char *openblas_get_config(void);
#ifdef __cplusplus
}
#endif

static int m, n, k, ta, tb;
static float *a32, *b32, *c32;
static double *a64, *b64, *c64;

static void single(void) {
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a32, ta ? m : k, b32, tb ? k : n, 0, c32, n);
}

static void twice(void) {
  cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a64, ta ? m : k, b64, tb ? k : n, 0, c64, n);
}

#if defined(__AVX512F__)
#define VECTOR "zmm"
enum { bytes = 64 };
#elif defined(__FMA__)
#define VECTOR "ymm"
enum { bytes = 32 };
#endif

#ifdef VECTOR
#define FMA(op, i) op " %%" VECTOR "14, %%" VECTOR "15, %%" VECTOR #i "\n"
#define TWELVE(op) \
  FMA(op, 0) FMA(op, 1) FMA(op, 2) FMA(op, 3) FMA(op, 4) FMA(op, 5) FMA(op, 6) FMA(op, 7) FMA(op, 8) FMA(op, 9) FMA(op, 10) FMA(op, 11)
#define LOOP(op)                                                                                                              \
  __asm__ volatile("vzeroall\n1:\n" TWELVE(op) TWELVE(op) "dec %0\njnz 1b\nvzeroupper\n"                                      \
                   : "+r"(left)::"cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",       \
                     "xmm9", "xmm10", "xmm11", "xmm14", "xmm15")

static void peak32(void) {
  long left = (long)m * n * k / (24 * bytes / 4) + 1;
  LOOP("vfmadd231ps");
}

static void peak64(void) {
  long left = (long)m * n * k / (24 * bytes / 8) + 1;
  LOOP("vfmadd231pd");
}
#endif

int main(int count, char **args) {
  if (count != 8) return 2;
  const int wide = !strcmp(args[2], "64");
  ta = args[3][0] == 't', tb = args[3][1] == 't';
  m = atoi(args[4]), n = atoi(args[5]), k = atoi(args[6]);
  openblas_set_num_threads(atoi(args[7]));
  if (!strcmp(args[1], "peak")) {
#ifdef VECTOR
    serve("registers " VECTOR, 0, 0, wide ? peak64 : peak32);
    return 0;
#else
    fputs("there is no loop for this processor\n", stderr);
    return 1;
#endif
  }
  const size_t na = (size_t)m * k, nb = (size_t)k * n, nc = (size_t)m * n;
  a32 = (float *)malloc(4 * na), b32 = (float *)malloc(4 * nb), c32 = (float *)malloc(4 * nc);
  a64 = (double *)malloc(8 * na), b64 = (double *)malloc(8 * nb), c64 = (double *)malloc(8 * nc);
  for (size_t i = 0; i < na; i++) a64[i] = a32[i] = (float)(i % 7) - 3;
  for (size_t i = 0; i < nb; i++) b64[i] = b32[i] = (float)(i % 5) - 2;
  (wide ? twice : single)();
  double values[4];
  for (int i = 0; i < 4; i++) values[i] = wide ? c64[i * (nc - 1) / 3] : c32[i * (nc - 1) / 3];
  serve(openblas_get_config(), values, 4, wide ? twice : single);
}
