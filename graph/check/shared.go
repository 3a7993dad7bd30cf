package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// A recursive function is checked once for arguments of the same types, in a
// region that its calls share; other functions, and what the rest of this file
// does not take, are written out where they are called.

// sharedCall is what calls of a function with arguments of the same types have in
// common.
type sharedCall struct {
	region   *graph.Region // nil where it has an error
	captures []*graph.Node // of the graphs around the function
	result   val           // of which the nodes are results of the region, or constants
	unfit    bool          // it has to be written out
	busy     bool          // being checked
}

// shared evaluates a call of a recursive function; ok is false where it is to be
// written out.
func (c *checker) shared(f *frame, fn *function, args []arg, at diag.Span) (v val, ok bool) {
	if len(c.active) > 0 || c.subscripting > 0 || c.rule != nil || !c.certainMasks() || !c.recursive(fn) {
		return val{}, false
	}
	key, given, ok := c.callKey(fn, args)
	if !ok {
		return val{}, false
	}
	s := c.calls[key]
	if s == nil {
		s = &sharedCall{busy: true}
		c.calls[key] = s
		v, keep := c.checkShared(s, f, fn, args, at)
		if s.busy = false; !keep {
			delete(c.calls, key)
		}
		if !v.ok() {
			return v, true
		}
	}
	switch {
	case s.busy || s.unfit:
		return val{}, false
	case s.region == nil:
		return val{kind: kBad, at: at}, true // what is wrong has been said
	}
	return c.callShared(s, fn, given, at), true
}

// certainMasks reports whether nothing around chooses elements.
func (c *checker) certainMasks() bool {
	for _, m := range c.masks {
		if always, known := m.number(); !known || always != 1 {
			return false
		}
	}
	return true
}

// callKey names what a call has in common with others, and lists the nodes that
// are its own; ok is false where an argument cannot be shared.
func (c *checker) callKey(fn *function, args []arg) (key string, given []*graph.Node, ok bool) {
	key = fmt.Sprintf("%p %v", fn, len(c.masks) > 0)
	for _, a := range args {
		key += "; " + a.name + " "
		switch v := a.val; {
		case v.kind == kUntyped && len(steps(v.num))+len(steps(v.den)) == 0:
			key += v.num.String() + "/" + v.den.String()
		case v.kind == kKnown:
			key += fmt.Sprint(v.known)
		case v.kind == kFunc && c.pure(v.fn):
			key += fmt.Sprintf("%p", v.fn)
			if v.fn.builtin != nil {
				key += v.fn.name
			}
		case v.kind != kTensor || len(v.idx) > 0:
			return "", nil, false
		case v.aff != nil:
			if len(steps(*v.aff)) > 0 {
				return "", nil, false
			}
			key += "int " + v.aff.String()
		case ofRun(v.node.Type):
			return "", nil, false
		case v.node.Op.Name == "const":
			key += v.node.Type.String() + " " + v.node.Attr.String()
		default:
			key, given = key+v.node.Type.String(), append(given, v.node)
		}
	}
	return key, given, true
}

// ofRun reports a shape that only the run tells.
func ofRun(t graph.Type) bool {
	return slices.ContainsFunc(t.Shape, func(d shape.Dim) bool {
		return slices.ContainsFunc(d.Vars(), func(v string) bool { return strings.HasPrefix(v, graph.TripMark) })
	})
}

// checkShared checks the body of a function in a region of its own. What it is not
// to be kept for later calls is told by keep.
func (c *checker) checkShared(s *sharedCall, f *frame, fn *function, args []arg, at diag.Span) (v val, keep bool) {
	r, reads := c.enter(nil), c.stateReads
	r.branch = true
	inner := slices.Clone(args)
	var params []*graph.Node
	for i, a := range args {
		if v := a.val; v.kind == kTensor && v.aff == nil && v.node.Op.Name != "const" {
			inner[i].val.node = r.arg(v.node.Type, v.node.Name)
			params = append(params, inner[i].val.node)
		}
	}
	v = c.writeOut(f, fn, inner, at)
	items, results := []val{v}, []*graph.Node{}
	if v.kind == kTuple {
		items = v.items
	}
	for _, it := range items {
		if it.kind == kTensor && it.node != nil {
			results = append(results, c.b.Local(it.node))
		}
		s.unfit = s.unfit || !shareable(it)
	}
	region := r.b.Close(append(params, r.captures...), results, nil)
	c.leave()
	s.unfit = s.unfit || checksData(region)
	if v.ok() && !s.unfit {
		s.result, s.region = v, region
		for _, p := range r.captures {
			s.captures = append(s.captures, c.origin(r.source[p]))
		}
	}
	return v, c.quiet == 0 && c.stateReads == reads
}

// shareable reports a result that means the same at every call.
func shareable(v val) bool {
	switch v.kind {
	case kBad, kKnown:
		return true
	case kUntyped:
		return len(steps(v.num))+len(steps(v.den)) == 0
	case kTensor:
		return len(v.idx) == 0 && (v.aff == nil || len(steps(*v.aff)) == 0)
	}
	return false
}

// origin is what a captured value is outside of the regions of calls.
func (c *checker) origin(n *graph.Node) *graph.Node {
	for r := c.owner(n); r != nil && r.source[n] != nil && slices.Contains(r.captures, n); r = c.owner(n) {
		n = r.source[n]
	}
	return n
}

// checksData reports a region that checks what data gives, or in which only the
// run tells a shape.
func checksData(r *graph.Region) bool {
	return slices.ContainsFunc(r.Body.Nodes, func(n *graph.Node) bool {
		switch a := n.Attr.(type) {
		case graph.Callee:
			return false
		case graph.Scan:
			if a.Counted {
				return true
			}
		case graph.While:
			if a.Trips != "" {
				return true
			}
		}
		return ofRun(n.Type) || n.Op.Checks != nil && n.Op.Checks(n) || slices.ContainsFunc(n.Regions, checksData)
	})
}

// callShared makes the node of a call, and its values.
func (c *checker) callShared(s *sharedCall, fn *function, given []*graph.Node, at diag.Span) val {
	k, out := 0, []*graph.Node{}
	if len(s.region.Results) > 0 {
		operands := slices.Clone(given)
		for _, n := range s.captures {
			operands = append(operands, c.b.Local(n))
		}
		out = c.b.Results(c.b.Region("call", graph.Callee{Name: fn.name}, graph.Type{Elem: graph.Bool}, []*graph.Region{s.region}, operands...))
	}
	v := s.result.over(func(*graph.Node) *graph.Node {
		n := out[k]
		if k++; s.region.Results[k-1].Op.Name == "const" {
			n = c.b.Copy(s.region.Results[k-1])
		}
		return n
	})
	v.at = at
	return v
}

// recursive reports whether calls of fn may lead to calls of fn, all of them of
// functions without an effect or a memory.
func (c *checker) recursive(fn *function) bool {
	return fn.decl != nil && c.pure(fn) && slices.Contains(c.reach(fn), fn)
}

// pure reports whether what a call does is told by its arguments: it makes no
// parameter, draws no number and changes no state.
func (c *checker) pure(fn *function) bool {
	known, ok := c.isPure[fn]
	if !ok {
		known = !slices.ContainsFunc(append([]*function{fn}, c.reach(fn)...), func(g *function) bool {
			return g.builtin != nil && draws(g.name) || g.optim != nil ||
				g.decl != nil && (g.decl.Layer || g.decl.Derivative != nil || changesState(g.decl))
		})
		c.isPure[fn] = known
	}
	return known
}

// draws reports a built-in that draws random numbers.
func draws(builtin string) bool {
	return strings.HasPrefix(builtin, "random.") || builtin == "dropout"
}

func changesState(d *ast.Func) (found bool) {
	ast.Inspect(d, func(n ast.Spanned) bool {
		switch n.(type) {
		case *ast.Update, *ast.State, *ast.Param:
			found = true
		}
		return !found
	})
	return found
}

// reach lists the functions that the body of fn may lead to.
func (c *checker) reach(fn *function) []*function {
	if known, ok := c.reached[fn]; ok {
		return known
	}
	var out []*function
	for todo := c.mentioned(fn); len(todo) > 0; todo = todo[1:] {
		if g := todo[0]; !slices.Contains(out, g) {
			out = append(out, g)
			todo = append(todo, c.mentioned(g)...)
		}
	}
	c.reached[fn] = out
	return out
}

// mentioned lists the functions whose names occur in the body of fn.
func (c *checker) mentioned(fn *function) (out []*function) {
	if fn.decl == nil {
		return nil
	}
	add := func(s *scope, name string) {
		if e := s.find(name); e != nil && e.val.fn != nil {
			out = append(out, e.val.fn)
		} else if e == nil && builtins[name] != nil && draws(name) {
			out = append(out, &function{name: name, builtin: builtins[name]})
		}
	}
	ast.Inspect(fn.decl, func(n ast.Spanned) bool {
		switch n := n.(type) {
		case *ast.Ident:
			add(fn.scope, n.Name)
		case *ast.Field:
			id, isName := n.X.(*ast.Ident)
			switch {
			case !isName:
			case id.Name == "random":
				add(nil, "random."+n.Name.Text)
			case fn.mod.imports[id.Name] != nil:
				add(fn.mod.imports[id.Name].scope, n.Name.Text)
			}
		}
		return true
	})
	return out
}
