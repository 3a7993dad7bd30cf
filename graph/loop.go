package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/graph/shape"
)

// readLoop reads the attribute of a scan or while, whose dim stands last.
func readLoop(op, text string) (Attr, error) {
	if op == "call" {
		name, of, _ := strings.Cut(text, " of ")
		return Callee{name, of}, nil
	}
	var d shape.Dim
	text, dim, ok := cutLast(text, ", trip ")
	if !ok {
		text, dim, ok = cutLast(text, ", limit ")
	}
	var err error
	if ok {
		if d, err = shape.Parse(dim); err != nil {
			return nil, err
		}
	}
	if op == "while" {
		w := While{Limited: ok, Limit: d}
		err = readWords(text, map[string]*int{"carry": &w.Carries, "collect": &w.Collects}, nil, &w.Trips)
		return w, err
	}
	s := Scan{Trip: d}
	err = readWords(text,
		map[string]*int{"carry": &s.Carries, "slice": &s.Slices, "collect": &s.Collects, "remat": &s.Remat},
		map[string]*bool{"reverse": &s.Reverse, "counted": &s.Counted}, nil)
	return s, err
}

// readWords reads `2 carry, remat 3, reverse, trips .n1`.
func readWords(text string, counts map[string]*int, flags map[string]*bool, trips *string) error {
	for _, part := range strings.Split(text, ", ") {
		words := strings.Fields(part)
		switch {
		case len(words) == 1 && flags[words[0]] != nil:
			*flags[words[0]] = true
			continue
		case len(words) != 2:
			return fmt.Errorf("no part of a loop: %q", part)
		case words[0] == "trips" && trips != nil:
			*trips = words[1]
			continue
		}
		name, number := words[1], words[0]
		if counts[name] == nil {
			name, number = number, name
		}
		k, err := strconv.Atoi(number)
		if err != nil || counts[name] == nil {
			return fmt.Errorf("no part of a loop: %q", part)
		}
		*counts[name] = k
	}
	return nil
}

// verifyResult wants one of the values of an owner, under its type.
func verifyResult(n *Node) error {
	k, ok := n.Attr.(Count)
	if n.Args[0].Op.Class != RegionOp || !ok {
		return fmt.Errorf("no value of a loop or branch")
	}
	types := n.Args[0].ResultTypes()
	if int(k) < 0 || int(k) >= len(types) {
		return fmt.Errorf("value %d of %d", int(k), len(types))
	}
	if !n.Type.Equal(types[k]) {
		return fmt.Errorf("value %d is %s", int(k), types[k])
	}
	return nil
}

// verifyLoop compares the operands of a node with regions with the parameters
// and results of these.
func verifyLoop(n *Node) error {
	switch a := n.Attr.(type) {
	case Scan:
		return verifyScan(n, a)
	case While:
		return verifyWhile(n, a)
	case Callee:
		if len(n.Regions) != 1 {
			return fmt.Errorf("a call has one region")
		}
		return sameTypes("parameter", typesOf(n.Regions[0].Params), typesOf(n.Args))
	}
	if len(n.Regions) != 2 || len(n.Args) < 1 || !n.Args[0].Type.Equal(Type{Elem: Bool}) {
		return fmt.Errorf("a branch has a condition and two regions")
	}
	for _, r := range n.Regions {
		if err := sameTypes("parameter", typesOf(r.Params), typesOf(n.Args[1:])); err != nil {
			return err
		}
	}
	return sameTypes("value", typesOf(n.Regions[0].Results), typesOf(n.Regions[1].Results))
}

func verifyScan(n *Node, a Scan) error {
	operands := a.Carries + a.Slices
	if a.Counted {
		operands++
	}
	if len(n.Regions) != 1 || len(n.Args) < operands || len(n.Regions[0].Results) != a.Carries+a.Collects {
		return fmt.Errorf("%d operands, %d regions", len(n.Args), len(n.Regions))
	}
	p := n.Parts()
	if p.Count != nil && !p.Count.Type.Equal(Type{Elem: Int}) {
		return fmt.Errorf("the trip count is %s", p.Count.Type)
	}
	want := append([]Type{{Elem: Int}}, typesOf(p.Inits)...)
	for _, s := range p.Slices {
		if s.Type.Rank() == 0 || !s.Type.Shape[0].Equal(a.Trip) {
			return fmt.Errorf("a slice of %s steps is %s", a.Trip, s.Type)
		}
		want = append(want, Type{s.Type.Elem, s.Type.Shape[1:]})
	}
	body := n.Regions[0]
	if err := sameTypes("parameter", typesOf(body.Params), append(want, typesOf(p.Captures)...)); err != nil {
		return err
	}
	return sameTypes("carry", typesOf(body.Results[:a.Carries]), typesOf(p.Inits))
}

func verifyWhile(n *Node, a While) error {
	if len(n.Regions) != 2 || len(n.Args) < a.Carries || len(n.Regions[1].Results) != a.Carries+a.Collects {
		return fmt.Errorf("%d operands, %d regions", len(n.Args), len(n.Regions))
	}
	if (a.Collects > 0) != (a.Trips != "") {
		return fmt.Errorf("%d collects over trips %q", a.Collects, a.Trips)
	}
	for _, r := range n.Regions {
		if err := sameTypes("parameter", typesOf(r.Params), typesOf(n.Args)); err != nil {
			return err
		}
	}
	if err := sameTypes("condition", typesOf(n.Regions[0].Results), []Type{{Elem: Bool}}); err != nil {
		return err
	}
	return sameTypes("carry", typesOf(n.Regions[1].Results[:a.Carries]), typesOf(n.Args[:a.Carries]))
}

func typesOf(ns []*Node) []Type {
	out := make([]Type, len(ns))
	for i, n := range ns {
		out[i] = n.Type
	}
	return out
}

func sameTypes(what string, have, want []Type) error {
	if len(have) != len(want) {
		return fmt.Errorf("%d of kind %s, want %d", len(have), what, len(want))
	}
	for i := range have {
		if !have[i].Equal(want[i]) {
			return fmt.Errorf("%s %d is %s, want %s", what, i, have[i], want[i])
		}
	}
	return nil
}
