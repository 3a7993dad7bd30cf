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
	write := flag.String("write", "", "write examples of requests to this folder, and end")
	call := flag.String("call", "", "call the function of the request in this file as often as the benchmark asks")
	flag.Parse()
	if flag.NArg() > 0 || *workers < 1 {
		flag.Usage()
		os.Exit(2)
	}
	runtime.GOMAXPROCS(*workers)
	var err error
	switch {
	case *write != "":
		err = writeExamples(*write)
	case *call != "":
		err = serveCalls(*call, os.Stdin, os.Stdout)
	default:
		err = serve(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gradbench:", err)
		os.Exit(1)
	}
}
