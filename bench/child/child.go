// Package child is what a program that is timed speaks with the program that times it.
//
// It says a line of JSON when it is ready, a Hello. For each line with a number k that it then reads, it makes k calls
// and answers with the seconds they took. It ends when there are no more lines.
package child

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Hello is what a child says first.
type Hello struct {
	Version string    `json:"version"` // of what is timed
	Values  []float64 `json:"values"`  // what the first calls computed, the same for all children of a row
	Note    string    `json:"note,omitempty"`
}

// Serve says hello and makes the calls that are asked for.
func Serve(in io.Reader, out io.Writer, hello Hello, call func() error) error {
	line, err := json.Marshal(hello)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		took, err := calls(lines.Text(), call)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, took.Seconds()); err != nil {
			return err
		}
	}
	return nil
}

func calls(count string, call func() error) (time.Duration, error) {
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil {
		return 0, fmt.Errorf("the number of calls: %w", err)
	}
	begin := time.Now()
	for range n {
		if err := call(); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}
