package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// machine is what a measurement depends on.
type machine struct {
	cpu, system, compiler string
	cores                 int
	features              []string
}

func thisMachine() machine {
	m := machine{cpu: runtime.GOARCH, system: output("uname", "-sr"), cores: runtime.NumCPU()}
	m.compiler, _, _ = strings.Cut(output("g++", "--version"), "\n")
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		info := string(text)
		m.cpu = fmt.Sprintf("%s (family %s, model %s)", field(info, "model name"), field(info, "cpu family"), field(info, "model"))
		flags := strings.Fields(field(info, "flags"))
		for _, name := range []string{"avx2", "fma", "avx512f"} {
			if slices.Contains(flags, name) {
				m.features = append(m.features, name)
			}
		}
	}
	return m
}

// field is the value of the first line "name : value".
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// output is what a program prints.
func output(args ...string) string {
	out, err := exec.Command(args[0], args[1:]...).Output()
	if err != nil {
		return "no " + args[0]
	}
	return strings.TrimSpace(string(out))
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s; %s; %s; %s", m.cpu, m.cores, strings.Join(m.features, " "), m.system, runtime.Version(), m.compiler)
}
