package check

import (
	"strings"

	"github.com/gradgen/gradgen/graph/ops"
)

// Function describes a built-in function for the reference.
type Function struct {
	Signature string
	Family    string
	Doc       string
}

// families of built-ins, in the order of the language's own table.
var families = []struct {
	title string
	names string
}{
	{"Element-wise", "abs sign sqrt rsqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc lgamma digamma floor ceil round clamp hypot mod div sigmoid softplus relu gelu silu where stop max min isnan isfinite real int"},
	{"Over all axes, or `axis = k` or `[j, k]`, with `keep = true` leaving extents of 1", "sum mean prod max min any all var std norm logsumexp"},
	{"Along the last axis, or `axis = k`", "softmax log_softmax argmax argmin cumsum cumprod sort argsort topk split one_hot roll flip"},
	{"Along the first axis", "concat stack pad scatter update gather"},
	{"Shapes", "reshape flatten transpose tile broadcast range zeros ones full eye diag tril triu"},
	{"Linear algebra, over the last two axes", "dot cross outer trace det logdet inv solve cholesky triangular_solve"},
	{"Losses with accurate derivatives", "cross_entropy bce"},
	{"Random numbers", "dropout random.normal random.uniform random.bernoulli random.categorical"},
	{"Derivatives", "grad jacobian hessian hvp jvp vjp"},
}

// Functions lists the built-in functions by family.
func Functions() []Function {
	var out []Function
	for _, f := range families {
		for _, name := range strings.Fields(f.names) {
			out = append(out, Function{signature(name, f.title), f.title, docOf(name, f.title)})
		}
	}
	return out
}

func signature(name, family string) string {
	if s, ok := signatures[name]; ok && !(strings.HasPrefix(family, "Over") && (name == "max" || name == "min")) {
		return s
	}
	var params []string
	b := builtins[name]
	for _, p := range b.params {
		if opt := trimOptional(p); opt != p {
			p = "[" + opt + "]"
		}
		params = append(params, p)
	}
	if len(params) == 0 {
		params = []string{"x", "[axis]", "[keep]"}
	}
	return name + "(" + strings.Join(params, ", ") + ")"
}

// signatures are those that the parameter lists do not show.
var signatures = map[string]string{
	"where": "where(c, a, b)", "max": "max(a, b)", "min": "min(a, b)",
	"concat": "concat(a, b, .., [axis])", "stack": "stack(a, b, .., [axis])",
	"grad": "grad(y, x, ..)", "jacobian": "jacobian(y, x)", "hessian": "hessian(y, x)",
	"hvp": "hvp(y, x, v)", "jvp": "jvp(y, x, v)", "vjp": "vjp(y, x, u)",
}

// docOf is the line of the operator of that name, or of the list below.
func docOf(name, family string) string {
	if d, ok := docs[name]; ok {
		return d
	}
	if strings.HasPrefix(family, "Over") {
		if op, ok := ops.Table()["r"+name]; ok {
			return op.Doc
		}
	}
	if op, ok := ops.Table()[name]; ok {
		return op.Doc
	}
	return ""
}

// docs describe built-ins that are no operators of their own.
var docs = map[string]string{
	"div":                "a/b of ints, rounded down",
	"clamp":              "x, not below lo and not above hi; derivative ½ at a bound",
	"any":                "whether one is true",
	"all":                "whether all are true",
	"mean":               "sum over the number of elements; of conditions, the share that holds",
	"topk":               "the k largest, largest first, and their places",
	"split":              "equal parts, as several results",
	"one_hot":            "1 at place i of n, which is checked, 0 elsewhere",
	"roll":               "elements moved k places on, those that fall off the end to the front",
	"flip":               "elements in reverse",
	"stack":              "tensors of one shape side by side on a new axis",
	"concat":             "tensors one after the other",
	"pad":                "widths [before, after] of a value around x",
	"scatter":            "x with v added into its rows i",
	"update":             "x with the rows i replaced by v; of a row named twice the last one counts",
	"gather":             "x[i]: the rows of x that the ints i name",
	"reshape":            "the same elements in another shape; one extent may be -1",
	"flatten":            "all axes from `from` on as one",
	"transpose":          "axes in another order; x' exchanges the last two",
	"tile":               "x repeated along each axis",
	"broadcast":          "x stretched to a shape",
	"range":              "the ints 0, 1 .. n-1",
	"zeros":              "zeros of a shape",
	"ones":               "ones of a shape",
	"full":               "one value in a shape",
	"eye":                "the unit matrix",
	"diag":               "the matrix with diagonal x, or the diagonal of a matrix",
	"tril":               "x with zeros above the diagonal",
	"triu":               "x with zeros below the diagonal",
	"dot":                "Σ a·b of two vectors",
	"cross":              "the vector product over a last axis of 3",
	"outer":              "all products of two vectors' elements",
	"trace":              "the sum of the diagonal",
	"triangular_solve":   "the x with L x = b, L read as lower or upper triangular",
	"dropout":            "while training: elements 0 with probability p, the others divided by 1 - p",
	"random.normal":      "standard normal numbers",
	"random.uniform":     "uniform numbers of (0, 1)",
	"random.bernoulli":   "true with probability p",
	"random.categorical": "an index, i in proportion to exp(logits[i])",
	"grad":               "gradient of the scalar y by each x, shaped like it",
	"jacobian":           "derivatives of y by x: shape of y, then of x; by an instance, one of these for each parameter: j.W",
	"hessian":            "second derivatives of the scalar y by x: shape of x twice; by an instance, one for each two parameters: H.W.b",
	"hvp":                "hessian times v; by an instance, v and the result are values of its layer",
	"jvp":                "jacobian times v; by an instance, v is a value of its layer",
	"vjp":                "u times jacobian; by an instance, a value of its layer",
}
