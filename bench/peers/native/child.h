// The protocol of package child.
#ifndef CHILD_H
#define CHILD_H
#include <stdio.h>
#include <time.h>

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

// serve says hello and makes the calls that are asked for.
static void serve(const char *version, const double *values, int count, void (*call)(void)) {
  printf("{\"version\": \"%s\", \"values\": [", version);
  for (int i = 0; i < count; i++) printf("%s%.9g", i ? ", " : "", values[i]);
  printf("]}\n");
  fflush(stdout);
  for (long n; scanf("%ld", &n) == 1;) {
    double begin = seconds();
    while (n-- > 0) call();
    printf("%.9g\n", seconds() - begin);
    fflush(stdout);
  }
}
#endif
