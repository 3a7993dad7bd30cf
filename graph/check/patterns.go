package check

import (
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

func (c *checker) matches(t *ast.Train, path string) bool {
	if len(t.For) == 0 {
		return true
	}
	for _, p := range t.For {
		if patternMatches(p, path) {
			return true
		}
	}
	return false
}

// patternMatches tells whether a path, or a part of it, is named by a pattern.
func patternMatches(p *ast.Pattern, path string) bool {
	want, got := patternSteps(p), splitPath(path)
	last := 0
	if p.Anywhere {
		last = len(got) - len(want)
	}
	for from := 0; from <= last; from++ {
		if len(want)+from <= len(got) && stepsMatch(want, got[from:]) {
			return true
		}
	}
	return false
}

func stepsMatch(want, got []string) bool {
	for i, w := range want {
		base, _ := cutIndex(got[i])
		if w != got[i] && w != base {
			return false
		}
	}
	return true
}

// checkPatterns reports patterns that name no parameter.
func (c *checker) checkPatterns(t *ast.Train) {
	for _, p := range t.For {
		found := false
		var paths []string
		for _, q := range c.m.Params {
			found = found || patternMatches(p, q.Path)
			paths = append(paths, q.Path, splitPath(q.Path)[0])
		}
		if !found {
			d := diag.New("G0506", p.At, "no parameter is called %s", p.At.Text())
			if near := diag.Suggest(p.At.Text(), paths); near != "" {
				d = d.WithHelp("did you mean %s?", near)
			} else if len(paths) > 0 {
				d = d.WithHelp("the first one is %s", paths[0])
			}
			c.report(d)
		}
	}
}
