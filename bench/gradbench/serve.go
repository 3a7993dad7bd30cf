package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// request is a message of the evaluation.
type request struct {
	ID       json.RawMessage `json:"id"`
	Kind     string          `json:"kind"`
	Module   string          `json:"module"`
	Function string          `json:"function"`
	Input    json.RawMessage `json:"input"`
}

// answer is what the tool says to a request.
type answer struct {
	ID      json.RawMessage `json:"id"`
	Tool    string          `json:"tool,omitempty"`
	Success *bool           `json:"success,omitempty"`
	Error   string          `json:"error,omitempty"`
	Output  any             `json:"output,omitempty"`
	Timings []timing        `json:"timings,omitempty"`
}

type timing struct {
	Name        string `json:"name"`
	Nanoseconds int64  `json:"nanoseconds"`
}

// task is a function with its input at hand: run is timed, output is not.
type task struct {
	run    func() error
	output func() any
}

// serve answers requests until there are no more.
func serve(in io.Reader, out io.Writer) error {
	requests := json.NewDecoder(in)
	for {
		var r request
		if err := requests.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		line, err := json.Marshal(respond(r))
		if err != nil { // NaN and infinities are no JSON
			line, err = json.Marshal(failed(r, err))
		}
		if err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
}

func respond(r request) answer {
	a := answer{ID: r.ID}
	switch r.Kind {
	case "start":
		a.Tool = "gradgen"
	case "define":
		if modules[r.Module] == nil {
			return failed(r, fmt.Errorf("there is no module %q", r.Module))
		}
		a.Success = new(true)
	case "evaluate":
		output, timings, err := evaluate(r)
		if err != nil {
			return failed(r, err)
		}
		a.Success, a.Output, a.Timings = new(true), output, timings
	}
	return a
}

func failed(r request, err error) answer {
	return answer{ID: r.ID, Success: new(false), Error: err.Error()}
}

// evaluate prepares the input and runs the function as often as it asks.
func evaluate(r request) (output any, timings []timing, err error) {
	prepare := modules[r.Module][r.Function]
	if prepare == nil {
		return nil, nil, fmt.Errorf("there is no function %q in module %q", r.Function, r.Module)
	}
	runs := struct {
		Least   int     `json:"min_runs"`
		Seconds float64 `json:"min_seconds"`
	}{Least: 1, Seconds: 1}
	if r.Module == "hello" { // its input is a number, and it runs once
		runs.Seconds = 0
	} else if err := json.Unmarshal(r.Input, &runs); err != nil {
		return nil, nil, err
	}
	begin := time.Now()
	t, err := prepare(r.Input)
	if err != nil {
		return nil, nil, err
	}
	timings = []timing{{"prepare", time.Since(begin).Nanoseconds()}}
	var elapsed time.Duration
	for i := 0; i < runs.Least || elapsed.Seconds() < runs.Seconds; i++ {
		begin := time.Now()
		if err := t.run(); err != nil {
			return nil, nil, err
		}
		took := time.Since(begin)
		elapsed += took
		timings = append(timings, timing{"evaluate", took.Nanoseconds()})
	}
	return t.output(), timings, nil
}
