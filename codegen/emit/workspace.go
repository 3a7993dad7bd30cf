package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/gradgen/gradgen/codegen/kernel"
	"github.com/gradgen/gradgen/codegen/plan"
	"github.com/gradgen/gradgen/graph"
	"github.com/gradgen/gradgen/graph/shape"
)

// workspace is the type that one program's kernels are methods of: its buffers,
// its run-time dims and the closures that workers run.
type workspace struct {
	f         *file
	prog      *kernel.Program
	typ       string // its Go name
	owner     string // the model or function, for messages
	doc       string
	names     *scope
	fields    map[*kernel.Buffer]string
	grads     map[*kernel.Buffer]string // the parameter that a gradient is of
	dims      []string
	dimFields map[string]string
	steps     []string // numbers of the steps of loops of kernels
	trips     []string // run-time dims, and the methods that set them
	growers   map[string]string
	pieces    int                    // kernels cut into pieces
	owning    int                    // and those in which workers have memory of their own
	kept      map[*kernel.MatMul]int // products that keep what they copy
	fails     bool
	finite    bool                      // it can look for NaN and infinities
	session   *workspace                // that of the initial values of what is carried, if anything is
	limited   bool                      // it remembers the room for the first dim
	before    map[*kernel.Buffer]string // the field of what was carried before a call
	copies    bool                      // small inputs of fixed shape are copied, not kept
}

func (f *file) newWorkspace(prog *kernel.Program, typ, owner, doc string, dims []string) *workspace {
	w := &workspace{
		f: f, prog: prog, typ: f.names.name(typ), owner: owner, doc: doc, dims: dims,
		names:  newScope("w", "team", "pieces", "owning", "reals", "ints", "bools", "failure", "limit", "init", "bind", "take", "checkFinite", "finite", "fresh", "pending", "session", "advance", "start", "changed", "dimsBefore", "freshBefore", "setAside", "takeUp", "own", "room", "kept"),
		fields: map[*kernel.Buffer]string{}, grads: map[*kernel.Buffer]string{}, dimFields: map[string]string{}, growers: map[string]string{},
		kept: map[*kernel.MatMul]int{},
	}
	for _, s := range prog.Sections {
		w.names.name(s.Name)
		for i, k := range kernel.All(s.Kernels) {
			w.names.name(kernelName(s, i))
			w.fails = w.fails || k.Fails
			for _, m := range again(k) {
				w.kept[m] = len(w.kept)
			}
			switch {
			case owns(k):
				w.owning++
			case w.cut(k):
				w.pieces++
			}
		}
	}
	for _, d := range dims {
		w.dimFields[d] = w.names.name(local(d))
	}
	w.nameSteps()
	for _, r := range prog.Results {
		if r.Kind == "grad" {
			w.grads[r.Buffer.Root()] = r.Name
		}
	}
	used := usedBuffers(prog)
	for _, b := range prog.Buffers {
		switch {
		case !used[b]:
		case b.Kind == kernel.Const:
			f.table(b)
		case b.Alias == nil && b.Kind != kernel.Own:
			w.fields[b] = w.names.name(w.goName(b))
		}
	}
	return w
}

// usedBuffers are those that kernels mention or that hold results, and whose
// memory these are.
func usedBuffers(prog *kernel.Program) map[*kernel.Buffer]bool {
	used := map[*kernel.Buffer]bool{}
	use := func(b *kernel.Buffer) { used[b], used[b.Root()] = true, true }
	for _, s := range prog.Sections {
		for _, k := range s.Kernels {
			plan.Uses(k, use)
		}
	}
	for _, r := range prog.Results {
		use(r.Buffer)
	}
	for _, b := range prog.Buffers {
		if b.Kind == kernel.Carry {
			use(b)
		}
	}
	return used
}

// has reports a buffer with memory of its own in the workspace.
func (w *workspace) has(b *kernel.Buffer) bool { return w.fields[b] != "" }

func kernelName(s *kernel.Section, i int) string { return fmt.Sprintf("%s%d", s.Name, i) }

// goName is the Go name of a buffer: that of its source, and "d" and the
// parameter's for a gradient.
func (w *workspace) goName(b *kernel.Buffer) string {
	if param, ok := w.grads[b]; ok {
		return local("d." + param)
	}
	return local(b.Name)
}

// cut reports a kernel that may have more than one piece.
func (w *workspace) cut(k *kernel.Kernel) bool {
	n, isConst := k.Rows.IsConst()
	return k.Grain > 0 && (!isConst || n > k.Grain)
}

// fieldOf is the field that holds a buffer's memory.
func (w *workspace) fieldOf(b *kernel.Buffer) string {
	name, ok := w.fields[b.Root()]
	if !ok {
		w.f.fail("buffer %s is not listed in program %s", b.Name, w.prog.Name)
	}
	return name
}

// ref is the Go expression of a buffer's memory, outside of kernels.
func (w *workspace) ref(on string, b *kernel.Buffer) string {
	if t, ok := w.f.tables[b.Root()]; ok {
		return t
	}
	return on + "." + w.fieldOf(b)
}

func (w *workspace) dimField(d string) string {
	name, ok := w.dimFields[d]
	if !ok {
		w.f.fail("dim %s is not bound in program %s", d, w.prog.Name)
	}
	return name
}

// onSelf prints dims as fields of the workspace, asLocals as local variables.
func (w *workspace) onSelf() dimPrinter {
	return w.f.goDims(func(d string) string { return "w." + w.dimField(d) })
}

func (w *workspace) asLocals() dimPrinter { return w.f.goDims(w.dimField) }

// print writes the type, its set-up and its kernels.
func (w *workspace) print() {
	w.nameBefore()
	w.printType()
	w.printInit()
	w.printBind()
	w.printRoom()
	w.printGrowers()
	for _, s := range w.prog.Sections {
		w.printSection(s)
	}
	if w.finite {
		w.printFinite()
	}
	if w.carries() {
		w.printSession()
		w.printReturn()
	}
}

func (w *workspace) printType() {
	fields := []jen.Code{line("team *rt.Team")}
	if w.pieces > 0 {
		fields = append(fields, field(fmt.Sprintf("pieces [%d]func(lo, hi int)", w.pieces), "what workers run"))
	}
	if w.owning > 0 {
		fields = append(fields, field(fmt.Sprintf("owning [%d]func(worker, lo, hi int)", w.owning), "and with memory of their own"))
	}
	if n := len(w.kept); n > 0 {
		fields = append(fields, field(fmt.Sprintf("kept [%d]rt.Kept%s", n, w.f.width), "what products copy of parameters"))
	}
	for _, e := range arenas {
		if w.hasArena(e.elem) {
			fields = append(fields, field(e.name+" []"+w.f.goType(e.elem), "the memory of the buffers below"))
		}
	}
	if w.owns() {
		fields = append(fields, field("own []"+w.f.goType(graph.Real), "what each worker has for itself"))
	}
	if w.finite {
		fields = append(fields, line("checkFinite bool"))
	}
	if w.carries() {
		fields = append(fields, field("fresh bool", "what is carried has to be set anew"),
			field("pending bool", "what is carried next is computed, but not yet carried"), line("session %s", w.session.typ))
		fields = append(fields, w.beforeFields()...)
	}
	if w.fails {
		w.f.need["fail"] = true
		fields = append(fields, line("failure %s", w.f.helper("failure")))
	}
	if len(w.dims) > 0 {
		fields = append(fields, jen.Line())
		for _, d := range w.dims {
			fields = append(fields, line("%s int", w.dimField(d)))
		}
	}
	for _, v := range w.steps {
		fields = append(fields, field(w.dimField(v)+" int", "the number of a loop's step"))
	}
	for _, v := range w.trips {
		fields = append(fields, field(w.dimField(v)+" int", "steps of a loop, known when it runs"))
	}
	if w.limited {
		fields = append(fields, field("limit int", "room for "+w.dims[0]))
	}
	fields = append(fields, jen.Line())
	for _, b := range w.prog.Buffers {
		if name, ok := w.fields[b]; ok {
			fields = append(fields, field(name+" "+w.bufferType(b), w.remark(b)))
		}
	}
	w.f.structType(w.doc, w.typ, fields...)
}

func (w *workspace) bufferType(b *kernel.Buffer) string {
	if b.Kind == kernel.Scalar {
		return w.f.goType(b.Elem)
	}
	return "[]" + w.f.goType(b.Elem)
}

func (w *workspace) remark(b *kernel.Buffer) string {
	kind := [...]string{"input", "param", "state", "gradient", "", "", "scalar", "carried", "", "of the call"}[b.Kind]
	if param, ok := w.grads[b]; ok {
		kind = "gradient of " + param + " "
	} else if kind != "" {
		kind += " " + b.Name + " "
	}
	if len(b.Shape) == 0 {
		return strings.TrimSpace(kind)
	}
	return kind + shape.Format(b.Shape)
}

var arenas = []struct {
	elem        graph.Elem
	name, alloc string
}{{graph.Real, "reals", ""}, {graph.Int, "ints", "rt.AllocInt"}, {graph.Bool, "bools", ""}}

func (w *workspace) hasArena(e graph.Elem) bool {
	for _, b := range w.prog.Buffers {
		if b.Kind == kernel.Arena && b.Elem == e && w.has(b) && !b.Grows() {
			return true
		}
	}
	return false
}

// alloc prints the allocation of n elements.
func (f *file) alloc(e graph.Elem, n string) string {
	switch e {
	case graph.Real:
		return "rt.Alloc" + f.width + "(" + n + ")"
	case graph.Int:
		return "rt.AllocInt(" + n + ")"
	}
	return "make([]bool, " + n + ")"
}

// printInit prints what happens once: closures, and places for scalar inputs.
func (w *workspace) printInit() {
	body := []jen.Code{line("w.team = rt.NewTeam(0)")}
	for _, b := range w.prog.Buffers {
		if n, ok := w.copied(b); ok {
			body = append(body, line("w.%s = make([]%s, %d)", w.fieldOf(b), w.f.goType(b.Elem), n))
		}
	}
	if w.carries() {
		body = append(body, line("w.session.init()"))
	}
	for _, s := range w.prog.Sections {
		for i, k := range kernel.All(s.Kernels) {
			if w.cut(k) {
				body = append(body, line("%s = w.%s", w.pieceOf(k), kernelName(s, i)))
			}
		}
	}
	w.f.method("init makes what stays the same from call to call.", "w *"+w.typ, "init", "", "", body...)
}

// copied reports an input whose elements are copied to memory of the workspace:
// scalars, and arrays of functions.
func (w *workspace) copied(b *kernel.Buffer) (int64, bool) {
	n, fixed := b.Len().IsConst()
	return n, fixed && b.Kind == kernel.Input && w.has(b) && (len(b.Shape) == 0 || w.copies && n <= arrayLimit)
}

// printBind prints the division of the arenas for given dims.
func (w *workspace) printBind() {
	var params []string
	body := []jen.Code{}
	for _, d := range w.dims {
		params = append(params, w.dimField(d))
		body = append(body, line("w.%s = %s", w.dimField(d), w.dimField(d)))
	}
	dp := w.asLocals()
	for _, a := range arenas {
		if w.hasArena(a.elem) {
			body = append(body, block(fmt.Sprintf("if n := %s; n > len(w.%s)", dp.dim(w.arenaLen(a.elem)).s, a.name),
				line("w.%s = %s", a.name, w.f.alloc(a.elem, "n"))))
		}
	}
	for _, b := range w.prog.Buffers {
		if b.Kind == kernel.Arena && w.has(b) && !b.Grows() {
			body = append(body, line("w.%s = w.%s[%s:][:%s]", w.fieldOf(b), arenas[b.Elem].name, dp.dim(b.Offset).s, dp.dim(b.Len()).s))
		}
	}
	body = append(body, w.bindCarried(dp, params)...)
	list := ""
	if len(params) > 0 {
		list = strings.Join(params, ", ") + " int"
	}
	w.f.method("bind gives every buffer its place. It allocates where the dims need more than any before.",
		"w *"+w.typ, "bind", list, "", body...)
}

// arenaLen is the planned length of an arena.
func (w *workspace) arenaLen(e graph.Elem) shape.Dim {
	n, ok := w.prog.ArenaLen[e]
	if !ok {
		w.f.fail("program %s has buffers of %s but no plan for them", w.prog.Name, e)
	}
	return n
}
