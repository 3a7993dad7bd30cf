// Command gradgen compiles models and functions written in the gradgen language
// to Go: forward, backward and update.
//
// For a file tiny.grad that says
//
//	func Square(x) = x^2
//
// `gradgen gen tiny.grad` writes tiny_grad.go beside it, with a Go function
// Square. `gradgen help` lists the other commands.
//
// Results go to the standard output, messages to the standard error. The exit
// status is 0 if all went well, 1 if the program has an error or a check
// failed, and 2 if the command was used wrongly.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

//go:generate go test -run "TestBadPrograms|TestReference" -update .

// Exit statuses.
const (
	done   = 0
	failed = 1
	misuse = 2
)

func main() {
	debug.SetGCPercent(400) // a run is short: memory is cheaper than collecting it
	os.Exit(guarded(os.Args[1:], &streams{os.Stdin, os.Stdout, os.Stderr}))
}

// guarded reports a panic, which is a bug of this program, as one.
func guarded(args []string, s *streams) (status int) {
	defer func() {
		if r := recover(); r != nil {
			status = s.failf("internal error: %v\n%s", r, debug.Stack())
		}
	}()
	return run(args, s)
}

// streams are what a command reads and writes besides files.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// failf prints a message and returns the status for a failure.
func (s *streams) failf(format string, args ...any) int {
	fmt.Fprintf(s.err, "gradgen: "+format+"\n", args...)
	return failed
}

// command is one subcommand.
type command struct {
	name, args, short string
	long              string
	define            func(fs *flag.FlagSet) func(s *streams, files []string) int
	min, max          int // number of files; max < 0: any
}

// commands lists all subcommands in the order help shows them.
func commands() []*command {
	return []*command{genCommand(), checkCommand(), fmtCommand(), evalCommand(), gradcheckCommand(), costCommand(), versionCommand(), helpCommand()}
}

// planned are commands that later versions will have.
var planned = strings.Fields("explain graph bench train new lsp play doc")

func run(args []string, s *streams) int {
	if len(args) == 0 {
		usage(s.err)
		return misuse
	}
	name := args[0]
	if name == "-h" || name == "-help" || name == "--help" {
		name = "help"
	}
	c := lookup(name)
	if c == nil {
		return unknownCommand(s, name)
	}
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	work := c.define(fs)
	files, err := parse(fs, args[1:])
	switch {
	case err == flag.ErrHelp:
		c.help(s.out)
		return done
	case err == nil && len(files) < c.min:
		err = fmt.Errorf("a file is missing")
	case err == nil && c.max >= 0 && len(files) > c.max:
		err = fmt.Errorf("%s is one argument too many", files[c.max])
	}
	if err != nil {
		return c.misused(s, "%v", err)
	}
	return work(s, files)
}

func lookup(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return nil
}

func unknownCommand(s *streams, name string) int {
	if slices.Contains(planned, name) {
		fmt.Fprintf(s.err, "gradgen: this version has no command %s\n", name)
	} else {
		fmt.Fprintf(s.err, "gradgen: there is no command %s\n", name)
	}
	fmt.Fprintln(s.err, "`gradgen help` lists the commands")
	return misuse
}

// misused reports wrong usage of the command.
func (c *command) misused(s *streams, format string, args ...any) int {
	fmt.Fprintf(s.err, "gradgen %s: %s\nusage: %s\n", c.name, fmt.Sprintf(format, args...), c.usage())
	return misuse
}

func (c *command) usage() string { return strings.TrimSpace("gradgen " + c.name + " " + c.args) }

// parse reads flags and files in any order; what follows -- is files.
func parse(fs *flag.FlagSet, args []string) (files []string, err error) {
	for {
		before := len(args)
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if n := before - len(rest); n > 0 && args[n-1] == "--" {
			return append(files, rest...), nil
		}
		if len(rest) == 0 {
			return files, nil
		}
		files, args = append(files, rest[0]), rest[1:]
	}
}
