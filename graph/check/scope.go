package check

import (
	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// entry is what a name stands for.
type entry struct {
	name     string
	val      val
	span     diag.Span
	used     bool
	declared bool      // an input, param, dim ..: may not be bound again
	what     string    // "input", "param", ..., or "" for a definition
	inst     *instance // the layer instance whose call the name is bound to
	noWarn   bool
	of       *entry // whose copy a func keeps
	path     string // of a state: it is what c.stateOf says
	top      bool   // a constant of a file, whose node belongs to a graph of its own
}

// scope is a block's names. fence marks the outermost scope of a function or
// model body: assignments inside blocks reach out to it and no further.
type scope struct {
	outer *scope
	names map[string]*entry
	order []*entry
	fence bool
	ended map[string]diag.Span // names of blocks that have ended
	loop  bool                 // of a scan or while: names outside are not bound again
	kept  map[string]*entry    // what a func in a block has seen where it stands
}

func newScope(outer *scope, fence bool) *scope {
	return &scope{outer: outer, names: map[string]*entry{}, fence: fence}
}

// find looks a name up from the inside out.
func (s *scope) find(name string) *entry {
	for ; s != nil; s = s.outer {
		if e := s.names[name]; e != nil {
			return e
		}
		if e := s.kept[name]; e != nil {
			return e
		}
	}
	return nil
}

// keeping is a scope for the func that stands here: to bind a name again later
// is nothing to it.
func (s *scope) keeping() *scope {
	out := &scope{outer: s, names: map[string]*entry{}, fence: true, kept: map[string]*entry{}}
	for ; s != nil && s.outer != nil; s = s.outer {
		for name, e := range s.names {
			if out.kept[name] == nil {
				kept := *e
				kept.of = e
				out.kept[name] = &kept
			}
		}
		for name, e := range s.kept {
			if out.kept[name] == nil {
				out.kept[name] = e
			}
		}
	}
	return out
}

// use notes that a name was read.
func (e *entry) use() {
	for ; e != nil; e = e.of {
		e.used = true
	}
}

// inBody looks a name up within the function or model body only.
func (s *scope) inBody(name string) *entry {
	for ; s != nil; s = s.outer {
		if e := s.names[name]; e != nil {
			return e
		}
		if s.fence {
			return nil
		}
	}
	return nil
}

// candidates are all names in scope, for suggestions.
func (s *scope) candidates() []string {
	var out []string
	for ; s != nil; s = s.outer {
		out = append(out, sortedKeys(s.names)...)
	}
	return out
}

func (s *scope) put(e *entry) {
	s.names[e.name] = e
	s.order = append(s.order, e)
}

// declare enters a name that may not be bound again.
func (c *checker) declare(s *scope, n ast.Name, what string, v val) *entry {
	if old := s.inBody(n.Text); old != nil && old.declared {
		c.report(diag.New("G0202", n.At, "%s is declared twice", n.Text).
			WithRelated(old.span, "the first declaration"))
		v = val{kind: kBad}
	}
	v.origin, v.name = n.At, n.Text
	e := &entry{name: n.Text, val: v, span: n.At, declared: true, what: what}
	s.put(e)
	return e
}

// define binds a name, or binds it again.
func (c *checker) define(s *scope, f *frame, n ast.Name, v val, inst *instance) {
	if n.Text == "_" {
		return
	}
	v = c.marked(f, n.Text, v)
	v.name, v.origin = n.Text, n.At
	old := s.inBody(n.Text)
	if old != nil && old.declared && !v.ok() {
		return
	}
	if old != nil && old.declared {
		c.report(diag.New("G0216", n.At, "%s is declared as %s and cannot be bound again", n.Text, article(old.what)).
			WithRelated(old.span, "declared here").WithHelp("%s", rebindHelp(old)))
		return
	}
	if old != nil && c.binding(s, n, old) {
		return
	}
	if old != nil && !s.owns(old) {
		c.journal.note(old)
		old.val, old.inst, old.span = v, inst, n.At
		return
	}
	s.put(&entry{name: n.Text, val: v, span: n.At, inst: inst, used: false})
}

func rebindHelp(old *entry) string {
	if old.what == "state" || old.what == "part of the rule" && old.name == "p" {
		return "its new value is stored by <-, as in " + old.name + " <- .."
	}
	return "give the new value a name of its own"
}

func (s *scope) owns(e *entry) bool { return s.names[e.name] == e }

func article(what string) string {
	switch what {
	case "input", "output", "int", "index":
		return "an " + what
	case "":
		return "a definition"
	}
	return "a " + what
}

// end remembers, outside of a block, the names that were bound in it.
func (s *scope) end() {
	if s.outer == nil || s.fence {
		return
	}
	if s.outer.ended == nil {
		s.outer.ended = map[string]diag.Span{}
	}
	for _, e := range s.order {
		s.outer.ended[e.name] = e.span
		if e.what == "" && !e.val.ok() && s.find(e.name) == e && s.outer.find(e.name) == nil {
			poison(s.outer, map[string]bool{e.name: true}) // what is wrong with it has been said
		}
	}
}

// endedAt is where a name was bound in a block that has ended.
func (s *scope) endedAt(name string) diag.Span {
	for ; s != nil; s = s.outer {
		if at, ok := s.ended[name]; ok {
			return at
		}
	}
	return diag.Span{}
}

// unused notes which definitions of a block were read. What one call of a
// function reads, or the training of a model, another may not.
func (c *checker) unused(s *scope, f *frame) {
	s.end()
	if f.mod.library {
		return
	}
	for _, e := range s.order {
		switch {
		case e.used:
			c.read[e.span] = true
		case e.noWarn || e.name[0] == '_' || c.quiet > 0:
		case e.what == "" || e.what == "input" || e.what == "dim" || e.what == "const":
			c.unread = append(c.unread, e)
		}
	}
}

// neverRead warns of definitions nobody reads.
func (c *checker) neverRead() {
	for _, e := range c.unread {
		if !c.read[e.span] {
			c.read[e.span] = true
			c.report(diag.Warn("G0213", e.span, "%s is never used", e.name))
		}
	}
}

// function is a value that can be called.
type function struct {
	name    string
	decl    *ast.Func
	mod     *module
	scope   *scope // where it was declared
	builtin *builtin
	optim   *ast.Optimizer
	outer   *frame
}

// instance is a layer's parameters: what one call of a layer makes, and a bound
// instance shares.
type instance struct {
	layer    *function
	path     string
	args     []arg // given when it was bound
	params   map[string]val
	inner    map[string]*instance // by name, of the application under way or the last
	owners   map[string]diag.Span // by name without index: the loop the instances were made in
	again    map[string]*instance // inner of the application before, to be shared
	started  bool
	failed   bool // a call of it has an error
	held     bool // by a state: its parameters are what c.now says
	computed bool // by arithmetic
	nested   bool // of instances, one for each parameter
	steps    int  // collected over so many loops: the parameters have an axis first for each
	at       diag.Span
	loops    []*forLoop // that it is made anew in
	regions  []*region  // of those that stay loops: its parameters are stacked over them
}

func newInstance(path string, layer *function, at diag.Span) *instance {
	return &instance{
		layer: layer, path: path, at: at, params: map[string]val{}, inner: map[string]*instance{}, owners: map[string]diag.Span{},
	}
}

// join extends a path.
func (i *instance) join(name string) string {
	if i.path == "" {
		return name
	}
	return i.path + "." + name
}
