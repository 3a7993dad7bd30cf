package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gradgen/gradgen/bench/child"
)

// process is a side at work: a child that speaks the protocol of package child.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	errs   *bytes.Buffer
	hello  child.Hello
	helped time.Duration // from start to hello
}

// longest is what a child may take to get ready, or for the calls of a round.
const longest = 5 * time.Minute

// begin starts a side, on as many cores as it has threads, and waits until it is ready.
func begin(args, env []string, threads int) (*process, error) {
	if path, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{path, "-c", fmt.Sprintf("0-%d", threads-1)}, args...)
	}
	p := &process{cmd: exec.Command(args[0], args[1:]...), errs: new(bytes.Buffer)}
	p.cmd.Env = append(os.Environ(), env...)
	for _, name := range []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOMAXPROCS"} {
		p.cmd.Env = append(p.cmd.Env, fmt.Sprintf("%s=%d", name, threads))
	}
	p.cmd.Stderr = p.errs
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewScanner(out)
	p.out.Buffer(nil, 1<<20)
	since := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := p.line()
	if err == nil {
		err = json.Unmarshal([]byte(line), &p.hello)
	}
	if err != nil {
		p.end()
		return nil, err
	}
	p.helped = time.Since(since)
	return p, nil
}

// line reads a line; a child that says nothing for long is ended.
func (p *process) line() (string, error) {
	alarm := time.AfterFunc(longest, func() { p.cmd.Process.Kill() })
	said := p.out.Scan()
	late := !alarm.Stop()
	if said {
		return p.out.Text(), nil
	}
	p.cmd.Wait()
	if late {
		return "", fmt.Errorf("no answer within %v", longest)
	}
	return "", errors.New(lastLine(p.errs.String(), "it ended without a word"))
}

// lastLine is the last line of a text that has one.
func lastLine(text, otherwise string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return otherwise
}

// calls makes n calls and returns the seconds they took.
func (p *process) calls(n int) (float64, error) {
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		return 0, err
	}
	line, err := p.line()
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(line, 64)
}

// end ends a child and returns the most memory it had, in MiB, where the system says so.
func (p *process) end() float64 {
	p.in.Close()
	alarm := time.AfterFunc(10*time.Second, func() { p.cmd.Process.Kill() })
	defer alarm.Stop()
	p.cmd.Wait()
	return peakMemory(p.cmd.ProcessState)
}
