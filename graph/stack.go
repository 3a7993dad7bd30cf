package graph

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// Stack is a loop over Lo .. Lo+N-1 that a parameter is stacked over. Loop tells
// the loops of a model apart.
type Stack struct{ Loop, Lo, N int }

// Range is the loop's part of a path.
func (s Stack) Range() string { return fmt.Sprintf("[%d:%d]", s.Lo, s.Lo+s.N) }

// Own is the shape of one of the tensors that p stands for.
func (p *Param) Own() []shape.Dim { return p.Node.Type.Shape[len(p.Stack):] }

// Size is the number of elements of one of the tensors that p stands for.
func (p *Param) Size() int {
	n, _ := shape.Product(p.Own()).IsConst() // the checker allows fixed dims only
	return int(n)
}

// PathAt is the path of the tensor of one iteration of each loop.
func (p *Param) PathAt(index ...string) string {
	out := p.Path
	for i, s := range p.Stack {
		out = strings.Replace(out, s.Range(), "["+index[i]+"]", 1)
	}
	return out
}

// Group is a run of parameters made in one loop, or one made in none (N is 0).
type Group struct {
	Stack
	Params []*Param
}

// Groups divides parameters that are made in the same loops down to a depth by
// the loops at that depth.
func Groups(ps []*Param, depth int) []Group {
	var out []Group
	for _, p := range ps {
		last := len(out) - 1
		switch {
		case len(p.Stack) <= depth:
			out = append(out, Group{Params: []*Param{p}})
		case last >= 0 && out[last].N > 0 && out[last].Stack == p.Stack[depth]:
			out[last].Params = append(out[last].Params, p)
		default:
			out = append(out, Group{p.Stack[depth], []*Param{p}})
		}
	}
	return out
}

// Tensors counts the tensors that parameters stand for.
func Tensors(ps []*Param) int { return len(Members(ps)) }

// Member is a tensor that a parameter stands for: its name, and the place of its
// elements among those of the parameter.
type Member struct {
	*Param
	Path string
	At   int
}

// Members lists the tensors that parameters stand for, iteration by iteration:
// in the order in which they would be declared if no loop stayed one.
func Members(ps []*Param) []Member { return members(nil, ps, nil, nil) }

func members(out []Member, ps []*Param, index []string, place []int) []Member {
	for _, g := range Groups(ps, len(index)) {
		if g.N == 0 {
			out = append(out, memberAt(g.Params[0], index, place))
			continue
		}
		for k := range g.N {
			out = members(out, g.Params, append(index[:len(index):len(index)], fmt.Sprint(g.Lo+k)), append(place[:len(place):len(place)], k))
		}
	}
	return out
}

func memberAt(p *Param, index []string, place []int) Member {
	at := 0
	for i, k := range place {
		at = at*p.Stack[i].N + k
	}
	return Member{p, p.PathAt(index...), at * p.Size()}
}
