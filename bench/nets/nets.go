// Package nets holds the networks of examples/digits as code that can be
// imported and timed.
package nets

//go:generate go run ../../cmd/gradgen gen -package nets -o mnist_grad.go ../../examples/digits/mnist.grad
//go:generate go run ../../cmd/gradgen gen -package nets -o conv_grad.go ../../examples/digits/conv.grad
//go:generate go run ../../cmd/gradgen gen -package nets -o ragged_grad.go ragged.grad
