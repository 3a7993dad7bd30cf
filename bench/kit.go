package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kit builds and installs what the sides need, each once, in a folder of the user's cache.
type kit struct {
	dir  string
	done map[string]error // what was made, and how it went
}

func newKit() (*kit, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	k := &kit{dir: filepath.Join(cache, "gradgen-bench"), done: map[string]error{}}
	for _, sub := range []string{"bin", "data", "src"} {
		if err := os.MkdirAll(filepath.Join(k.dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k *kit) path(elem ...string) string { return filepath.Join(append([]string{k.dir}, elem...)...) }

// once makes something the first time it is asked for.
func (k *kit) once(name string, make func() error) error {
	err, made := k.done[name]
	if !made {
		err = make()
		k.done[name] = err
	}
	return err
}

// command runs a program to its end.
func command(dir string, args ...string) error {
	fmt.Fprintf(os.Stderr, "  %s\n", strings.Join(args, " "))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %s", strings.Join(args[:min(3, len(args))], " "), lastLine(string(out), err.Error()))
	}
	return nil
}

// program builds a package of this project.
func (k *kit) program(pkg string) (string, error) {
	bin := k.path("bin", filepath.Base(pkg))
	return bin, k.once(pkg, func() error { return command(".", "go", "build", "-o", bin, pkg) })
}

// data writes what all sides start from and returns its folder for a model.
func (k *kit) data(model string) (string, error) {
	ours, err := k.program("./bench/ours")
	if err != nil {
		return "", err
	}
	err = k.once("data", func() error { return command(".", ours, "data", k.path("data")) })
	return k.path("data", model), err
}

// python returns a Python of our own that has packages.
func (k *kit) python(packages ...string) (string, error) {
	python := k.path("venv", "bin", "python")
	err := k.once("venv", func() error {
		if _, err := os.Stat(python); err == nil {
			return nil
		}
		return command(".", "python3", "-m", "venv", k.path("venv"))
	})
	for _, name := range packages {
		if err == nil {
			err = k.once("package "+name, func() error { return install(python, name) })
		}
	}
	return python, err
}

func install(python, name string) error {
	find := fmt.Sprintf("import importlib.metadata as m; m.version(%q)", name)
	if exec.Command(python, "-c", find).Run() == nil {
		return nil
	}
	return command(".", python, "-m", "pip", "install", "--quiet", name)
}

// native compiles C or C++ sources of bench/peers/native, or of the kit's own folder, with the flags given after them.
func (k *kit) native(name string, args ...string) (string, error) {
	bin := k.path("bin", name)
	err := k.once("native "+name, func() error {
		if _, err := exec.LookPath("g++"); err != nil {
			return errors.New("there is no g++: apt-get install g++")
		}
		all := append([]string{"g++", "-O3", "-march=native", "-Ibench/peers/native", "-o", bin}, args...)
		err := command(".", all...)
		if err != nil && strings.Contains(strings.Join(args, " "), "openblas") {
			return fmt.Errorf("%w (it needs OpenBLAS: apt-get install libopenblas-dev)", err)
		}
		return err
	})
	return bin, err
}

// goPeer builds a peer of the module bench/peers/go.
func (k *kit) goPeer(name string) (string, error) {
	bin := k.path("bin", name)
	return bin, k.once("go "+name, func() error {
		return command(filepath.Join("bench", "peers", "go"), "go", "build", "-o", bin, "./"+name)
	})
}
