// Gradbench takes part in GradBench (https://github.com/gradbench/gradbench), which compares how fast tools
// differentiate: it answers the requests of an evaluation, a line of JSON each, with models compiled by gradgen.
package main

//go:generate go run github.com/gradgen/gradgen/cmd/gradgen gen hello.grad llsq.grad lse.grad kmeans.grad gmm.grad lstm.grad ode.grad ba.grad ht.grad det.grad saddle.grad particle.grad

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

func main() {
	workers := flag.Int("workers", 1, "number of cores to use")
	flag.Parse()
	if flag.NArg() > 0 || *workers < 1 {
		flag.Usage()
		os.Exit(2)
	}
	runtime.GOMAXPROCS(*workers)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gradbench:", err)
		os.Exit(1)
	}
}
