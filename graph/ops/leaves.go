package ops

import "github.com/gradgen/gradgen/graph"

// Leaves have no operands; their types are stated where they are made.
var leaves = []*graph.Op{
	leaf("input", "a value the caller gives"),
	leaf("param", "a learned tensor"),
	leaf("state", "a tensor that is kept between steps"),
	leaf("carry", "a value a session keeps between calls"),
	leaf("grad", "in an update rule: the gradient by the parameter"),
	leaf("scalar", "in an update rule: the step number, a hyperparameter, the norm of the gradient"),
	leaf("const", "one number in every element"),
	leaf("table", "a tensor of literal elements"),
	leaf("arg", "a parameter of a region"),
	leaf("index", "an int computed from dims and the place of the element"),
}

func leaf(name, doc string) *graph.Op {
	return &graph.Op{Name: name, Doc: doc, Class: graph.LeafOp, Given: true}
}
