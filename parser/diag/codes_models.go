package diag

var modelCodes = []Row{
	{
		Code: "G0501", Title: "train without a loss",
		Explanation: "Training minimises a loss, and the model states none.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x [3]\n    output y = nn.Dense(x, 1)\n    train nn.Adam(lr = 1e-3)\n}\n",
		Help:        "add a line: loss mean(..)",
	},
	{
		Code: "G0502", Title: "several losses without names",
		Explanation: "With more than one loss each has a name.",
		Wrong:       "model M {\n    input x\n    param a = 1\n    output y = a * x\n    loss y^2\n    loss (y - 1)^2\n}\n",
		Help:        "write loss d = .. and loss g = ..",
	},
	{
		Code: "G0503", Title: "loss is not a scalar",
		Explanation: "What training minimises is one number.",
		Wrong:       "model M {\n    input x [3]\n    param a = 1\n    output y = a * x\n    loss y^2\n}\n",
		Help:        "take sum(..) or mean(..)",
	},
	{
		Code: "G0504", Title: "loss is not real",
		Explanation: "A loss that is an int or bool has no derivative.",
		Wrong:       "model M {\n    input x [3]\n    param a = 1\n    output y = a * x\n    loss argmax(y)\n}\n",
	},
	{
		Code: "G0505", Title: "parameter does not influence the loss", Warning: true,
		Explanation: "The gradient of the loss by this parameter is zero everywhere, so training leaves it as it is.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x\n    param a = 1\n    param b = 1\n    output y = a * x + b\n    loss (a * x)^2\n    train nn.SGD(lr = 0.1)\n}\n",
	},
	{
		Code: "G0506", Title: "the pattern matches no parameter",
		Explanation: "A train line names parameters by path, or by the end of a path after `..`.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x\n    param a = 1\n    output y = a * x\n    loss y^2\n    train nn.SGD(lr = 0.1) for trunk\n}\n",
	},
	{
		Code: "G0507", Title: "not an update rule",
		Explanation: "After train stands the call of an optimizer.",
		Wrong:       "model M {\n    input x\n    param a = 1\n    output y = a * x\n    loss y^2\n    train sin(x)\n}\n",
		Help:        "use one of nn, as in train nn.Adam(lr = 1e-3)",
	},
	{
		Code: "G0508", Title: "not allowed in an update rule",
		Explanation: "The body of an optimizer sees p, g, t, gnorm, its states and arguments; it defines names, updates states and p, and nothing else.",
		Wrong:       "optimizer Slow(lr = 0.1) {\n    p <- p - lr * g\n}\n\nmodel M {\n    input x\n    param a = 1\n    output y = a * x\n    loss y^2\n    train Slow(lr = x)\n}\n",
	},
	{
		Code: "G0509", Title: "parameter has no initial value",
		Explanation: "A parameter starts from a distribution or an expression.",
		Wrong:       "model M {\n    input x [3]\n    param w [3]\n    output y = w * x\n}\n",
		Help:        "add ~ he, ~ normal(0, 0.1) or = 0",
	},
	{
		Code: "G0510", Title: "unknown initialiser",
		Explanation: "After ~ stands one of normal(mean, std), uniform(a, b), he, xavier, lecun, orthogonal, zeros, ones, or an expression of constants. A standard deviation is not negative, and a is not above b. orthogonal makes the columns of a matrix orthonormal (or the rows, where these are fewer).",
		Wrong:       "model M {\n    input x [3]\n    param w [3, 2] ~ heh\n    output y = x @ w\n}\n",
	},
	{
		Code: "G0511", Title: "output is not defined",
		Explanation: "`output y` without a value returns a definition made before it.",
		Wrong:       "model M {\n    input x\n    output y\n}\n",
		Help:        "define it above, or write output y = ..",
	},
	{
		Code: "G0512", Title: "train names no loss of the model",
		Explanation: "`train d: rule` moves parameters by the loss called d.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x\n    param a = 1\n    output y = a * x\n    loss d = y^2\n    train g: nn.SGD(lr = 0.1)\n}\n",
	},
	{
		Code: "G0513", Title: "train does not say which loss",
		Explanation: "With several losses each train line names its own.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x\n    param a = 1\n    output y = a * x\n    loss d = y^2\n    loss g = (y - 1)^2\n    train nn.SGD(lr = 0.1)\n}\n",
		Help:        "write train d: rule",
	},
	{
		Code: "G0514", Title: "the constraint does not hold",
		Explanation: "The bounds of a constrained parameter are finite and ordered, and its initial value lies strictly between them. A distribution (~ uniform(a, b), ~ ones, ~ zeros) is one of values in constrained terms; others draw values that may break any bound.",
		Wrong:       "model M {\n    input x\n    param p in (0, 1) = 2\n    output y = p * x\n}\n",
	},
	{
		Code: "G0515", Title: "<- updates a state",
		Explanation: "Only a state (and, in an optimizer, p) is stored by <-.",
		Wrong:       "model M {\n    input x\n    y = x\n    y <- 2 * x\n    output z = y\n}\n",
		Help:        "a plain definition is written with =; to compare with a negative number leave a space: a < -b",
	},
	{
		Code: "G0516", Title: "a layer instance cannot be made here",
		Explanation: "Whether parameters exist must be known when code is generated, so no instance is made under a run-time condition; and layers are called in models and layers only.",
		Wrong:       "import \"nn\"\n\nfunc F(x [3]) = sum(nn.Dense(x, 2))\n",
		Help:        "make the instance outside: net = layer nn.Dense(out = 2)",
	},
	{
		Code: "G0517", Title: "the model computes nothing",
		Explanation: "A model has at least one output or loss.",
		Wrong:       "model M {\n    input x\n}\n",
		Help:        "add a line: output y = ..",
	},
	{
		Code: "G0518", Title: "no such base model",
		Explanation: "`model B(A)` is a second program over the parameters of a model A of this file, declared before it.",
		Wrong:       "model B(A) {\n    input x\n    output y = x\n}\n",
	},
	{
		Code: "G0519", Title: "the loss has no parameters to train",
		Explanation: "No parameter is moved by this train line.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x\n    output y = 2 * x\n    loss y^2\n    train nn.SGD(lr = 0.1)\n}\n",
	},
	{
		Code: "G0520", Title: "an initial value of constants is needed",
		Explanation: "Initial values of parameters and states, values of dims and consts are known before any input is.",
		Wrong:       "model M {\n    input x\n    param w = x\n    output y = w * x\n}\n",
	},
}

var diffCodes = []Row{
	{
		Code: "G0601", Title: "differentiate by a name",
		Explanation: "The target of a derivative is a binding: a definition, parameter, input, carry, argument, or a path to one.",
		Wrong:       "func F(x) {\n    y = x^2\n    return grad(y, 2 * x)\n}\n",
		Help:        "give the expression a name, define y by it, and differentiate by the name",
	},
	{
		Code: "G0602", Title: "gradient of what is not a scalar",
		Explanation: "grad and hessian want one real number to differentiate.",
		Wrong:       "func F(x [3]) {\n    y = x^2\n    return grad(y, x)\n}\n",
		Help:        "take sum(y), or use jacobian(y, x)",
	},
	{
		Code: "G0603", Title: "the derivative is zero", Warning: true,
		Explanation: "What is differentiated does not depend on the target, or was computed before the target was bound.",
		Wrong:       "func F(x, z) {\n    y = x^2\n    return y, grad(y, z)\n}\n",
	},
	{
		Code: "G0604", Title: "derivative of an int or bool",
		Explanation: "Only real values have derivatives.",
		Wrong:       "model M {\n    input i int\n    y = real(i)^2\n    output d = grad(y, i)\n}\n",
	},
	{
		Code: "G0605", Title: "the derivative would be partial",
		Explanation: "In a loop, carried names are independent variables. The target comes from outside the loop and reaches the value also through a carried name.",
		Wrong:       "func F(a, x [n]) {\n    scan t in 0..n {\n        carry h = 0.0\n        h = tanh(a * h + x[t])\n        e = h^2\n        collect d = grad(e, a)\n    }\n    return d\n}\n",
		Help:        "use stop(h) for the partial derivative, or differentiate after the loop",
	},
	{
		Code: "G0606", Title: "the direction has the wrong shape",
		Explanation: "In jvp and hvp the direction is shaped like the target, in vjp like the value. By a layer instance it is a value of the layer, such as grad(y, net).",
		Wrong:       "func F(x [3], v [4]) {\n    y = sum(x^2)\n    return hvp(y, x, v)\n}\n",
	},
	{
		Code: "G0607", Title: "the stated derivative does not fit the function",
		Explanation: "A derivative stated by hand names a tangent for each parameter, in order, and gives the tangent of each result, in its shape. It is linear in the tangents: a sum of products with one of them each.",
		Wrong:       "real f64\nfunc cube(x) = x^3\n    derivative(dx, dy) = 3 * x^2 * dx\n\nfunc F(x) {\n    y = cube(x)\n    return grad(y, x)\n}\n",
		Help:        "write derivative(dx) for a function of x",
	},
}
