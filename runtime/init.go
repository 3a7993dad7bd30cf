package runtime

import "math"

// An Init is the source of a parameter's initial values: they depend on the
// seed, the parameter's number and the element alone, are computed in float64
// and rounded, so that a model in float32 starts where it does in float64.
type Init struct {
	Seed  uint64
	Param int
}

// initSite keeps the counters of initial values apart from those of random
// calls, whose site numbers count from 0.
const initSite = math.MaxUint32

func (in Init) site() Site { return Site{Seed: in.Seed, Step: uint32(in.Param), Site: initSite} }

// InitNormal fills dst with normal numbers.
func InitNormal[T Float](dst []T, in Init, mean, std float64) {
	s := in.site()
	for i := range dst {
		dst[i] = T(mean + std*s.Normal64(uint32(i)))
	}
}

// InitUniform fills dst with uniform numbers of [a, b].
func InitUniform[T Float](dst []T, in Init, a, b float64) {
	s := in.site()
	for i := range dst {
		dst[i] = T(a + (b-a)*s.Uniform64(uint32(i)))
	}
}

// InitHe fills dst with normal numbers of variance 2/fanIn.
func InitHe[T Float](dst []T, in Init, shape ...int) {
	fanIn, _ := Fans(shape...)
	InitNormal(dst, in, 0, math.Sqrt(2/float64(fanIn)))
}

// InitLecun fills dst with normal numbers of variance 1/fanIn.
func InitLecun[T Float](dst []T, in Init, shape ...int) {
	fanIn, _ := Fans(shape...)
	InitNormal(dst, in, 0, math.Sqrt(1/float64(fanIn)))
}

// InitXavier fills dst with uniform numbers between ±√(6/(fanIn+fanOut)).
func InitXavier[T Float](dst []T, in Init, shape ...int) {
	fanIn, fanOut := Fans(shape...)
	r := math.Sqrt(6 / float64(fanIn+fanOut))
	InitUniform(dst, in, -r, r)
}

// InitOrthogonal fills dst, seen as a matrix of fanIn rows and fanOut columns,
// with orthonormal columns, or rows where these are fewer: the Q of a matrix
// of normal numbers whose R has a positive diagonal.
func InitOrthogonal[T Float](dst []T, in Init, shape ...int) {
	rows, cols := 1, 1
	if n := len(shape); n > 0 {
		cols = shape[n-1]
		for _, d := range shape[:n-1] {
			rows *= d
		}
	}
	count, length := min(rows, cols), max(rows, cols)
	q := make([]float64, count*length)
	InitNormal(q, in, 0, 1)
	orthonormalise(q, count, length)
	for i := range rows {
		for j := range cols {
			if rows >= cols {
				dst[i*cols+j] = T(q[j*length+i])
			} else {
				dst[i*cols+j] = T(q[i*length+j])
			}
		}
	}
}

// orthonormalise makes the count rows of q orthonormal, by Gram–Schmidt done
// twice for accuracy.
func orthonormalise(q []float64, count, length int) {
	for i := range count {
		v := q[i*length : (i+1)*length]
		for range 2 {
			for j := range i {
				w := q[j*length : (j+1)*length]
				d := dot(v, w)
				for k := range v {
					v[k] -= d * w[k]
				}
			}
		}
		n := math.Sqrt(dot(v, v))
		for k := range v {
			v[k] /= n
		}
	}
}

func dot(a, b []float64) float64 {
	var s float64
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

// InitConst fills dst with a value.
func InitConst[T Float](dst []T, value float64) {
	for i := range dst {
		dst[i] = T(value)
	}
}

// InitWithin fills dst with the stored values u of a constrained parameter whose
// values s draw fills: s = lo + softplus(u), or, where hi is finite,
// s = lo + (hi-lo)·sigmoid(u). Draws rounded onto a bound are moved off it.
func InitWithin[T Float](dst []T, lo, hi float64, draw func(s []float64)) {
	s := make([]float64, len(dst))
	draw(s)
	for i, v := range s {
		v = min(max(v, math.Nextafter(lo, hi)), math.Nextafter(hi, lo))
		if x := v - lo; math.IsInf(hi, 1) {
			dst[i] = T(x + math.Log(-math.Expm1(-x)))
		} else {
			dst[i] = T(math.Log(x / (hi - v)))
		}
	}
}

// Fans returns the number of inputs and of outputs of a parameter of a shape:
// the last dimension is the output, the product of the others the input; a
// vector of n has n of both, a scalar 1.
func Fans(shape ...int) (fanIn, fanOut int) {
	switch n := len(shape); n {
	case 0:
		return 1, 1
	case 1:
		return shape[0], shape[0]
	default:
		fanIn = 1
		for _, d := range shape[:n-1] {
			fanIn *= d
		}
		return fanIn, shape[n-1]
	}
}
