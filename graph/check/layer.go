package check

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// callLayer makes an instance and applies it.
func (c *checker) callLayer(f *frame, fn *function, args []arg, e *ast.Call, name string, made **instance) val {
	inst := c.newInstance(f, fn, name, e.At)
	if inst == nil {
		return val{kind: kBad}
	}
	if made != nil {
		*made = inst
	}
	return c.apply(f, inst, args, e.At)
}

// newInstance names and enters an instance in the layer or model that f runs.
func (c *checker) newInstance(f *frame, fn *function, name string, at diag.Span) *instance {
	if f.inst == nil {
		c.report(diag.New("G0516", at, "a layer can be called only in a model or a layer").
			WithHelp("pass a bound instance to the function: enc = layer %s(..)", calleeText(at)))
		return nil
	}
	if c.quiet > 0 {
		return newInstance("?", fn, at)
	}
	if name == "" {
		name = fn.name
	}
	base := name
	for n := 2; ; n++ {
		key := name + loopSuffix(f.loops)
		owner, owned := f.inst.owners[name]
		if f.inst.inner[key] == nil && (!owned || owner == f.loopAt && len(f.loops) > 0) {
			f.inst.owners[name] = f.loopAt
			if _, taken := f.inst.params[name]; taken || c.stateNow[f.inst.join(name)].ok() {
				c.errorf("G0202", at, "the instance %s has the name of a parameter or state", name)
				return nil
			}
			inst := f.inst.again[key]
			if inst == nil && c.underIf > 0 {
				c.report(diag.New("G0516", at, "whether %s exists is decided at run time", f.inst.join(key)).
					WithHelp("make the instance before the if: %s = layer %s(..)", name, calleeText(at)))
				return nil
			}
			if inst == nil && c.baseInDoubt() {
				return nil
			}
			if inst == nil && c.base != nil {
				c.report(diag.New("G0516", at, "a model over the parameters of %s makes no instances of its own", c.m.Base.Name).
					WithHelp("bind the instance there: %s = layer %s(..)", name, calleeText(at)))
				return nil
			}
			if inst == nil {
				inst = newInstance(f.inst.join(key), fn, at)
			}
			f.inst.inner[key] = inst
			inst.regions = f.inst.regions[:len(f.inst.regions):len(f.inst.regions)]
			inst.loops = f.inst.loops[:len(f.inst.loops):len(f.inst.loops)]
			for _, l := range f.loops {
				inst.loops = append(inst.loops, l.loop)
				if l.r != nil {
					inst.regions = append(inst.regions, l.r)
				}
			}
			return inst
		}
		name = fmt.Sprintf("%s_%d", base, n)
	}
}

// calleeText is what is called, as it is written.
func calleeText(at diag.Span) string {
	text, _, _ := strings.Cut(at.Text(), "(")
	return strings.TrimSpace(strings.TrimPrefix(text, "layer "))
}

func loopSuffix(loops []around) string {
	var b strings.Builder
	for _, l := range loops {
		b.WriteString(l.text)
	}
	return b.String()
}

// layerInst is `layer nn.Dense(out = 64)`: named now, applied later.
func (c *checker) layerInst(s *scope, f *frame, e *ast.LayerInst, name string) val {
	fn := c.expr(s, f, e.Call.Fun)
	if !fn.ok() {
		return fn
	}
	if fn.kind != kFunc || fn.fn.decl == nil || !fn.fn.decl.Layer {
		return c.bad("G0209", e.Call.Fun.Span(), "%s is no layer", short(e.Call.Fun.Span())).
			withHelp(c, "a function has no parameters to keep; call it where it is needed")
	}
	inst := c.newInstance(f, fn.fn, name, e.At)
	if inst == nil {
		return val{kind: kBad}
	}
	inst.args = c.arguments(s, f, e.Call)
	return val{kind: kInst, inst: inst, name: name}
}

// callInstance applies a bound instance: the arguments of this call, then those
// it was bound with.
func (c *checker) callInstance(s *scope, f *frame, inst *instance, e *ast.Call) val {
	args := c.arguments(s, f, e)
	if inst.nested {
		return c.bad("G0209", e.Fun.Span(), "%s has second derivatives for parameters and cannot be called", short(e.Fun.Span()))
	}
	if inst.steps > 0 {
		return c.bad("G0209", e.Fun.Span(), "%s holds the values of all steps and cannot be called", short(e.Fun.Span())).
			withHelp(c, "take that of one step: "+short(e.Fun.Span())+"[0]")
	}
	for _, a := range inst.args {
		if a.name == "" {
			return c.bad("G0212", a.at, "the arguments of a bound layer are given by name").withHelp(c, nameHelp(inst, a))
		}
		args = append(args, a)
	}
	return c.apply(f, inst, args, e.At)
}

// nameHelp shows an argument with the name of the first parameter it may be for.
func nameHelp(inst *instance, a arg) string {
	if ps := inst.layer.decl.Params; len(ps) > 1 {
		return "write " + ps[1].Name.Text + " = " + short(a.at)
	}
	return "its first parameter is what it is called with"
}

// apply runs a layer's body for an instance.
func (c *checker) apply(f *frame, inst *instance, args []arg, at diag.Span) val {
	if c.endless(inst.layer.name, at) {
		return val{kind: kBad, at: at}
	}
	inner := &frame{mod: inst.layer.mod, inst: inst, outer: f, layer: true}
	s := newScope(inst.layer.scope, true)
	if !c.bindParams(s, inner, inst.layer.name, inst.layer.decl.Params, args, at) {
		inst.failed = true
		return val{kind: kBad}
	}
	if inst.started {
		inst.again, inst.inner, inst.owners = inst.inner, map[string]*instance{}, map[string]diag.Span{}
	}
	inst.started = true
	return c.run(s, inner, inst.layer.decl, at)
}
