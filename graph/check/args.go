package check

import (
	"slices"
	"strings"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

func (c *checker) arguments(s *scope, f *frame, e *ast.Call) []arg {
	var out []arg
	for _, a := range e.Args {
		x := arg{val: c.expr(s, f, a.Value), expr: a.Value, at: a.At}
		if x.val.kind == kString {
			c.report(diag.New("G0401", a.Value.Span(), "a string is not a value").
				WithHelp("strings stand in imports only; a function is passed by its name, without quotes"))
			x.val = val{kind: kBad, at: a.Value.Span()}
		}
		if a.Name != nil {
			x.name, x.at = a.Name.Text, a.Name.At
		}
		out = append(out, x)
	}
	return out
}

// drawHelp answers arguments that other languages have.
var drawHelp = map[string]string{
	"random.normal": "a shape is a list: random.normal([3, 2]); mu + sd * random.normal(..) has another mean and deviation",
	"max":           "write max(max(a, b), c), or max([a, b, c])", "min": "write min(min(a, b), c), or min([a, b, c])",
	"log": "log(x) / log(b) is the logarithm to base b; there are log2 and log10", "round": "round(100 * x) / 100 keeps two digits",
	"range": "range(n) counts from 0; lo + range(n) from lo",
	"zeros": "a shape is a list: zeros([3, 2])", "ones": "a shape is a list: ones([3, 2])", "reshape": "a shape is a list: reshape(x, [3, 2])",
	"broadcast": "a shape is a list: broadcast(x, [3, 2])", "tile": "repeats are a list: tile(x, [3, 2])", "transpose": "axes are a list: transpose(x, [1, 0, 2])",
	"random.uniform": "a shape is a list: random.uniform([3, 2]); lo + (hi - lo) * random.uniform(..) has other bounds",
}

// match assigns arguments to parameter names; slots without an argument are nil.
func (c *checker) match(what string, names []string, args []arg, at diag.Span) ([]*arg, bool) {
	out := make([]*arg, len(names))
	named, ok := false, true
	for i := range args {
		a := &args[i]
		k := i
		switch {
		case a.name != "":
			named = true
			k = indexOf(names, a.name)
			if k < 0 {
				d := diag.New("G0205", a.at, "%s has no parameter %s", what, a.name)
				if near := diag.Suggest(a.name, names); near != "" {
					d = d.WithHelp("did you mean %s?", near)
				} else {
					d = d.WithHelp("its parameters are %s", strings.Join(names, ", "))
				}
				if what == "where" || what == "any" || what == "all" {
					d.Help += "; values are compared by =="
				}
				c.report(d)
				ok = false
				continue
			}
		case named && !ok:
			continue // perhaps what was named was a comparison
		case named:
			c.report(diag.New("G0212", a.at, "a positional argument follows a named one").WithHelp("write it before, or with its name"))
			return out, false
		case k >= len(names):
			d := diag.New("G0208", a.at, "%s takes %s", what, plural(len(names), "argument"))
			if help := drawHelp[what]; help != "" {
				d = d.WithHelp("%s", help)
			} else if len(names) > 0 {
				d = d.WithHelp("it is %s(%s)", what, strings.Join(names, ", "))
			}
			c.report(d)
			return out, false
		}
		if out[k] != nil {
			d := diag.New("G0206", a.at, "%s is given twice", names[k])
			if out[k].name == "" {
				d = d.WithRelated(out[k].at, "by position, this is %s", names[k])
			}
			c.report(d)
			ok = false
			continue
		}
		out[k] = a
	}
	return out, ok
}

// signature shows the parameters of the function that f runs, defaults included.
func (c *checker) signature(what string, f *frame) string {
	for _, d := range f.mod.file.Decls {
		if fn, ok := d.(*ast.Func); ok && fn.Name.Text == what {
			var ps []string
			for _, p := range fn.Params {
				ps = append(ps, p.At.Text())
			}
			return "it is " + what + "(" + strings.Join(ps, ", ") + ")"
		}
	}
	return ""
}

// argsOnly looks for errors in the arguments of a call that cannot be made.
func (c *checker) argsOnly(s *scope, f *frame, e *ast.Call) {
	before := len(c.diags)
	for _, a := range e.Args {
		c.expr(s, f, a.Value)
	}
	c.diags = slices.DeleteFunc(c.diags, func(d diag.Diagnostic) bool {
		before--
		return before < 0 && d.Code != "G0201" && d.Code != "G0204" // others may be of what is called
	})
}
