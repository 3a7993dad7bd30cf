package main

import (
	"flag"
	"fmt"
	"runtime"
)

// version stands in the header of generated files.
const version = "v0.1.0"

func versionCommand() *command {
	return &command{
		name: "version", short: "prints the version",
		long: "Version prints the version of gradgen and of the Go it was built with.",
		define: func(*flag.FlagSet) func(*streams, []string) int {
			return func(s *streams, _ []string) int {
				fmt.Fprintf(s.out, "gradgen %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return done
			}
		},
	}
}
