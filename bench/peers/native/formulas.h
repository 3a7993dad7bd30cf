// Three formulas, each giving its value and derivatives in one call.
#ifndef FORMULAS_H
#define FORMULAS_H
#ifdef __cplusplus
extern "C" {
#endif
// arm: in the angles of 7 joints; out the place of the tool, then its derivatives, 3 rows of 7.
void arm(const double *in, double *out);
// camera: in turn, place, f u0 v0 k1 k2, point, weight, feature; out the 2 residuals, then their derivatives by the first 15, 2 rows.
void camera(const double *in, double *out);
// option: in S K r sigma T; out price delta gamma vega theta rho.
void option(const double *in, double *out);
#ifdef __cplusplus
}
#endif
#endif
