package main

import (
	"fmt"
	"slices"
	"strings"
)

// results are the outcomes of a run.
type results struct {
	machine machine
	command string
	rounds  int
	rows    []outcome
}

// verdict is how an outcome stands to one of its goals.
type verdict struct {
	goal
	best    measured // the fastest of the groups; none has no name
	ratio   float64  // ours to it
	reached bool
}

// verdicts compares ours, the first, with the fastest of each goal's groups.
func (o outcome) verdicts() []verdict {
	var all []verdict
	for _, g := range o.goals {
		v := verdict{goal: g}
		for _, m := range o.got[1:] {
			if m.reason == "" && slices.Contains(g.groups, m.group) && (v.best.name == "" || m.value < v.best.value) {
				v.best = m
			}
		}
		switch {
		case len(g.groups) == 0:
			v.ratio, v.best.name = o.got[0].value, "itself"
		case v.best.name != "":
			v.ratio = o.got[0].value / v.best.value
		}
		v.reached = v.best.name != "" && v.ratio <= g.limit
		all = append(all, v)
	}
	return all
}

func (v verdict) cells(o outcome) []string {
	ours := o.show(o.got[0].value)
	switch {
	case v.best.name == "":
		return []string{ours, strings.Join(v.groups, ", "), "not run", "", fmt.Sprintf("≤ %g", v.limit), "unknown"}
	case len(v.groups) == 0:
		return []string{ours, "", "", "", "≤ " + o.show(v.limit), yes(v.reached)}
	}
	return []string{ours, v.best.name, o.show(v.best.value), fmt.Sprintf("%.2f", v.ratio), fmt.Sprintf("≤ %g", v.limit), yes(v.reached)}
}

func yes(reached bool) string {
	if reached {
		return "yes"
	}
	return "no"
}

// show prints a value in the unit that fits it.
func (o outcome) show(value float64) string {
	if o.memory {
		return fmt.Sprintf("%.0f MiB", value)
	}
	for _, unit := range []struct {
		name string
		size float64
	}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}} {
		if value >= unit.size {
			return fmt.Sprintf("%.3g %s", value/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.3g ns", value*1e9)
}

// line says how a row went, for a person who waits.
func (o outcome) line() string {
	var b strings.Builder
	for _, m := range o.got {
		if m.reason != "" {
			fmt.Fprintf(&b, "  %-32s not run: %s\n", m.name, m.reason)
			continue
		}
		fmt.Fprintf(&b, "  %-32s %12s  %.2f\n", m.name, o.show(m.value), o.got[0].value/m.value)
	}
	for _, v := range o.verdicts() {
		fmt.Fprintf(&b, "  %s\n", strings.Join(v.cells(o), "  "))
	}
	return b.String()
}

// summary is the table of goals.
func (r *results) summary() string {
	t := table{{"task", "threads", "gradgen", "against", "takes", "ratio", "wanted", "reached"}}
	for _, o := range r.rows {
		for _, v := range o.verdicts() {
			t = append(t, append([]string{o.task + " " + o.what, fmt.Sprint(o.threads)}, v.cells(o)...))
		}
	}
	return t.markdown()
}

// all is the table of all times.
func (r *results) all() string {
	t := table{{"task", "threads", "side", "takes", "gradgen takes, of that"}}
	for _, o := range r.rows {
		for _, m := range o.got {
			if m.reason == "" {
				t = append(t, []string{o.task + " " + o.what, fmt.Sprint(o.threads), m.name, o.show(m.value), fmt.Sprintf("%.2f", o.got[0].value/m.value)})
			}
		}
	}
	return t.markdown()
}

// missing lists what was not run, and the versions of what was.
func (r *results) missing() (notRun, versions []string) {
	for _, o := range r.rows {
		for _, m := range o.got {
			switch {
			case m.reason != "":
				notRun = append(notRun, fmt.Sprintf("- %s, threads %d, %s: %s\n", o.task+" "+o.what, o.threads, m.name, m.reason))
			case m.version != "":
				versions = append(versions, fmt.Sprintf("- %s: %s\n", m.name, m.version))
			}
		}
	}
	slices.Sort(versions)
	return notRun, slices.Compact(versions)
}

func (r *results) markdown() string {
	notRun, versions := r.missing()
	var b strings.Builder
	b.WriteString("# How fast gradgen is\n\n")
	fmt.Fprintf(&b, "Written by `%s`, which can be run again from the root of the repository. ", r.command)
	fmt.Fprintf(&b, "A ratio below 1 says that gradgen takes less. All sides of a row started from the same values, computed the same, ")
	fmt.Fprintf(&b, "and took turns; a time is the median of %d rounds, of T8 of at most three. ", r.rounds)
	fmt.Fprintf(&b, "Threads are pinned to as many cores.\n\nMachine: %s.\n\n%s\n", r.machine, r.summary())
	fmt.Fprintf(&b, "## All sides\n\n%s\n## Versions\n\n%s", r.all(), strings.Join(versions, ""))
	if len(notRun) > 0 {
		fmt.Fprintf(&b, "\n## Not run\n\n%s", strings.Join(notRun, ""))
	}
	return b.String()
}

// table is rows of cells, the first the heads.
type table [][]string

// markdown prints a table with columns of even width.
func (t table) markdown() string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for i, row := range t {
		for j, cell := range row {
			fmt.Fprintf(&b, "| %s%s ", cell, strings.Repeat(" ", widths[j]-len([]rune(cell))))
		}
		b.WriteString("|\n")
		if i == 0 {
			for _, w := range widths {
				b.WriteString("| " + strings.Repeat("-", w) + " ")
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}
