package ast

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/gradgen/gradgen/parser/diag"
)

// Dump writes a node as an indented outline without positions: two trees are the
// same program when their dumps are equal. `y = a + 1` becomes
//
//	Assign
//	  Targets
//	    Target
//	      Name y
//	  Value Binary
//	    Op +
//	    X Ident
//	      Name a
//	    Y Number
//	      Text 1
//	      Int true
func Dump(node any) string {
	var b strings.Builder
	dump(&b, reflect.ValueOf(node), "", 0)
	return b.String()
}

var silent = map[reflect.Type]bool{
	reflect.TypeFor[diag.Span](): true, reflect.TypeFor[*diag.File](): true,
	reflect.TypeFor[[]Comment](): true,
}

func dump(b *strings.Builder, v reflect.Value, label string, depth int) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	indent := strings.Repeat("  ", depth)
	switch v.Kind() {
	case reflect.Struct:
		if n, ok := v.Interface().(Name); ok {
			fmt.Fprintf(b, "%s%s\n", indent, strings.TrimSpace(label+" "+n.Text))
			return
		}
		fmt.Fprintf(b, "%s%s\n", indent, strings.TrimSpace(label+" "+v.Type().Name()))
		dumpFields(b, v, depth+1)
	case reflect.Slice:
		if v.Len() == 0 {
			return
		}
		fmt.Fprintf(b, "%s%s\n", indent, label)
		for i := range v.Len() {
			dump(b, v.Index(i), "", depth+1)
		}
	default:
		if !v.IsZero() {
			fmt.Fprintf(b, "%s%s %v\n", indent, label, v.Interface())
		}
	}
}

func dumpFields(b *strings.Builder, v reflect.Value, depth int) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case silent[f.Type] || f.Type == reflect.TypeFor[Node]():
		case f.Anonymous:
			dumpFields(b, v.Field(i), depth)
		default:
			dump(b, v.Field(i), f.Name, depth)
		}
	}
}
