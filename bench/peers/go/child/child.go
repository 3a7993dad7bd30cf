// Package child is the protocol of bench/child, and the data that all sides start from, for the peers in Go.
package child

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
	"unsafe"
)

// Args are the arguments of a peer: train or predict, the model, the threads, the folder of data.
type Args struct {
	Kind, Model string
	Threads     int
	Dir         string
}

// Arguments reads the arguments of the program.
func Arguments() Args {
	threads, err := strconv.Atoi(os.Args[3])
	Check(err)
	return Args{os.Args[1], os.Args[2], threads, os.Args[4]}
}

// Check ends the program if there is an error.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Floats reads n numbers.
func (a Args) Floats(name string, n int) []float32 { return raw[float32](a, name+".f32", n) }

// Ints reads n whole numbers.
func (a Args) Ints(name string, n int) []int32 { return raw[int32](a, name+".i32", n) }

func raw[T float32 | int32](a Args, file string, n int) []T {
	b, err := os.ReadFile(filepath.Join(a.Dir, file))
	Check(err)
	if len(b) != 4*n {
		Check(fmt.Errorf("%s has %d bytes, not %d", file, len(b), 4*n))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}

// Serve says hello and makes the calls that are asked for.
func Serve(version string, values []float64, note string, call func()) {
	line, err := json.Marshal(map[string]any{"version": version, "values": values, "note": note})
	Check(err)
	fmt.Printf("%s\n", line)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		Check(err)
		begin := time.Now()
		for range n {
			call()
		}
		fmt.Println(time.Since(begin).Seconds())
	}
}
