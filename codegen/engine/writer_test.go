package engine_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// statement is text and the names that it binds.
type statement struct {
	text  string
	binds []string
}

// program is random statements about n, in a model or a function.
type program struct {
	seed   uint64
	fn     bool // a function
	free   bool // n is known when it runs
	smooth bool // differences are near derivatives
	n      int
	parts  []statement
	text   string // of a program that was found before
}

// writer makes statements; its names begin with the letter of their kind.
type writer struct {
	r     *rand.Rand
	p     *program
	names map[string][]string
	count int
}

func (w *writer) pick(list ...string) string { return list[w.r.IntN(len(list))] }

// words are what other letters than those of kinds stand for.
func (w *writer) word(letter string) string {
	smooth := []string{"tanh", "sin", "sigmoid", "softplus", "gelu", "cos", "atan", "erf"}
	switch letter {
	case "f":
		if !w.p.smooth {
			return w.pick(append(smooth, "relu", "abs")...)
		}
		return w.pick(smooth...)
	case "g":
		return w.pick(smooth...)
	case "o":
		return w.pick("+", "-", "*")
	case "r":
		return w.pick("sum", "mean", "max", "min", "logsumexp", "norm", "var", "std")
	case "a":
		return w.pick("tanh", "gelu", "sigmoid", "nn.elu")
	}
	return w.pick(w.names[letter]...)
}

var hole = regexp.MustCompile(`\$[a-zA-Z]\d?|#`)

// write fills a form.
func (w *writer) write(f form) statement {
	w.count++
	same := map[string]string{}
	var s statement
	s.text = hole.ReplaceAllStringFunc(f.text, func(h string) string {
		letter, number := h[min(1, len(h)-1):min(2, len(h))], h[min(2, len(h)):]
		kind := strings.ToLower(letter)
		fresh := kind != letter
		switch {
		case h == "#":
			return fmt.Sprint(w.count)
		case same[h] != "":
			return same[h]
		case fresh:
			same[h] = fmt.Sprintf("%s%d", kind, w.count)
			if number != "" {
				same[h] += "_" + number
			}
			s.binds = append(s.binds, same[h])
			return same[h]
		case number != "":
			same[h] = w.word(letter)
			return same[h]
		}
		return w.word(letter)
	})
	for _, name := range s.binds {
		w.names[name[:1]] = append(w.names[name[:1]], name)
	}
	return s
}

// randomProgram has as many statements, of the forms that fit it.
func randomProgram(seed uint64, statements int, among []form) *program {
	r := rand.New(rand.NewPCG(seed, 7))
	p := &program{seed: seed, fn: r.IntN(4) == 0, free: r.IntN(2) == 0, smooth: r.IntN(2) == 0}
	p.n = []int{1, 2, 3, 4, 5, 5, 8, 9, 13, 17}[r.IntN(10)]
	if p.fn && !p.free {
		p.n = min(p.n, 5)
	}
	w := &writer{r: r, p: p, names: map[string][]string{"v": {"x", "w"}, "m": {"A", "W"}, "q": {"Q"}, "c": {"c"}, "s": {"a"}, "i": {"k"}, "b": {"b"}}}
	for range statements {
		f := among[r.IntN(len(among))]
		if f.only == "model" && p.fn || f.only == "kinked" && p.smooth {
			continue
		}
		p.parts = append(p.parts, w.write(f))
	}
	return p
}

const support = `import "nn"
import "ode"
import "opt"
func twice(y, f) = f(f(y))
func argument(y [l], b) = sum(y * b) / l
func custom(y) = sin(y) derivative(dy) = cos(y) * dy
func positive(q [d, d]) = q @ q' + 2 * eye(d)
func powers(y, d dim) {
    if d == 0 { return y }
    return tanh(y) * powers(y, d - 1) + 0.1
}
`

func (p *program) name() string { return fmt.Sprintf("P%d", p.seed) }

// source is the text of the program; what it makes are outputs, and their sum
// the loss.
func (p *program) source() string {
	if p.text != "" {
		return p.text
	}
	var s strings.Builder
	s.WriteString(support)
	switch {
	case p.fn && p.free:
		fmt.Fprintf(&s, "func %s(x [n], w [n], A [n, 3], W [n, 3], Q [3, 3], c [3], a, k [n] int) {\n", p.name())
	case p.fn:
		fmt.Fprintf(&s, "const n = %d\nfunc %s(x [%[1]d], w [%[1]d], A [%[1]d, 3], W [%[1]d, 3], Q [3, 3], c [3], a, k [%[1]d] int) {\n", p.n, p.name())
	case p.free:
		fmt.Fprintf(&s, "model %s {\ndim n\ninput x [n], A [n, 3], k [n] int\n%sw = A @ c\nW = A @ Q\n", p.name(), learned)
	default:
		fmt.Fprintf(&s, "model %s {\ndim n = %d\ninput x [n], A [n, 3], k [n] int\n%sparam w [n] ~ normal(0, 1)\nparam W [n, 3] ~ normal(0, 1)\n", p.name(), p.n, learned)
	}
	s.WriteString("b = x > w\ng0 = A[k] * sin(a)\n")
	for _, part := range p.parts {
		s.WriteString(part.text + "\n")
	}
	p.end(&s)
	return s.String()
}

const learned = "param Q [3, 3] ~ normal(0, 1)\nparam c [3] ~ normal(0, 1)\nparam a = 0.5\n"

func (p *program) end(s *strings.Builder) {
	total, results := "sum(g0) / 9 + sum(sin(w)) + sum(sin(W @ Q @ c))", ""
	for _, part := range p.parts {
		for _, name := range part.binds {
			results += ", " + name
			if name[0] != 'i' && name[0] != 'b' {
				total += fmt.Sprintf(" + sum(sin(%s))", name)
			}
			if !p.fn {
				fmt.Fprintf(s, "output out_%s = %s\n", name, name)
			}
		}
	}
	if p.fn {
		fmt.Fprintf(s, "total = %s\nreturn total, grad(total, x, w, A, Q, c, a)%s\n}\n", total, results)
		return
	}
	fmt.Fprintf(s, "loss %s\ntrain nn.SGD\n}\n", total)
}
