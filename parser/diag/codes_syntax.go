package diag

var syntaxCodes = []Row{
	{
		Code: "G0101", Title: "illegal character",
		Explanation: "The character has no meaning in the language outside comments and strings.",
		Wrong:       "func F(x) = x $ 2\n",
		Help:        "remove it",
	},
	{
		Code: "G0102", Title: "comment is not closed",
		Explanation: "A comment that begins with /* goes on to the next */, and there is none.",
		Wrong:       "func F(x) = x\n/* the rest\n",
		Help:        "close it with */",
	},
	{
		Code: "G0103", Title: "string is not closed",
		Explanation: "A string ends with a double quote on the line it begins on.",
		Wrong:       "import \"nn\nfunc F(x) = x\n",
		Help:        "close it with \"",
	},
	{
		Code: "G0104", Title: "malformed number",
		Explanation: "Numbers are written as in Go, with a digit on both sides of the point: 0.5, 1e-3, 1_000, 0xff.",
		Wrong:       "func F(x) = x * .5\n",
		Help:        "write 0.5 for .5, and 1.0 for 1.",
	},
	{
		Code: "G0105", Title: "nested too deeply",
		Explanation: "Brackets, blocks and operators may be nested 200 deep.",
		Wrong:       "func F(x) = " + nest(201) + "\n",
		Help:        "give inner parts names of their own",
	},
	{
		Code: "G0106", Title: "syntax error",
		Explanation: "Something else has to stand here; the message says what was expected and what was found.",
		Wrong:       "func F(x) = x +\n",
	},
	{
		Code: "G0107", Title: "bracket is not closed",
		Explanation: "An opening bracket has no partner before the block or the file ends.",
		Wrong:       "func F(x) = sin(x\n",
		Help:        "close it",
	},
	{
		Code: "G0108", Title: "bracket does not match",
		Explanation: "A closing bracket has no opening partner, or its partner is of another kind.",
		Wrong:       "func F(x) = sin(x]\n",
	},
	{
		Code: "G0109", Title: "comparisons do not chain",
		Explanation: "a < b < c would compare a bool with a number.",
		Wrong:       "func F(x) = where(0 < x < 1, x, 0)\n",
		Help:        "write a < b and b < c",
	},
	{
		Code: "G0110", Title: "an index must be a plain name",
		Explanation: "Before the colon of index notation, and in brackets on the left of =, stand the names of the indices: i, i in n, i in lo..hi.",
		Wrong:       "func F(x [n]) = sum(i + 1: x[i])\n",
		Help:        "bind a plain name and compute with it after the colon",
	},
	{
		Code: "G0111", Title: "keyword used as a name",
		Explanation: "The words of the language cannot name values.",
		Wrong:       "func F(in) = in\n",
		Help:        "choose another name",
	},
	{
		Code: "G0112", Title: "not valid UTF-8",
		Explanation: "Source files are UTF-8 text.",
		Wrong:       "func F(x) = x // \xff\n",
		Help:        "save the file as UTF-8",
	},
	{
		Code: "G0113", Title: "= does not compare",
		Explanation: "A single = defines a name; values are compared by ==.",
		Wrong:       "func F(x) {\n    if x = 0 {\n        return 1\n    }\n    return x\n}\n",
		Help:        "write ==",
	},
	{
		Code: "G0114", Title: "not allowed here",
		Explanation: "Each declaration has its place: inputs, outputs, losses and train lines in a model; parameters and states in a model or layer; carry at the head of a loop or in a model; collect directly in a scan; return in a function, outside loops.",
		Wrong:       "input x [3]\n",
	},
	{
		Code: "G0115", Title: "never reached",
		Explanation: "Nothing may follow a return in the same block.",
		Wrong:       "func F(x) {\n    return x\n    y = x\n}\n",
		Help:        "remove what follows, or move the return to the end",
	},
	{
		Code: "G0116", Title: "the function returns nothing",
		Explanation: "A function or layer with a block for a body ends in `return`, and so does a block that is the body of index notation.",
		Wrong:       "func F(x) {\n    y = 2 * x\n}\n",
		Help:        "end the block with return",
	},
	{
		Code: "G0117", Title: "unknown loop option",
		Explanation: "`for` and `scan` take (remat = k), `while` takes (limit = n).",
		Wrong:       "func F(x) {\n    y = x\n    for(rematt = 2) i in 0..4 {\n        y = sin(y)\n    }\n    return y\n}\n",
	},
	{
		Code: "G0118", Title: "a range or condition without index notation",
		Explanation: "`i in n` and `i if c` bind an index, which needs a colon and a body after it. Outside a reduction, `in` and `if` have no meaning in an expression.",
		Wrong:       "func F(x [n]) = sum(i in n)\n",
		Help:        "write what is to be computed for each index after a colon: sum(i in n: x[i])",
	},
}

// nest wraps x in n pairs of parentheses.
func nest(n int) string {
	b := make([]byte, 0, 2*n+1)
	for range n {
		b = append(b, '(')
	}
	b = append(b, 'x')
	for range n {
		b = append(b, ')')
	}
	return string(b)
}
