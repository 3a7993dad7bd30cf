package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"
)

// Losses that train one parameter have a gradient of it each. Grads shows those of
// one loss at a time; what it showed of another, and that one has yet to use, is set
// aside.

// meet reports losses that train a parameter in common.
func (t *trainer) meet() bool {
	of := map[int]*lossPass{}
	for _, p := range t.passes {
		for _, u := range p.updates {
			for _, i := range u.rule.Params {
				if of[i] != nil && of[i] != p {
					return true
				}
				of[i] = p
			}
		}
	}
	return false
}

// whose says of which loss Grads are.
func (t *trainer) whose() string {
	if !t.meet() {
		return ""
	}
	return " Each loss has its\nown: Grads shows those of the one whose Backward, Accumulate or Update ran last."
}

// show prints that Grads shows the gradients of a loss.
func (t *trainer) show(p *lossPass) []jen.Code {
	if !t.meet() {
		return nil
	}
	return []jen.Code{line("t.show(%d)", p.index)}
}

// printShow prints the exchange of gradients; those that have been used are none.
func (t *trainer) printShow() {
	if !t.meet() {
		return
	}
	body := []jen.Code{block("if t.shown == loss", line("return"))}
	for _, p := range t.passes {
		body = append(body, block(fmt.Sprintf("if t.shown == %d && t.batches%s > 0", p.index, p.suffix), t.copyParts(p, "t.aside"+p.suffix, "t.grads")))
	}
	for _, p := range t.passes {
		body = append(body, block(fmt.Sprintf("if loss == %d && t.batches%s > 0", p.index, p.suffix), t.copyParts(p, "t.grads", "t.aside"+p.suffix)))
	}
	t.f.method("show puts the gradients of a loss into Grads.", "t *"+t.typ, "show", "loss int", "", append(body, line("t.shown = loss"))...)
}

func (t *trainer) copyParts(p *lossPass, to, from string) jen.Code {
	return line("for _, part := range t.parts%s {\ncopy(%s[part[0]:part[1]], %s[part[0]:part[1]])\n}", p.suffix, to, from)
}
