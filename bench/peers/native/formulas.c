// Calls a formula on rows of inputs, one after the other. usage: formulas arm|camera|option ROWS DIR
#include "formulas.h"

#include <stdlib.h>
#include <string.h>

#include "child.h"

static const struct {
  const char *name;
  void (*f)(const double *, double *);
  int in, out;
} formulas[] = {{"arm", arm, 7, 24}, {"camera", camera, 17, 32}, {"option", option, 5, 6}};

static void (*f)(const double *, double *);
static int rows, in, out;
static double *x, *y;

static void call(void) {
  for (int i = 0; i < rows; i++) f(x + i * in, y + i * out);
}

int main(int count, char **args) {
  if (count != 4) return 2;
  for (int k = 0; k < 3; k++)
    if (!strcmp(args[1], formulas[k].name)) f = formulas[k].f, in = formulas[k].in, out = formulas[k].out;
  rows = atoi(args[2]);
  x = (double *)malloc(sizeof(double) * rows * in), y = (double *)malloc(sizeof(double) * rows * out);
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.f64", args[3], args[1]);
  FILE *file = fopen(path, "rb");
  if (!file || fread(x, sizeof(double) * in, rows, file) != (size_t)rows) return perror(path), 1;
  call();
  double ends[64]; // the first row and the last
  memcpy(ends, y, sizeof *y * out), memcpy(ends + out, y + (rows - 1) * out, sizeof *y * out);
  serve("g++ " __VERSION__, ends, 2 * out, call);
}
