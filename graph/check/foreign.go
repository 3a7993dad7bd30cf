package check

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// foreign answers names that other languages have.
var foreign = map[string]string{
	"len": axesHelp, "shape": axesHelp, "size": axesHelp, "numel": axesHelp, "length": axesHelp, "ndim": axesHelp,
	"matmul": "@ multiplies matrices", "mm": "@ multiplies matrices", "bmm": "@ multiplies matrices",
	"einsum": "index notation says it: C[i, j] = sum(k: A[i, k] * B[k, j])",
	"arange": "range(n) counts from 0, in ints; real(range(n)) in reals", "linspace": "lo + (hi - lo) * real(range(n)) / (n - 1)",
	"pow": "a power is written x ^ n", "square": "a power is written x ^ 2", "power": "a power is written x ^ n",
	"float": "real(x) converts an int", "double": "real(x) converts an int", "print": "what a model is to show is an output or a metric",
	"True": "write true", "False": "write false", "None": noneHelp, "nil": noneHelp, "null": noneHelp, "NULL": noneHelp, "nothing": noneHelp, "undefined": noneHelp,
	"average": "the mean is mean(x)", "avg": "the mean is mean(x)", "ln": "the natural logarithm is log(x)",
	"sgn": "the sign is sign(x)", "fabs": "the absolute value is abs(x)", "sqr": "a power is written x ^ 2",
	"transpose": "x' swaps the last two axes", "zip": "go over both by one index, as in sum(i: x[i] * y[i])",
	"enumerate": "go over the places by an index, as in sum(i: x[i])", "map": "array(i: f(x[i])) maps a function over an index",
	"bool": "compare: x != 0", "inverse": "the inverse is inv(A)", "d": "grad(y, x) is the derivative of y by x",
	"pinv": noDecomposition, "svd": noDecomposition, "eig": noDecomposition, "eigh": noDecomposition, "qr": noDecomposition, "lu": noDecomposition,
	"PI": "write pi", "Pi": "write pi", "e": "Euler's number is exp(1)", "end": "the last element is x[-1]", "zeros_like": "write 0 * x", "ones_like": "write 0 * x + 1",
	"isnull": "write isnan(x)", "isna": "write isnan(x)", "radians": "write x * pi / 180", "degrees": "write x * 180 / pi",
	"vmap": "array(i: f(x[i])) maps a function over an index", "self": "names stand by themselves",
	"this": "names stand by themselves", "Inf": "write inf", "Infinity": "write inf", "NaN": "write nan",
	"identity": "the function is nn.identity; the matrix is eye(n)", "cat": "tensors are joined by concat(a, b)", "hstack": "tensors are joined by concat(a, b, axis = -1)",
	"vstack": "tensors are joined by concat(a, b)", "expand": "broadcast(x, [..]) stretches", "view": "reshape(x, [..]) makes another shape",
	"squeeze": "reshape(x, [..]) makes another shape", "unsqueeze": "reshape(x, [..]) makes another shape",
	"detach": "stop(x) has derivative zero", "no_grad": "stop(x) has derivative zero", "stop_gradient": "stop(x) has derivative zero",
	"backward": "grad(y, x) is the gradient of y by x", "gradient": "grad(y, x) is the gradient of y by x", "diff": "grad(y, x) is the gradient of y by x",
	"shuffle": "argsort(random.uniform([n])) is a random order", "permutation": "argsort(random.uniform([n])) is a random order",
	"rand": "random.uniform([n]) draws between 0 and 1", "randn": "random.normal([n]) draws from the normal distribution",
	"arctan2": "write atan2", "arcsin": "write asin", "arccos": "write acos", "arctan": "write atan", "ceiling": "write ceil",
	"clip": "clamp(x, lo, hi) keeps x between two values", "absolute": "the absolute value is abs(x)",
	"concatenate": "tensors are joined by concat(a, b)", "maximum": "the greater of two is max(a, b)", "minimum": "the lesser of two is min(a, b)",
}

const (
	noDecomposition = "there are inv, solve, det, logdet, cholesky and triangular_solve"

	axesHelp   = "name the axes where the tensor is declared, as in func f(x [n, m]); the names are numbers too"
	updateHelp = "update(x, i, v) is x with the rows i replaced by v"
	noneHelp   = "every value is a number, a condition or a tensor; there is no empty one"
)

// parts answers what tensors have after a point in other languages.
var parts = map[string]string{
	"T": "x' swaps the last two axes, transpose(x, [..]) any", "t": "x' swaps the last two axes",
	"shape": "name the axes where the tensor is declared, as in func f(x [n, m])",
	"size":  "name the axes where the tensor is declared, as in func f(x [n, m])",
	"grad":  "grad(y, x) is the gradient of y by x", "backward": "grad(y, x) is the gradient of y by x",
	"detach": "stop(x) has derivative zero", "view": "write reshape(x, [..])", "dot": "write a @ b", "item": "a scalar is a number already",
	"float": "real(x) converts an int", "astype": "real(x) and int(x) convert", "at": updateHelp, "put": updateHelp, "set": updateHelp, "index_put": updateHelp, "scatter_": updateHelp, "index_copy": updateHelp,
	"log_prob": "prob.normal(x, mu, sd) and its like are log densities themselves",
	"append":   "a scan gathers values: collect ys = y",
	"permute":  "write transpose(x, [..])", "unsqueeze": "write reshape(x, [..])", "squeeze": "write reshape(x, [..])",
	"cuda": "remove it", "to": "real(x) and int(x) convert",
}

// partHelp answers a method call on what has no parts.
func partHelp(x, name string) string {
	if help := parts[name]; help != "" {
		return help
	}
	if b := builtins[name]; b != nil && len(required(b.params)) > 1 {
		return "write " + name + "(" + x + ", ..)"
	} else if b != nil {
		return "write " + name + "(" + x + ")"
	}
	return ""
}

// foreignModules are where functions live in other languages.
var foreignModules = strings.Fields("np numpy torch tf tensorflow jnp jax math Math cmath scipy sp F functional linalg LinearAlgebra keras std fmt")

var standardModules = strings.Fields("nn prob geo ode opt")

// noModule reports a name before a point that means nothing.
func (c *checker) noModule(id *ast.Ident, field ast.Name) val {
	part := field.Text
	if id.Name == "random" {
		c.report(diag.New("G0204", field.At, "there is no function random.%s", part).
			WithHelp("there are random.normal, random.uniform, random.bernoulli and random.categorical"))
		return val{kind: kBad, at: field.At}
	}
	d := diag.New("G0201", id.At, "there is no name %s here", id.Name)
	switch {
	case slices.Contains(standardModules, id.Name):
		d = d.WithHelp("begin the file with: import %q", id.Name)
	case slices.Contains(foreignModules, id.Name) && builtins[part] != nil:
		d = d.WithHelp("functions stand without a module: write %s(..)", part)
	case slices.Contains(foreignModules, id.Name) && constants[strings.ToLower(part)] != 0:
		d = d.WithHelp("write %s", strings.ToLower(part))
	case slices.Contains(foreignModules, id.Name) && foreign[part] != "":
		d = d.WithHelp("%s", foreign[part])
	case slices.Contains(foreignModules, id.Name) && part == "random":
		d = d.WithHelp("random numbers are drawn by random.normal([n]) and random.uniform([n])")
	case slices.Contains(foreignModules, id.Name):
		d = d.WithHelp("functions stand without a module, or in nn, prob, geo, ode or opt")
	default:
		return c.suggest(d, id.Name, nil)
	}
	c.report(d)
	return val{kind: kBad, at: id.At}
}

// library finds the module of the standard library that declares a name.
func (c *checker) library(f *frame, name string) string {
	if c.opt.Load == nil {
		return ""
	}
	for _, path := range standardModules {
		file, _ := c.opt.Load(f.mod.file.Src, path)
		if file == nil {
			continue
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.Func:
				if d.Name.Text == name {
					return path
				}
			case *ast.Optimizer:
				if d.Name.Text == name {
					return path
				}
			}
		}
	}
	return ""
}

// unboundIndex reports sum(i, x[i]) and the like, where an index is meant.
func (c *checker) unboundIndex(s *scope, e *ast.Call) bool {
	fn, ok := e.Fun.(*ast.Ident)
	if !ok || len(e.Args) == 0 || s.find(fn.Name) != nil {
		return false
	}
	if _, binds := comprehensions[fn.Name]; !binds {
		return false
	}
	id, ok := e.Args[0].Value.(*ast.Ident)
	if !ok || e.Args[0].Name != nil || c.knows(s, id.Name) || len([]rune(id.Name)) > 2 {
		return false
	}
	c.report(diag.New("G0201", id.At, "there is no name %s here", id.Name).
		WithHelp("an index is bound before a colon, as in %s(%s: x[%s])", fn.Name, id.Name, id.Name))
	return true
}

// oneInt reports an end of a range that is a tensor.
func (c *checker) oneInt(v val, e ast.Expr) bool {
	if !v.ok() || v.kind == kUntyped || v.kind == kTensor && len(v.inner()) == 0 {
		return true
	}
	d := diag.New("G0401", e.Span(), "a range ends at a whole number").WithLabel("this is %s", v.describe())
	call, _ := e.(*ast.Call)
	switch {
	case call != nil && call.Fun.Span().Text() == "range" && len(call.Args) == 1:
		d = d.WithHelp("write 0..%s", call.Args[0].Value.Span().Text())
	case v.kind == kList, v.kind == kTensor:
		d = d.WithHelp("run over the places, i in 0..n, and read %s[i]", short(e.Span()))
	}
	c.report(d)
	return false
}

// elsewhere says where a name is bound that is unknown here: in a block that has
// ended, or below.
func (c *checker) elsewhere(s *scope, f *frame, d diag.Diagnostic, id *ast.Ident) diag.Diagnostic {
	if at := s.endedAt(id.Name); !at.IsZero() {
		return d.WithRelated(at, "this binding ends with its block").WithHelp("bind %s before the block; what a block binds again is seen after it", id.Name)
	}
	if c.base != nil && c.base.scope.names[id.Name] != nil {
		return d.WithHelp("a model over %s has its fixed dims, parameters, states and bound instances; inputs and values are declared anew", c.m.Base.Name)
	}
	for _, decl := range f.mod.file.Decls {
		if at := decl.Span(); id.At.Start < at.Start || at.End < id.At.Start {
			continue
		}
		for _, n := range ast.Bound(decl) {
			if n.Text == id.Name && n.At.Start > id.At.Start && d.Help == "" {
				return d.WithRelated(n.At, "bound here").WithHelp("a name is bound before it is used")
			}
		}
	}
	return d
}

// memberHelp answers names that modules of other languages have.
var memberHelp = map[string]string{
	"Linear": "nn.Dense(x, out) is x @ W + b", "Sequential": "apply one after the other: h = nn.Dense(x, 32, relu), y = nn.Dense(h, 10)",
	"ReLU": "the function is relu(x)", "Relu": "the function is relu(x)", "relu": "the function is relu(x)", "Sigmoid": "the function is sigmoid(x)",
	"Tanh": "the function is tanh(x)", "tanh": "the function is tanh(x)", "GELU": "the function is gelu(x)", "Softmax": "the function is softmax(x)",
	"softmax": "the function is softmax(x)", "sigmoid": "the function is sigmoid(x)",
	"Dropout": "the function is dropout(x, p)", "Flatten": "the function is flatten(x, from = 1)", "Parameter": "a parameter is declared: param w [n] = 0",
	"Module": "a layer is declared: layer Name(x) { .. return y }", "MSELoss": "the function is nn.mse(y, target)",
	"CrossEntropyLoss": "the function is mean(cross_entropy(logits, label))", "cross_entropy": "the function is mean(cross_entropy(logits, label))",
	"BCEWithLogitsLoss": "the function is mean(bce(logit, target))", "BatchNorm1d": "it is nn.BatchNorm(x)", "BatchNorm2d": "it is nn.BatchNorm(x)",
	"Conv2D": "it is nn.Conv2d(x, filters)", "grad": "the function is grad(y, x)", "exp": "the function is exp(x)", "log": "the function is log(x)",
}

// otherHelp answers names that other libraries have beside those of ours.
var otherHelp = map[string]string{
	"geo.exp": "geo.rotation(w) makes a matrix of a rotation vector, geo.pose_exp(u) a pose", "geo.log": "geo.rotation_log(R) and geo.pose_log(T) go back",
	"geo.project": "geo.pinhole(x, focal, centre) and geo.camera(..) project points", "geo.transform": "geo.act(T, x) applies a pose",
	"prob.sample": "random.normal and its like draw; prob holds log densities", "prob.kl": "there are prob.kl_normal and prob.kl_categorical",
	"prob.cdf": "there is prob.normal_cdf(x)", "prob.norm": "write prob.normal(x, mu, sd)", "opt.minimize": optHelp, "opt.minimise": optHelp,
	"opt.least_squares": "opt.gauss_newton and opt.levenberg_marquardt fit residuals", "ode.solve_ivp": odeHelp, "ode.odeint": odeHelp, "ode.solve": odeHelp,
}

const (
	optHelp = "opt.newton(f, x), opt.lbfgs(f, x) and opt.gradient_descent(f, x) minimise a function"
	odeHelp = "ode.rk4(f, y, from, to, steps) takes equal steps, ode.adaptive(f, y, from, to) its own"
)

// instanceParts answers what layers have after a point in other languages.
var instanceParts = map[string]string{
	"forward": "an instance is called: $(x)", "apply": "an instance is called: $(x)", "call": "an instance is called: $(x)", "predict": "an instance is called: $(x)",
	"parameters": "$ itself stands for its parameters, as in sum($^2)", "params": "$ itself stands for its parameters, as in sum($^2)",
	"state_dict": "a copy is held by state target = $", "weight": "the weights are $.W", "weights": "the weights are $.W", "bias": "the bias is $.b",
	"kernel": "the kernel is $.K", "grad": "grad(y, $) is the gradient by its parameters", "copy": "a copy is held by state target = $",
}

// noPart reports a part that an instance lacks.
func (c *checker) noPart(inst *instance, text string, name ast.Name) val {
	if !inst.started && instanceParts[name.Text] == "" {
		return c.bad("G0203", name.At, "%s has no part %s", text, name.Text).
			withHelp(c, "it gets its parameters when it is first called; call it before")
	}
	if help := instanceParts[name.Text]; help != "" {
		return c.bad("G0203", name.At, "%s has no part %s", text, name.Text).withHelp(c, strings.ReplaceAll(help, "$", text))
	}
	return c.noneOf("G0203", text+" has no part", name, append(sortedKeys(inst.params), sortedKeys(inst.inner)...))
}
