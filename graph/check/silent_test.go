package check_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradgen/gradgen/graph/check"
	"github.com/gradgen/gradgen/parser"
)

// Whatever a built-in function is given, there is a value or something is said.
func TestNoCallIsRefusedInSilence(t *testing.T) {
	things := strings.Fields("s v m k ks b c 2 0 -1 0.5 true [1,2] [[1,2],[3,4]] [] sin \"a\" inf keep=true axis=0 axis=1 axis=k two(s) x[..]")
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range check.Functions() {
		name, _, _ := strings.Cut(f.Signature, "(")
		for n := range 40 {
			var args []string
			for range n % 4 {
				args = append(args, things[r.IntN(len(things))])
			}
			call := name + "(" + strings.Join(args, ", ") + ")"
			src := "func two(a) { return a, a }\nmodel M {\n input s, v [3], m [2, 2], k int, ks [3] int, b bool, c [2] bool, x [2, 3]\n" +
				" output y = " + call + "\n}\n"
			file, list := parser.Parse("a.grad", []byte(src))
			assert.NotPanics(t, func() {
				if p, more := check.Check(file, check.Options{Load: load}); p == nil && len(list)+len(more) == 0 {
					panic(fmt.Sprint("nothing is said of ", call))
				}
			}, call)
		}
	}
}
