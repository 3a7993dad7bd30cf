package main

import (
	"flag"
	"fmt"

	"github.com/gradgen/gradgen/codegen"
	"github.com/gradgen/gradgen/parser/diag"
)

func checkCommand() *command {
	return &command{
		name: "check", args: "[flags] FILE...", short: "reports errors and warnings, writes nothing", min: 1, max: -1,
		long: "Check reports every error and warning in the files. Its status is 1 if there is an error.",
		define: func(fs *flag.FlagSet) func(*streams, []string) int {
			asJSON := fs.Bool("json", false, "print the messages on the standard output as a JSON array, for editors")
			opt := compileFlags(fs)
			return func(s *streams, files []string) int {
				all, status := diag.List{}, done
				for _, name := range files {
					list, err := checkFile(name, opt())
					if err != nil {
						status = s.failf("%v", err)
					}
					if all = append(all, list...); list.HasErrors() {
						status = failed
					}
				}
				if *asJSON {
					all.JSON(s.out)
					return status
				}
				all.Render(s.err)
				return status
			}
		},
	}
}

func checkFile(name string, opt codegen.Options) (diag.List, error) {
	opt.Until = "lower" // which refuses what is not compiled
	_, list, err := codegen.File(name, opt)
	return list, err
}

// mostShown is how many messages commands other than check print.
const mostShown = 20

// report prints what a compilation has to say and returns its status.
func report(s *streams, list diag.List, err error) int {
	shown := list.Sorted()
	more := len(shown) - mostShown
	shown = shown[:min(len(shown), mostShown)]
	shown.Render(s.err)
	if more > 0 {
		fmt.Fprintf(s.err, "and %d more; gradgen check shows all\n", more)
	}
	if err != nil {
		return s.failf("%v", err)
	}
	if list.HasErrors() {
		return failed
	}
	return done
}
