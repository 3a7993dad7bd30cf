package check

import (
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/diag"
)

const endsFirst = "the range ends before it begins"

// require proves d ≥ 0, refutes it, or leaves it to a check at entry.
func (c *checker) require(d shape.Dim, at diag.Span, message string) bool {
	return c.requireAs(d, at, message, d.String()+" must not be negative")
}

// requireAs is require with a message of its own for the check at entry.
func (c *checker) requireAs(d shape.Dim, at diag.Span, message, entry string) bool {
	switch (shape.Facts{}).NonNeg(d) {
	case shape.No:
		d := diag.New("G0305", at, "index out of range: %s", message)
		if message == endsFirst {
			d.Message, d.Help = message, "ranges count up, from lo to hi - 1; hi - 1 - i counts down"
		}
		c.report(d)
		return false
	case shape.Unknown:
		c.addCheck(shape.Cond{Kind: shape.NonNegative, E: d}, at, entry)
	}
	return true
}
