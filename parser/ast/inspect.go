package ast

import (
	"reflect"

	"github.com/gradgen/gradgen/parser/diag"
)

// Spanned is anything that knows its place in the source: every node.
type Spanned interface{ Span() diag.Span }

var spanned = reflect.TypeFor[Spanned]()

// Inspect calls visit for a node and, where visit returns true, for the nodes
// below it in source order of their declaration. Nodes are visited as pointers.
func Inspect(node Spanned, visit func(Spanned) bool) {
	inspect(reflect.ValueOf(node), visit)
}

func inspect(v reflect.Value, visit func(Spanned) bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			inspect(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			inspect(v.Index(i), visit)
		}
	case reflect.Struct:
		if v.CanAddr() && v.Addr().Type().Implements(spanned) {
			inspect(v.Addr(), visit)
		}
	case reflect.Pointer:
		if v.IsNil() || !v.Type().Implements(spanned) || !visit(v.Interface().(Spanned)) {
			return
		}
		inspectFields(v.Elem(), visit)
	}
}

func inspectFields(v reflect.Value, visit func(Spanned) bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Type == reflect.TypeFor[Node]() || f.Type == reflect.TypeFor[diag.Span]():
		case f.Anonymous:
		default:
			inspect(v.Field(i), visit)
		}
	}
}

// Bound lists the names that the statements below a node bind, or seem to; what a
// function or model binds inside is its own.
func Bound(n Spanned) (names []Name) {
	Inspect(n, func(x Spanned) bool {
		switch x := x.(type) {
		case *Broken:
			names = append(names, x.Names...)
		case *Func:
			names = append(names, x.Name)
			return x == n
		case *Model:
			names = append(names, x.Name)
			return x == n
		case *Optimizer:
			names = append(names, x.Name)
			return x == n
		case *Loss:
			if x.Name != nil {
				names = append(names, *x.Name)
			}
		default:
			if name, ok := Declares(x); ok {
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

// Declares returns the name of a const, dim, input, param, state, carry, output,
// metric, collect or target.
func Declares(n Spanned) (Name, bool) {
	switch n := n.(type) {
	case *Const:
		return n.Name, true
	case *Dim:
		return n.Name, true
	case *Input:
		return n.Name, true
	case *Param:
		return n.Name, true
	case *State:
		return n.Name, true
	case *Carry:
		return n.Name, true
	case *Output:
		return n.Name, true
	case *Metric:
		return n.Name, true
	case *Collect:
		return n.Name, true
	case *Target:
		return n.Name, true
	}
	return Name{}, false
}
