package engine

import (
	"fmt"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/parser/diag"
)

// Select finds a model or a func by name; without names, the only one there is.
func Select(p *graph.Program, model, fn string) (*graph.Model, *graph.Func, error) {
	switch {
	case model != "" && fn != "":
		return nil, nil, fmt.Errorf("name a model or a func, not both")
	case fn != "":
		for _, f := range p.Funcs {
			if f.Name == fn {
				return nil, f, nil
			}
		}
		return nil, nil, missing("exported func", fn, funcNames(p))
	case model != "":
		for _, m := range p.Models {
			if m.Name == model {
				return m, nil, nil
			}
		}
		return nil, nil, missing("model", model, modelNames(p))
	case len(p.Models) == 1:
		return p.Models[0], nil, nil
	case len(p.Models) == 0 && len(p.Funcs) == 1:
		return nil, p.Funcs[0], nil
	case len(p.Models) > 1:
		return nil, nil, fmt.Errorf("the file has the models %s; choose one with -model", strings.Join(modelNames(p), ", "))
	case len(p.Funcs) > 1:
		return nil, nil, fmt.Errorf("the file has the funcs %s; choose one with -func", strings.Join(funcNames(p), ", "))
	}
	return nil, nil, fmt.Errorf("the file has no model and no exported func")
}

func missing(what, name string, have []string) error {
	if near := diag.Suggest(name, have); near != "" {
		return fmt.Errorf("there is no %s %s; did you mean %s?", what, name, near)
	}
	return fmt.Errorf("there is no %s %s", what, name)
}

func modelNames(p *graph.Program) []string {
	var out []string
	for _, m := range p.Models {
		out = append(out, m.Name)
	}
	return out
}

func funcNames(p *graph.Program) []string {
	var out []string
	for _, f := range p.Funcs {
		out = append(out, f.Name)
	}
	return out
}
