package diag

var shapeCodes = []Row{
	{
		Code: "G0301", Title: "these shapes do not multiply",
		Explanation: "In a @ b the last extent of a must be the last but one of b (the only one where b is a vector).",
		Wrong:       "model M {\n    input h [5, 128]\n    param W2 [256, 10] ~ he\n    output y = h @ W2\n}\n",
	},
	{
		Code: "G0302", Title: "these shapes do not broadcast",
		Explanation: "Shapes align at the right; two extents fit when they are equal or one of them is 1.",
		Wrong:       "model M {\n    input a [3]\n    input b [4]\n    output y = a + b\n}\n",
	},
	{
		Code: "G0303", Title: "these shapes do not join",
		Explanation: "concat joins along the first axis: all other extents must agree. stack and lists want equal shapes.",
		Wrong:       "model M {\n    input a [2, 3]\n    input b [2, 4]\n    output y = concat(a, b)\n}\n",
	},
	{
		Code: "G0304", Title: "reshape changes the number of elements",
		Explanation: "The old and the new shape must have the same product.",
		Wrong:       "model M {\n    input x [4, 3]\n    output y = reshape(x, [5, 2])\n}\n",
	},
	{
		Code: "G0305", Title: "index out of range",
		Explanation: "A subscript known at compile time lies outside its axis.",
		Wrong:       "model M {\n    input x [4]\n    output y = x[4]\n}\n",
		Help:        "indices run from 0 to the extent minus 1; written negative ones count from the end",
	},
	{
		Code: "G0306", Title: "the range of this index cannot be inferred",
		Explanation: "A range is inferred from a place where the index stands alone as a subscript, or from affine accesses. This index has neither.",
		Wrong:       "func F(x [n]) = sum(i: real(i))\n",
		Help:        "give the range: i in n",
	},
	{
		Code: "G0307", Title: "the ranges of this index disagree",
		Explanation: "The index stands alone as a subscript of axes with different extents.",
		Wrong:       "model M {\n    input a [3]\n    input b [4]\n    output y = sum(i: a[i] * b[i])\n}\n",
		Help:        "give the range: i in 3",
	},
	{
		Code: "G0308", Title: "wrong number of subscripts",
		Explanation: "There are more subscripts than axes, or fewer where a scalar is needed.",
		Wrong:       "model M {\n    input x [4]\n    output y = x[0, 1]\n}\n",
	},
	{
		Code: "G0309", Title: "no such axis",
		Explanation: "Axes are counted from 0, negative ones from the last.",
		Wrong:       "model M {\n    input x [4, 3]\n    output y = sum(x, axis = 2)\n}\n",
	},
	{
		Code: "G0310", Title: "a dimension is a whole number",
		Explanation: "Dimensions are made of integers, dims and loop variables by + - *, exact division, div, min and max.",
		Wrong:       "model M {\n    input x [2.5]\n    output y = x\n}\n",
	},
	{
		Code: "G0311", Title: "the division leaves a remainder",
		Explanation: "A dimension written as a quotient must come out whole.",
		Wrong:       "model M {\n    dim width = 10\n    dim heads = 4\n    input x [width / heads]\n    output y = x\n}\n",
		Help:        "choose fixed dims that divide, or use div(a, b)",
	},
	{
		Code: "G0312", Title: "the argument does not fit the shape pattern",
		Explanation: "The parameter's pattern gives the number of axes, and names that appear twice must have equal extents.",
		Wrong:       "func dot2(a [n], b [n]) = sum(a * b)\nmodel M {\n    input a [3]\n    input b [4]\n    output y = dot2(a, b)\n}\n",
	},
	{
		Code: "G0313", Title: "the shape may not change",
		Explanation: "A state, carry or updated parameter keeps its shape, as does a name bound again in a loop or in both branches of an if.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x [3]\n    input z [4]\n    enc = layer nn.Dense(out = 2)\n    output y = enc(x) + enc(z)\n}\n",
	},
	{
		Code: "G0314", Title: "a vector has no transpose",
		Explanation: "x' swaps the last two axes, so there must be two.",
		Wrong:       "model M {\n    input x [3]\n    output y = x'\n}\n",
		Help:        "reshape(x, [1, n]) makes a row; @ takes vectors as they are",
	},
	{
		Code: "G0315", Title: "@ wants vectors or matrices",
		Explanation: "A scalar multiplies with *.",
		Wrong:       "model M {\n    input a\n    input x [3]\n    output y = a @ x\n}\n",
		Help:        "write *",
	},
	{
		Code: "G0316", Title: "a fixed dimension is needed",
		Explanation: "Parameters and states are made when the model is, so their dims are known when code is generated.",
		Wrong:       "model M {\n    dim n\n    input x [n]\n    param w [n] = 1\n    output y = w * x\n}\n",
		Help:        "give the dim a value: dim n = 8",
	},
	{
		Code: "G0317", Title: "several int tensors in one index",
		Explanation: "A plain x[..] gathers by at most one int tensor.",
		Wrong:       "model M {\n    input x [4, 4]\n    input i [3] int\n    input j [3] int\n    output y = x[i, j]\n}\n",
		Help:        "use index notation: y[k] = x[i[k], j[k]]",
	},
	{
		Code: "G0318", Title: "the matrix is not square",
		Explanation: "det, inv, solve, cholesky and kin take square matrices.",
		Wrong:       "model M {\n    input x [2, 3]\n    output y = diag(x)\n}\n",
	},
	{
		Code: "G0319", Title: "wrong number of axes",
		Explanation: "The function or declaration wants a scalar, a vector or a matrix and got something else.",
		Wrong:       "model M {\n    input x [2, 3]\n    output y = cumsum(sum(x))\n}\n",
	},
	{
		Code: "G0320", Title: "a dimension is too small",
		Explanation: "Extents are at least 0, run-time dims at least 1.",
		Wrong:       "model M {\n    dim n = 2\n    input x [n - 3]\n    output y = x\n}\n",
	},
	{
		Code: "G0321", Title: "a carry changes its shape or type",
		Explanation: "What a loop carries has the shape and type of its initial value in every step.",
		Wrong:       "func F(x [3]) {\n    scan t in 0..4 {\n        carry h = 0.0\n        h = h + x\n    }\n    return h\n}\n",
		Help:        "give the carry its shape: carry h [3] = 0",
	},
	{
		Code: "G0322", Title: "the branches of an if disagree",
		Explanation: "Where an if is decided at run time, what it binds or returns has one shape and type, whichever branch runs.",
		Wrong:       "func F(x, v [3]) {\n    if x > 0 {\n        y = v\n    } else {\n        y = x\n    }\n    return y\n}\n",
		Help:        "bring both to one shape, for example with broadcast",
	},
	{
		Code: "G0323", Title: "only the run tells how many there are",
		Explanation: "What a scan over an int collects has as many rows as it made steps. That number is known when the loop has ended, not when a call is checked: two such extents are equal only where the ints are the same name.",
		Wrong:       "func F(x, j int, k int) {\n    scan t in 0..j {\n        carry h = x\n        h = sin(h)\n        collect hs = h\n    }\n    scan t in 0..k {\n        carry g = x\n        g = cos(g)\n        collect gs = g\n    }\n    return sum(hs * gs)\n}\n",
		Help:        "run both loops to one int, or index by an int, which is checked when it runs",
	},
}
