package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/diag"
)

// habit recognises what people write who come from other languages.
func (s *session) habit(d diag.Diagnostic, toks []lexer.Token) diag.Diagnostic {
	first := toks[0]
	if is(&first, "else") {
		return diag.New("G0106", s.at(first), "an `else` stands behind the } of its if").WithHelp("write if c { .. } else { .. }")
	}
	if len(toks) > 1 && first.Type == tKeyword && toks[1].Value == "=" && d.Span.Start == toks[1].Pos.Offset {
		d := keywordAsName(s.at(first), first, "a name")
		if first.Value == "train" || first.Value == "loss" || first.Value == "return" {
			d.Help = "write " + first.Value + " " + s.text(toks[2:])
		} else if (first.Value == "output" || first.Value == "metric") && len(toks) == 3 {
			d.Help = "write " + first.Value + " " + s.text(toks[2:])
		} else if first.Value == "output" || first.Value == "metric" {
			d.Help = "write " + first.Value + " name = " + s.text(toks[2:])
		}
		return d
	}
	k := indexAt(toks, d.Span.Start)
	if k+1 < len(toks) && toks[k].Value == "dim" && toks[k+1].Value == "=" && caller(toks, k) != "" {
		return diag.New("G0111", d.Span, "expected an expression, found the keyword `dim`").WithHelp("an axis is given by axis = k")
	}
	if k < len(toks) && toks[k].Type == tKeyword && names[toks[k].Value] && strings.HasPrefix(d.Message, "expected an expression") {
		return keywordAsName(d.Span, toks[k], "an expression")
	}
	if d.Code != "G0106" && d.Code != "G0113" {
		return d
	}
	if help := s.word(toks); help != "" {
		return diag.New("G0106", s.at(first), "there is no statement %s", quote(first.Value)).WithHelp("%s", help)
	}
	for _, answer := range []func(diag.Diagnostic, []lexer.Token, int) string{s.form, s.foreign} {
		if help := answer(d, toks, k); help != "" {
			d.Help = help
			return d
		}
	}
	if d.Help == "" && strings.HasPrefix(d.Message, "expected `=`") && first.Type == tIdent {
		d.Help = "a statement gives its value a name, as in name = " + s.text(toks)
		if len(toks) == 1 {
			d.Help = "to return a value write return " + first.Value
		}
	}
	if depthAt(toks, k) > 0 && computes[first.Value] {
		return d
	}
	return withForm(d, first)
}

// computes holds the keywords of statements whose brackets are those of expressions.
var computes = set("return", "output", "metric", "loss", "const", "collect", "if", "while", "for", "scan")

// indexAt is the place of the token that begins at an offset, or behind all.
func indexAt(toks []lexer.Token, offset int) int {
	for i, t := range toks {
		if t.Pos.Offset == offset {
			return i
		}
	}
	return len(toks)
}

// depthAt counts the brackets open before a token.
func depthAt(toks []lexer.Token, k int) (depth int) {
	for _, t := range toks[:k] {
		switch t.Value {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		}
	}
	return depth
}

// text is the source of some tokens on one line, or dots.
func (s *session) text(toks []lexer.Token) string {
	if len(toks) == 0 {
		return ".."
	}
	text := s.tokensSpan(toks).At.Text()
	if strings.Contains(text, "\n") || len(text) > 60 {
		return ".."
	}
	return text
}

// names are keywords that newcomers take for names.
var names = set("loss", "state", "param", "input", "output", "metric", "layer", "model", "optimizer", "dim", "train", "carry", "collect", "scan", "func", "const")

func keywordAsName(at diag.Span, t lexer.Token, what string) diag.Diagnostic {
	d := diag.New("G0111", at, "expected %s, found the keyword %s", what, quote(t.Value))
	switch {
	case what == "an expression" && t.Value == "func":
		return d.WithHelp("a function has a name and a line of its own: func f(a) = e")
	case what == "an expression" && t.Value == "loss":
		return d.WithHelp("a loss that is used has a name: loss l = e")
	}
	return d.WithHelp("keywords cannot be names; choose another, such as %s_", t.Value)
}

// words answers words that begin statements elsewhere. A $ stands for what follows
// the word, up to a bracket or colon.
var words = map[string]string{
	"var": "let", "val": "let", "auto": "let", "local": "let", "global": "let", "nonlocal": "let", "float": "let", "double": "let",
	"float32": "let", "float64": "let", "real": "let", "int": "let", "bool": "let", "tensor": "let", "mut": "let", "static": "let",
	"let": "write $",
	"def": "a function is written func $(a) = e, or func $(a) { .. return e }",
	"fn":  "def", "fun": "def", "function": "def", "sub": "def", "proc": "def",
	"class":  "parameters and what is computed with them make a model $ { .. }, or a layer $(x) { .. return y }",
	"struct": "class", "object": "class", "module": "class", "interface": "class", "type": "class",
	"package": "a file has no package name; remove the line",
	"from":    "write import \"nn\", and nn.Dense where it is used",
	"use":     "from", "using": "from", "include": "from", "require": "from",
	"print":   "what a model is to show is an output or a metric",
	"println": "print", "printf": "print", "disp": "print", "display": "print", "fmt": "print", "console": "print",
	"assert": "remove it; shapes, indices and divisors are checked without being asked",
	"del":    "remove it; memory is the compiler's work",
	"clear":  "del", "free": "del", "delete": "del",
	"pass":   "remove it; a block may be empty",
	"elif":   "write } else if $ { behind the block of the if",
	"elseif": "elif", "elsif": "elif",
	"break":    "no loop is left early: a while ends when its condition fails, and where(c, a, b) leaves values as they are",
	"continue": "break",
	"switch":   "write if c { .. } else if d { .. } else { .. }",
	"match":    "switch", "case": "switch", "default": "switch", "select": "switch",
	"do":     "write while c { .. }, with a carry line for what the condition reads",
	"repeat": "do", "until": "do", "loop": "do",
	"foreach": "write for i in 0..3 { .. } or, for a loop at run time, scan i in 0..n { .. }",
	"parfor":  "foreach",
	"end":     "a block ends with }",
	"endif":   "end", "endfor": "end", "endfunction": "end", "done": "end", "fi": "end",
	"try":    "there are no exceptions; where(c, a, b) takes a value only where it exists",
	"except": "try", "catch": "try", "raise": "try", "throw": "try", "finally": "try", "panic": "try",
	"with": "remove it; nothing has to be opened or switched on",
	"go":   "with", "defer": "with", "async": "with", "await": "with", "yield": "with",
}

// word answers a statement that begins with a word of another language.
func (s *session) word(toks []lexer.Token) string {
	first := toks[0]
	help, ok := words[first.Value]
	if next := words[help]; next != "" {
		help = next
	}
	if !ok || first.Type != tIdent || len(toks) > 1 && (toks[1].Value == "=" || toks[1].Value == "[" || toks[1].Value == "<-" || toks[1].Value == ",") {
		return ""
	}
	whole := help == "write $" || help == "write loss $"
	if help == "write $" && (len(toks) == 1 || toks[1].Type != tIdent) {
		return ""
	}
	end := 1
	for end < len(toks) && !strings.Contains("({:", toks[end].Value) {
		end++
	}
	rest := s.text(toks[1:end])
	if first.Value == "function" && end > 3 && toks[2].Value == "=" {
		rest = toks[3].Value
	} else if whole {
		rest = s.text(toks[1:])
	}
	return strings.ReplaceAll(help, "$", rest)
}

// form answers statements that other languages write in another way.
func (s *session) form(d diag.Diagnostic, toks []lexer.Token, k int) string {
	t := append(append([]lexer.Token{}, toks...), lexer.Token{}, lexer.Token{}, lexer.Token{})
	at, next := t[k], t[k+1]
	first := toks[0]
	left, right := s.text(toks[:k]), s.text(toks[min(k+2, len(toks)):])
	ident := first.Type == tIdent
	endExpected := strings.HasPrefix(d.Message, "expected the end of the line")
	switch {
	case ident && at.Value == ":" && next.Value == "=":
		return "a definition is written " + left + " = " + right
	case ident && at.Value == ":" && t[k+2].Value == "=":
		return "a definition is written " + left + " = " + s.text(toks[min(k+3, len(toks)):])
	case ident && (at.Value == "+" || at.Value == "-") && next.Value == at.Value:
		return "write " + left + " = " + left + " " + at.Value + " 1"
	case ident && binding[at.Value] > bindCompare && next.Value == "=" && end(at) == next.Pos.Offset:
		help := "write " + left + " = " + left + " " + at.Value + " " + right
		if first.Value == "p" {
			help += ", or, in an optimizer, p <- p " + at.Value + " " + right
		}
		return help
	case ident && k == 1 && at.Value == "." && !has(toks, "="):
		return methods[next.Value]
	case ident && k == 1 && at.Value == ".":
		return "only plain names can be bound; values never change"
	case ident && at.Value == "<-" && len(toks) > 1 && toks[1].Value == "[":
		return "a state changes as a whole: " + first.Value + " <- update(" + first.Value + ", i, v)"
	case first.Value == "model" && (at.Value == ":" || at.Type == tIdent) && k+1 < len(toks) && t[k+1].Type == tIdent && k == 2:
		return "write model " + toks[1].Value + "(" + t[k+1].Value + ") {"
	case ident && len(toks) > 1 && toks[1].Value == "[" && at.Value == ":" && depthAt(toks, k) == 1:
		return "values never change; a part is replaced by " + first.Value + " = update(" + first.Value + ", i, v)"
	case ident && k == 1 && at.Value == "(" && has(toks, "=") && first.Value != "derivative" && !has(toks, ":"):
		return "a function is written func " + s.text(toks)
	case first.Value == "import" && at.Value == "as":
		return "a module is used under its own name"
	case first.Value == "derivative":
		return "a stated derivative stands on the line behind its function: derivative(dx) = e"
	case k == 0 && at.Type == tString:
		return "comments begin with //"
	case k == 0 && (binding[at.Value] > 0 || at.Value == "|>"):
		return "a line goes on where the one before ends in an operator"
	case first.Value == "import" && at.Value == "'":
		return "double quotes: import \"nn\""
	case k == 0 && at.Value == "(":
		return "several results are unpacked without parentheses: a, b = f(x)"
	case ident && endExpected && at.Value == ",":
		return "several names unpack the results of one call; give each definition a line of its own"
	case (first.Value == "func" || first.Value == "layer") && (at.Type == tIdent || at.Value == "-" && next.Value == ">") &&
		strings.HasPrefix(d.Message, "expected `{`") && t[max(k-1, 0)].Value == ")":
		return "the type of a result is not written: " + left + " { .. }"
	case (first.Value == "func" || first.Value == "layer") && k == 2 && (at.Value == "=" || at.Value == "{"):
		if at.Value == "{" {
			return "a function has parentheses: " + s.text(toks[:2]) + "(x) { .. }"
		}
		return "a function has parentheses, even without arguments: " + s.text(toks[:2]) + "(a) = e"
	}
	if help := s.declForm(toks, k); help != "" {
		return help
	}
	return s.headForm(d, toks, k)
}

// declForm answers slips in declarations of inputs, parameters and the like.
func (s *session) declForm(toks []lexer.Token, k int) string {
	first := toks[0]
	if len(toks) < 2 || k < 1 || k >= len(toks) || !set("input", "param", "state", "carry", "dim")[first.Value] {
		return ""
	}
	at, name := toks[k], toks[1].Value
	shaped := first.Value + " " + name + " [..]"
	switch {
	case first.Value == "dim":
		return ""
	case first.Value == "param" && (at.Value == ">=" || at.Value == "<" || at.Value == "<=" || toks[k-1].Value == "in" || has(toks[:k], "(")):
		return "a constrained parameter is written param s [k] > 0 = 1, or param p [k] in (0, 1) = 0.5"
	case first.Value == "param" && at.Value == "=" && has(toks, "~"):
		return "a parameter begins with ~ a distribution, or with = a value"
	case at.Value == ">" || at.Value == "<":
		return "only a param has a constraint"
	case types[name] && len(toks) > 2 && toks[2].Type == tIdent:
		return "the type stands behind: " + first.Value + " " + toks[2].Value + " [..] " + name
	case k == 2 && (at.Value == ":" || at.Value == "("):
		return "a shape stands in brackets behind the name: " + shaped
	case first.Value == "input" && at.Value == "=":
		return "an input has a shape and no value: " + shaped
	case at.Value == "[" && toks[k-1].Value == "]":
		return "one bracket holds all extents: [3, 4]"
	case at.Value == "?":
		return "a size that the data decides is a dim without a value: dim batch"
	}
	return ""
}

// methods answers statements x.name(..).
var methods = map[string]string{
	"append": "a scan gathers values: collect ys = y", "push": "a scan gathers values: collect ys = y",
	"backward": "grad(y, x) is the gradient of y by x; a train line moves the parameters",
	"step":     "a train line moves the parameters: train nn.Adam(lr = 1e-3)", "zero_grad": "gradients need no resetting; a train line moves the parameters",
	"seed": "the seed is given to the constructor in Go, or by -seed", "manual_seed": "the seed is given to the constructor in Go, or by -seed",
	"fit": "a train line moves the parameters: train nn.Adam(lr = 1e-3)",
}

// headForm answers slips in the heads of loops and conditions.
func (s *session) headForm(d diag.Diagnostic, toks []lexer.Token, k int) string {
	if k == len(toks) {
		return ""
	}
	first, at := toks[0], toks[k]
	loop := first.Value == "for" || first.Value == "scan"
	switch {
	case at.Value == "elif" || at.Value == "elseif" || at.Value == "elsif":
		return "write } else if c {"
	case at.Value == "then" || at.Value == "do":
		return "remove " + at.Value + ": the { follows"
	case loop && at.Value == ",":
		return "a loop counts with one index; the element at it is x[i]"
	case loop && at.Value == "=" && k == 2:
		return "write " + first.Value + " " + toks[1].Value + " in 0..n {"
	case loop && at.Value == ":":
		return "a range is written lo..hi, and ends before hi"
	case first.Value == "for" && (strings.Contains(d.Message, "expected `in`") || strings.Contains(d.Message, "expected a name")) && depthAt(toks, k) == 0:
		return "for counts: for i in 0..n { .. }; a loop with a condition is while c { .. }"
	case first.Value == "if" && strings.HasPrefix(d.Message, "expected `{`") && at.Type == tKeyword:
		return "write " + s.text(toks[:k]) + " { " + s.text(toks[k:]) + " }"
	}
	return ""
}
