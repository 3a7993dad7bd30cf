package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

func helpCommand() *command {
	return &command{
		name: "help", args: "[COMMAND]", short: "says what a command does", max: 1,
		long: "Help lists the commands, or describes one with its flags.",
		define: func(*flag.FlagSet) func(*streams, []string) int {
			return help
		},
	}
}

func help(s *streams, names []string) int {
	if len(names) == 0 {
		usage(s.out)
		return done
	}
	c := lookup(names[0])
	if c == nil {
		return unknownCommand(s, names[0])
	}
	c.help(s.out)
	return done
}

// usage lists the commands.
func usage(w io.Writer) {
	fmt.Fprint(w, "Gradgen compiles models written as formulas to Go: forward, backward and update.\n\nusage: gradgen COMMAND [flags] [FILE...]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\n`gradgen help COMMAND` describes a command and its flags.\n")
}

// help describes one command.
func (c *command) help(w io.Writer) {
	fmt.Fprintf(w, "usage: %s\n\n%s\n", c.usage(), strings.TrimSpace(c.long))
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.define(fs)
	head := "\nflags:\n"
	fs.VisitAll(func(f *flag.Flag) {
		name, text := flag.UnquoteUsage(f)
		if name != "" {
			name = " " + name
		}
		fmt.Fprintf(w, "%s  -%s%s\n        %s\n", head, f.Name, name, strings.ReplaceAll(text, "\n", "\n        "))
		head = ""
	})
}
