package emit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// view is a level of the struct through which parameters are seen: the path
// "blocks[3].attn.Wq" is field Wq of field Attn of element 3 of Blocks.
type view struct {
	name   string
	counts []int // extents of the indices after the name
	kids   []*view
	leaf   *graph.Param
}

var (
	pathStep  = regexp.MustCompile(`^([^\[\]]+)((?:\[\d+(?::\d+)?\])*)$`)
	pathIndex = regexp.MustCompile(`\[(?:(\d+):)?(\d+)\]`)
)

// step is a part of a path between dots.
type step struct {
	name string
	at   []place
}

// place is an index in a path, or a range of them, of which n is the last.
type place struct {
	n      int
	ranged bool
}

func steps(path string) []step {
	var out []step
	for _, part := range strings.Split(path, ".") {
		m := pathStep.FindStringSubmatch(part)
		if m == nil {
			out = append(out, step{name: part})
			continue
		}
		s := step{name: m[1]}
		for _, at := range pathIndex.FindAllStringSubmatch(m[2], -1) {
			k, _ := strconv.Atoi(at[2]) // the pattern has digits only
			if at[1] != "" {
				k--
			}
			s.at = append(s.at, place{k, at[1] != ""})
		}
		out = append(out, s)
	}
	return out
}

// newView arranges parameters by the parts of their paths.
func newView(params []*graph.Param) *view {
	top := &view{}
	for _, p := range params {
		at := top
		for _, s := range steps(p.Path) {
			at = at.kid(s)
		}
		at.leaf = p
	}
	return top
}

func (v *view) kid(s step) *view {
	var k *view
	for _, have := range v.kids {
		if have.name == s.name {
			k = have
		}
	}
	if k == nil {
		k = &view{name: s.name}
		v.kids = append(v.kids, k)
	}
	for i, n := range s.at {
		if i == len(k.counts) {
			k.counts = append(k.counts, 0)
		}
		k.counts[i] = max(k.counts[i], n.n+1)
	}
	return k
}

func (v *view) fieldNames() map[string]string {
	names := make([]string, len(v.kids))
	for i, k := range v.kids {
		names[i] = k.name
	}
	return exportAll(names)
}

// goType prints the struct type of a level.
func (v *view) goType(f *file) string {
	var b strings.Builder
	for _, n := range v.counts {
		fmt.Fprintf(&b, "[%d]", n)
	}
	if v.leaf != nil {
		return b.String() + "[]" + f.goType(v.leaf.Node.Type.Elem)
	}
	b.WriteString("struct {\n")
	names := v.fieldNames()
	for _, k := range v.kids {
		fmt.Fprintf(&b, "%s %s", names[k.name], k.goType(f))
		if k.leaf != nil && len(k.counts) == 0 {
			fmt.Fprintf(&b, " // %s", shapeText(k.leaf.Own()))
		}
		b.WriteString("\n")
	}
	return b.String() + "}"
}

func shapeText(ds []shape.Dim) string {
	if len(ds) == 0 {
		return "a scalar"
	}
	return shape.Format(ds)
}

// path is the Go selector of a parameter: ".Blocks[3].Attn.Wq", with the given
// indices for ranges.
func (v *view) path(param string, index ...string) string {
	out, at := "", v
	for _, s := range steps(param) {
		out += "." + at.fieldNames()[s.name]
		for _, n := range s.at {
			if !n.ranged {
				out += fmt.Sprintf("[%d]", n.n)
				continue
			}
			out += "[" + index[0] + "]"
			index = index[1:]
		}
		at = at.kid(s)
	}
	return out
}

func (v *view) member(m member) string { return v.path(m.Path, m.index...) }
