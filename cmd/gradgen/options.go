package main

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gradgen/gradgen/codegen"
)

// dimFlag collects -D name=value.
type dimFlag map[string]int64

func (d dimFlag) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(d)) {
		parts = append(parts, fmt.Sprintf("%s=%d", name, d[name]))
	}
	return strings.Join(parts, " ")
}

func (d dimFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("write -D name=value")
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 1 {
		return fmt.Errorf("a dim is a whole number from 1 on")
	}
	d[name] = n
	return nil
}

// choiceFlag is a flag with few values; the first is the default.
type choiceFlag struct {
	value   string
	choices []string
}

func (c *choiceFlag) String() string { return c.value }

func (c *choiceFlag) Set(text string) error {
	if !slices.Contains(c.choices, text) {
		return fmt.Errorf("choose %s", strings.Join(c.choices, " or "))
	}
	c.value = text
	return nil
}

func choice(fs *flag.FlagSet, name, usage string, choices ...string) *choiceFlag {
	c := &choiceFlag{choices[0], choices}
	fs.Var(c, name, usage)
	return c
}

func dimsFlag(fs *flag.FlagSet) dimFlag {
	dims := dimFlag{}
	fs.Var(dims, "D", "set a `dim=value`, over what the file says; may be repeated")
	return dims
}

// compileFlags defines the flags that decide about a program's meaning.
func compileFlags(fs *flag.FlagSet) func() codegen.Options {
	dims := dimsFlag(fs)
	real := &choiceFlag{choices: []string{"f32", "f64"}}
	fs.Var(real, "real", "the `type` of real numbers, f32 or f64, over what the file says")
	return func() codegen.Options {
		return codegen.Options{Dims: dims, Real: real.value, Version: version}
	}
}
