package diag

var nameCodes = []Row{
	{
		Code: "G0201", Title: "unknown name",
		Explanation: "No value of this name is in scope where it is used. Names must be defined before they are used, and blocks do not leak the names defined in them.",
		Wrong:       "func F(x) = x * hiden\n",
	},
	{
		Code: "G0202", Title: "declared twice",
		Explanation: "Inputs, parameters, states, dims, functions and models keep their names: a scope cannot declare a second of the same name. (A plain definition may be bound again.)",
		Wrong:       "model M {\n    input x [3]\n    input x [4]\n    output y = x\n}\n",
		Help:        "rename one of them",
	},
	{
		Code: "G0203", Title: "no such field",
		Explanation: "The value before the point has no part of that name: a layer instance has its parameters, states and inner instances.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x [3]\n    h = nn.Dense(x, 2)\n    output w = h.V\n    output y = h\n}\n",
	},
	{
		Code: "G0204", Title: "unknown function",
		Explanation: "No function or layer of this name is built in, imported or declared here.",
		Wrong:       "func F(x) = sine(x)\n",
	},
	{
		Code: "G0205", Title: "unknown argument name",
		Explanation: "The function has no parameter of that name.",
		Wrong:       "func F(x [n]) = sum(x, axes = 0)\n",
	},
	{
		Code: "G0206", Title: "argument given twice",
		Explanation: "An argument may be given by position or by name, once.",
		Wrong:       "func F(x [n]) = sum(x, axis = 0, axis = 0)\n",
	},
	{
		Code: "G0207", Title: "missing argument",
		Explanation: "A parameter without a default got no argument.",
		Wrong:       "func F(x) = atan2(x)\n",
	},
	{
		Code: "G0208", Title: "too many arguments",
		Explanation: "There are more arguments than parameters.",
		Wrong:       "func F(x) = sin(x, x)\n",
	},
	{
		Code: "G0209", Title: "not a function",
		Explanation: "Only functions, layers and layer instances can be called.",
		Wrong:       "func F(x) {\n    y = 2 * x\n    return y(3)\n}\n",
		Help:        "multiplication is written with *",
	},
	{
		Code: "G0210", Title: "wrong number of results",
		Explanation: "The number of names on the left differs from the number of results on the right, or several results stand where one value is needed.",
		Wrong:       "func two(x) {\n    return x, 2 * x\n}\nfunc F(x) {\n    a, b, c = two(x)\n    return a + b + c\n}\n",
	},
	{
		Code: "G0211", Title: "function or instance used as a tensor",
		Explanation: "Functions may be called and passed as arguments, but not computed with, returned or stored. A layer instance takes part in arithmetic with scalars and values of its layer; what is returned or stored elsewhere is one of its parameters, as in net.W.",
		Wrong:       "func F(x) = x + sin\n",
		Help:        "call it",
	},
	{
		Code: "G0212", Title: "positional argument after a named one",
		Explanation: "Arguments by position come first.",
		Wrong:       "func g(a, b = 2) = a * b\nfunc F(x) = g(b = 3, x)\n",
		Help:        "move it to the front, or name it",
	},
	{
		Code: "G0213", Title: "unused name", Warning: true,
		Explanation: "The value is defined and nothing uses it.",
		Wrong:       "func F(x) {\n    y = 2 * x\n    return x\n}\n",
		Help:        "remove it",
	},
	{
		Code: "G0214", Title: "recursion does not end",
		Explanation: "The shapes that a recursive function is called with are found when code is generated, so fixed dimensions must decide its depth.",
		Wrong:       "func F(x) = F(x) + 1\n",
		Help:        "end the recursion by an `if` over a fixed dimension, or use scan or while",
	},
	{
		Code: "G0215", Title: "an outer name is bound in a loop",
		Explanation: "What passes from step to step of a scan or while is declared by carry lines at its head.",
		Wrong:       "func F(x [n]) {\n    s = 0.0\n    scan i in 0..n {\n        s = s + x[i]\n    }\n    return s\n}\n",
		Help:        "declare it: carry s = 0.0",
	},
	{
		Code: "G0216", Title: "a declared name is bound again",
		Explanation: "Inputs, parameters, dims and constants keep their value; another name is needed for another value.",
		Wrong:       "model M {\n    dim n = 4\n    input x [n]\n    n = 5\n    output y = x * n\n}\n",
		Help:        "choose another name",
	},
	{
		Code: "G0217", Title: "an index hides the loop's", Warning: true,
		Explanation: "`x[i] = e` defines all elements of x, for a new index i. In a loop over i that is not the i of the loop.",
		Wrong:       "func F(x [3]) {\n    for i in 0..3 {\n        x[i] = 2 * x[i]\n    }\n    return x\n}\n",
		Help:        "replace one element by x = update(x, i, e), or leave the loop out",
	},
}

var typeCodes = []Row{
	{
		Code: "G0401", Title: "types do not fit",
		Explanation: "An operator or function got an operand of the wrong element type: arithmetic wants numbers, and/or/not want bool.",
		Wrong:       "func F(x) = (x > 0) + 1\n",
	},
	{
		Code: "G0402", Title: "int and real do not mix",
		Explanation: "An int known only at run time meets a real through real(i). (Written whole numbers and dims take the type that is needed.) An int to the power of an int is an int; that the exponent is not negative is checked when it runs.",
		Wrong:       "model M {\n    input i int\n    input x\n    output y = i * x\n}\n",
		Help:        "write real(i)",
	},
	{
		Code: "G0403", Title: "division of integers",
		Explanation: "Between run-time ints / is ambiguous.",
		Wrong:       "model M {\n    input i int\n    input j int\n    output y = real(i / j)\n}\n",
		Help:        "div(a, b) rounds down; real(a) / real(b) is exact",
	},
	{
		Code: "G0404", Title: "condition is not a scalar bool",
		Explanation: "if and while decide by one bool.",
		Wrong:       "func F(x [3]) {\n    if x > 0 {\n        y = 1.0\n    } else {\n        y = 2.0\n    }\n    return y\n}\n",
		Help:        "use any(..) or all(..), or where(..) to select element by element",
	},
	{
		Code: "G0405", Title: "condition is not known at generation time",
		Explanation: "Here the condition has to be decided when code is generated: by constants, fixed dims, loop variables of `for`, or `training`.",
		Wrong:       "func F(x [3, 2]) = sum(x, axis = 0, keep = x[0, 0] > 0)\n",
	},
	{
		Code: "G0406", Title: "index is not an int",
		Explanation: "Subscripts, axes and positions are whole numbers.",
		Wrong:       "func F(x [n], i) = x[i]\n",
		Help:        "declare it int, or convert with int(..)",
	},
	{
		Code: "G0407", Title: "loop bounds are not known at generation time",
		Explanation: "A for loop runs over constants and fixed dims.",
		Wrong:       "model M {\n    dim n\n    input x [n]\n    y = 0.0\n    for i in 0..n {\n        y = y + x[i]\n    }\n    output z = y\n}\n",
		Help:        "use scan for a loop at run time",
	},
	{
		Code: "G0408", Title: "number does not fit its type",
		Explanation: "An int holds 32 bits, a real f32 or f64.",
		Wrong:       "model M {\n    input x [3_000_000_000]\n    output y = sum(x)\n}\n",
	},
	{
		Code: "G0409", Title: "collect in a scan whose bounds depend on an index",
		Explanation: "Under an index, a scan runs to the largest of its bounds, and elements that have ended stay as they are. What it collected would have rows of different lengths.",
		Wrong:       "func F(len [n] int) = array(i: {\n    scan t in 0..len[i] {\n        carry h = 0.0\n        h = h + 1\n        collect hs = h\n    }\n    return h\n})\n",
		Help:        "scan to the largest bound, max(len), and select by where",
	},
	{
		Code: "G0410", Title: "remat of a loop that is unrolled", Warning: true,
		Explanation: "for(remat = k) computes again what lies between every k-th iteration. That takes a loop whose iterations are alike but for their parameters and what they read at the index. Others are unrolled, and keep what the backward pass needs.",
		Wrong:       "import \"nn\"\nmodel M {\n    dim n\n    input x [n, 8]\n    h = x\n    for(remat = 2) i in 0..4 { h = nn.Dense(h, 8 - i) }\n    output h\n}\n",
		Help:        "use scan, or give all iterations the same shapes",
	},
	{
		Code: "G0411", Title: "the condition of a loop never changes",
		Explanation: "A while goes on until its condition fails. What changes from round to round is declared by carry lines; the condition has to read something of it, or the loop never runs or never ends.",
		Wrong:       "func F(x) {\n    while x > 1 {\n        carry y = x\n        y = y / 2\n    }\n    return y\n}\n",
		Help:        "carry what the condition reads",
	},
}
