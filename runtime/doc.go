// Package runtime is what the Go code written by gradgen calls: matrix
// products, workers, scalar functions, random numbers, initial values of
// parameters, parameter files and the errors of the entry checks. Generated
// code imports it as rt.
//
// It imports nothing but the standard library and travels into the user's
// program. For
//
//	model Line {
//	    dim batch
//	    input x [batch, 3]
//	    output y = nn.Dense(x, 2)
//	}
//
// the generated Predict checks its input with [CheckLen], runs its kernels
// with a [Team], which calls [MatMul32] for a range of rows at a time, and
// Save writes y.W and y.b with [SaveTensors].
//
// Functions come in pairs whose names end in 32 and 64, for float32 and
// float64. After construction nothing on the path of a prediction or a
// training step allocates.
package runtime

// Float is the constraint of the element types of a model.
type Float interface{ ~float32 | ~float64 }
