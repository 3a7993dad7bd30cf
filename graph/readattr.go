package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// readAttr reads the attribute of an operator of that class.
func readAttr(op *Op, text string) (Attr, error) {
	switch op.Class {
	case LeafOp:
		return readLeaf(op.Name, text)
	case ViewOp:
		return readView(text)
	case GatherOp, ScatterOp:
		return readGather(text)
	case RegionOp:
		return readLoop(op.Name, text)
	case CheckOp:
		what, ext, _ := cutLast(text, " in 0..")
		d, err := shape.Parse(ext)
		return Place{d, what}, err
	case MarkOp:
		k, err := strconv.Atoi(strings.TrimPrefix(text, "#"))
		return MarkID(k), err
	}
	if list, ok := strings.CutPrefix(text, "axes "); ok {
		var out Axes
		for _, w := range strings.Fields(list) {
			k, err := strconv.Atoi(w)
			if err != nil {
				return nil, err
			}
			out = append(out, k)
		}
		return out, nil
	}
	if k, ok := strings.CutPrefix(text, "axis "); ok {
		v, err := strconv.Atoi(k)
		return Axis(v), err
	}
	c, err := strconv.Atoi(text)
	return Count(c), err
}

func readLeaf(op, text string) (Attr, error) {
	switch op {
	case "const":
		v, err := strconv.ParseFloat(text, 64)
		return Number(v), err
	case "table":
		var out Table
		for _, w := range strings.Fields(text) {
			v, err := strconv.ParseFloat(w, 64)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case "index":
		e, err := shape.Parse(text)
		return Index{e}, err
	}
	return Leaf(text), nil
}

// readView reads `[#0, (#1 + 1)/2] if #1 - 1 >= 0 and #1 + 1 % 2 == 0 else 0`.
func readView(text string) (Attr, error) {
	text, fill, err := cutFill(text)
	if err != nil {
		return nil, err
	}
	list, guards, guarded := strings.Cut(text, " if ")
	m, err := readMap(list)
	if err != nil {
		return nil, err
	}
	if guarded {
		for _, g := range strings.Split(guards, " and ") {
			c, err := readCond(g)
			if err != nil {
				return nil, err
			}
			m.Guard = append(m.Guard, c)
		}
	}
	return View{m, fill}, nil
}

// cutFill takes ` else v` off the end.
func cutFill(text string) (rest string, fill float64, err error) {
	rest, value, ok := cutLast(text, " else ")
	if ok {
		fill, err = strconv.ParseFloat(value, 64)
	}
	return rest, fill, err
}

func readMap(list string) (shape.Map, error) {
	parts, err := items(list)
	if err != nil {
		return shape.Map{}, err
	}
	m := shape.Map{In: make([]shape.Dim, len(parts))}
	div, divided := make([]int64, len(parts)), false
	for k, p := range parts {
		div[k] = 1
		if p[0] == '(' {
			in, by, _ := cutLast(p, ")/")
			if div[k], err = strconv.ParseInt(by, 10, 64); err != nil {
				return m, err
			}
			p, divided = in[1:], true
		}
		if m.In[k], err = shape.Parse(p); err != nil {
			return m, err
		}
	}
	if divided {
		m.Div = div
	}
	return m, nil
}

func readCond(text string) (shape.Cond, error) {
	if e, ok := strings.CutSuffix(text, " >= 0"); ok {
		d, err := shape.Parse(e)
		return shape.Cond{Kind: shape.NonNegative, E: d}, err
	}
	e, ok := strings.CutSuffix(text, " == 0")
	if !ok {
		return shape.Cond{}, fmt.Errorf("no condition: %q", text)
	}
	e, by, isMultiple := cutLast(e, " % ")
	d, err := shape.Parse(e)
	if err != nil || !isMultiple {
		return shape.Cond{Kind: shape.Zero, E: d}, err
	}
	mod, err := strconv.ParseInt(by, 10, 64)
	return shape.Cond{Kind: shape.Multiple, E: d, Mod: mod}, err
}

// readGather reads `[#0, @0] checked masked else 0`.
func readGather(text string) (Attr, error) {
	text, fill, err := cutFill(text)
	if err != nil {
		return nil, err
	}
	g := Gather{Fill: fill}
	text, g.Masked = strings.CutSuffix(text, " masked")
	text, g.Checked = strings.CutSuffix(text, " checked")
	parts, err := items(text)
	if err != nil {
		return nil, err
	}
	g.In, g.By = make([]shape.Dim, len(parts)), make([]int, len(parts))
	for k, p := range parts {
		g.By[k] = -1
		if by, ok := strings.CutPrefix(p, "@"); ok {
			g.By[k], err = strconv.Atoi(by)
		} else {
			g.In[k], err = shape.Parse(p)
		}
		if err != nil {
			return nil, err
		}
	}
	return g, nil
}
