package runtime

import "math"

// Digamma64 returns ψ(x), the derivative of [Lgamma64] at x. It is NaN at the
// poles 0, -1, -2, ..
func Digamma64(x float64) float64 {
	switch {
	case x <= 0 && (x == math.Floor(x)):
		return math.NaN()
	case x < 0: // ψ(x) = ψ(1-x) - π·cot πx
		return Digamma64(1-x) - math.Pi*cotPi(x)
	}
	var y float64
	for ; x < 10; x++ { // ψ(x) = ψ(x+1) - 1/x
		y -= 1 / x
	}
	// ψ(x) ~ log x - 1/2x - Σ B₂ⱼ/(2j·x²ʲ)
	y += math.Log(x) - 0.5/x
	z, p := 1/(x*x), 1.0
	for j, b := range bernoulli[:9] {
		p *= z
		y -= b / float64(2*j+2) * p
	}
	return y
}

// Polygamma64 returns the derivative of order n of [Digamma64] at x, for
// n ≥ 0. It is NaN at the poles 0, -1, -2, ..
func Polygamma64(n int, x float64) float64 {
	switch {
	case n == 0:
		return Digamma64(x)
	case n < 0 || x <= 0 && x == math.Floor(x):
		return math.NaN()
	}
	// ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹·n!·ζ(n+1, x), and below 0
	// ψ⁽ⁿ⁾(x) = (-1)ⁿ·ψ⁽ⁿ⁾(1-x) - π·dⁿ/dxⁿ cot πx
	if x < 0 {
		return -hurwitz(n, 1-x) - math.Pi*cotDerivative(n, x)
	}
	if n%2 == 0 {
		return -hurwitz(n, x)
	}
	return hurwitz(n, x)
}

// bernoulli are B₂, B₄, ..
var bernoulli = [...]float64{
	1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6,
	-3617.0 / 510, 43867.0 / 798, -174611.0 / 330, 854513.0 / 138, -236364091.0 / 2730,
}

// hurwitz returns n!·ζ(n+1, x) for n ≥ 1 and x > 0, where ζ(s, x) = Σ_k (x+k)⁻ˢ,
// by the formula of Euler and Maclaurin from a place a where it converges fast.
// It sums (x/(x+k))ˢ, as x⁻ˢ alone may be out of range.
func hurwitz(n int, x float64) float64 {
	if math.IsInf(x, 1) {
		return 0
	}
	s := float64(n + 1)
	var y float64
	a := x
	for ; a < max(10, s); a++ {
		y += math.Pow(x/a, s)
	}
	// a⁻ˢ·(a/(s-1) + 1/2 + Σ B₂ⱼ/(2j)! · s(s+1)..(s+2j-2) / a²ʲ⁻¹)
	sum, t := a/(s-1)+0.5, s/a
	for j, b := range bernoulli {
		f := float64(2*j + 2)
		t /= f * (f - 1)
		sum += b * t
		t *= (s + f - 1) * (s + f) / (a * a)
	}
	y += math.Pow(x/a, s) * sum
	for i := 1; i <= n; i++ {
		y *= float64(i) / x
	}
	return y / x
}

// cotPi returns cot πx.
func cotPi(x float64) float64 {
	r := x - math.Round(x)
	if math.Abs(r) > 0.25 {
		return math.Tan(math.Pi * (math.Copysign(0.5, r) - r))
	}
	return 1 / math.Tan(math.Pi*r)
}

// cotDerivative returns dⁿ/dxⁿ cot πx, a polynomial in c = cot πx whose
// coefficients follow from c' = -π(1+c²).
func cotDerivative(n int, x float64) float64 {
	p := make([]float64, n+2)
	p[1] = 1
	for k := 1; k <= n; k++ {
		next := make([]float64, n+2)
		for i := 1; i <= k; i++ {
			d := -math.Pi * float64(i) * p[i]
			next[i-1] += d
			next[i+1] += d
		}
		p = next
	}
	c, y := cotPi(x), 0.0
	for i := n + 1; i >= 0; i-- {
		y = y*c + p[i]
	}
	return y
}
