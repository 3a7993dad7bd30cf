package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// ours is a task by code of gradgen.
func ours(kind, model string, threads int) side {
	return side{name: "gradgen", args: func(k *kit) ([]string, error) {
		dir, err := k.data(model)
		if err != nil {
			return nil, err
		}
		bin, err := k.program("./bench/ours")
		return []string{bin, kind, model, strconv.Itoa(threads), dir}, err
	}}
}

// oursAlone is a task that needs no data.
func oursAlone(name string, args ...string) side {
	return side{name: name, args: func(k *kit) ([]string, error) {
		bin, err := k.program("./bench/ours")
		return append([]string{bin}, args...), err
	}}
}

func oursFormula(kind, name string, rows int) side {
	return side{name: "gradgen", args: func(k *kit) ([]string, error) {
		dir, err := k.data("formulas")
		if err != nil {
			return nil, err
		}
		bin, err := k.program("./bench/ours")
		return []string{bin, kind, name, strconv.Itoa(rows), dir}, err
	}}
}

// python is a peer in Python, with the packages it needs.
func python(name string, packages, script []string, kind, model string, threads int) side {
	return side{name: name, group: framework, args: func(k *kit) ([]string, error) {
		dir, err := k.data(model)
		if err != nil {
			return nil, err
		}
		bin, err := k.python(append(packages, "numpy")...)
		args := append([]string{bin, "bench/peers/python/" + script[0]}, script[1:]...)
		return append(args, kind, model, strconv.Itoa(threads), dir), err
	}}
}

func jax(kind, model string, threads int) side {
	return python("JAX jit", []string{"jax"}, []string{"jax_peer.py"}, kind, model, threads)
}

func torch(mode, kind, model string, threads int) side {
	name := map[string]string{"eager": "PyTorch eager", "compile": "PyTorch, module compiled", "whole": "PyTorch, step compiled"}[mode]
	s := python(name, []string{"torch"}, []string{"torch_peer.py", mode}, kind, model, threads)
	cache, err := os.UserCacheDir()
	if err == nil {
		s.env = []string{"TORCHINDUCTOR_CACHE_DIR=" + filepath.Join(cache, "gradgen-bench", "inductor")}
	}
	return s
}

// onnx runs what PyTorch exports.
func onnx(model string, threads int) side {
	s := python("ONNX Runtime", []string{"onnxruntime"}, []string{"onnx_peer.py"}, "predict", model, threads)
	run := s.args
	s.args = func(k *kit) ([]string, error) {
		export := python("", []string{"torch", "onnx", "onnxscript"}, []string{"torch_peer.py", "onnx"}, "predict", model, threads)
		args, err := export.args(k)
		if err != nil {
			return nil, err
		}
		if err := k.once("onnx "+model, func() error { return command(".", args...) }); err != nil {
			return nil, err
		}
		return run(k)
	}
	return s
}

// inGo is a peer of the module bench/peers/go.
func inGo(name, program, kind, model string, threads int) side {
	return side{name: name, group: framework, args: func(k *kit) ([]string, error) {
		dir, err := k.data(model)
		if err != nil {
			return nil, err
		}
		bin, err := k.goPeer(program)
		return []string{bin, kind, model, strconv.Itoa(threads), dir}, err
	}}
}

func gomlx(kind, model string, threads int) side {
	s := inGo("GoMLX on its Go backend", "gomlx", kind, model, threads)
	s.slow = model == "gpt" && kind == "train"
	if s.slow && threads > 1 {
		s.args = func(*kit) ([]string, error) { return nil, errors.New("it hangs with more than one thread") }
	}
	return s
}

// gorgonia asks for the name of the version of Go whose collector does not move, which it has to be told.
func gorgonia(model string, threads int) side {
	s := inGo("Gorgonia", "gorgonia", "train", model, threads)
	s.env = []string{"ASSUME_NO_MOVING_GC_UNSAFE_RISK_IT_WITH=go1.26"}
	return s
}

// handMLP is the perceptron in C++ by hand.
func handMLP(threads int) side {
	return side{name: "C++ on OpenBLAS", group: byHand, env: openBLAS(), args: func(k *kit) ([]string, error) {
		dir, err := k.data("mlp")
		if err != nil {
			return nil, err
		}
		bin, err := k.native("mlp", "-ffast-math", "bench/peers/native/mlp.cc", "-lopenblas")
		return []string{bin, "train", "mlp", strconv.Itoa(threads), dir}, err
	}}
}

// openBLAS names the kernels for machines that older versions do not know and take for ones from before AVX.
func openBLAS() []string {
	if slices.Contains(thisMachine().features, "avx512f") && os.Getenv("OPENBLAS_CORETYPE") == "" {
		return []string{"OPENBLAS_CORETYPE=SkylakeX"}
	}
	return nil
}

func nativeProduct(name, group, which string, shape []string) side {
	return side{name: name, group: group, env: openBLAS(), args: func(k *kit) ([]string, error) {
		bin, err := k.native("product", "bench/peers/native/product.c", "-lopenblas")
		return append(append([]string{bin, which}, shape...), "1"), err
	}}
}

// nativeFormula is a formula in C or C++: by hand, or by what a tool in Python writes.
func nativeFormula(by, name, flag string, rows int) side {
	s := side{name: map[string]string{"hand": "C by hand", "casadi": "CasADi", "symforce": "SymForce"}[by] + ", " + flag, group: byHand}
	if by != "hand" {
		s.group = tool
	}
	s.args = func(k *kit) ([]string, error) {
		dir, err := k.data("formulas")
		if err != nil {
			return nil, err
		}
		source, err := k.formulaSource(by)
		if err != nil {
			return nil, err
		}
		bin, err := k.native("formulas-"+by+flag, flag, "-I"+k.path("src"), "-I/usr/include/eigen3", "bench/peers/native/formulas.c", source)
		if err != nil && by == "symforce" {
			err = errors.Join(err, errors.New("it needs Eigen: apt-get install libeigen3-dev"))
		}
		return []string{bin, name, strconv.Itoa(rows), dir}, err
	}
	return s
}

// formulaSource is the file with the formulas, written by a tool if they are not by hand.
func (k *kit) formulaSource(by string) (string, error) {
	if by == "hand" {
		return "bench/peers/native/hand.c", nil
	}
	bin, err := k.python(by)
	if err != nil {
		return "", err
	}
	err = k.once("formulas by "+by, func() error { return command(".", bin, "bench/peers/python/formulas.py", by, k.path("src")) })
	return k.path("src", map[string]string{"casadi": "casadi.c", "symforce": "symforce.cc"}[by]), err
}

// gradients builds our tool for GradBench and returns it with the folder of the inputs it wrote.
func (k *kit) gradients() (bin, dir string, err error) {
	dir = k.path("data", "gradbench")
	bin, err = k.program("./bench/gradbench")
	if err == nil {
		err = k.once("inputs of GradBench", func() error {
			return errors.Join(os.MkdirAll(dir, 0o755), command(".", bin, "-write", dir))
		})
	}
	return bin, dir, err
}

func oursGradient(eval string) side {
	return side{name: "gradgen", args: func(k *kit) ([]string, error) {
		bin, dir, err := k.gradients()
		return []string{bin, "-call", filepath.Join(dir, eval+".json")}, err
	}}
}

func nativeGradient(eval string) side {
	return side{name: "C++ by hand", group: byHand, args: func(k *kit) ([]string, error) {
		_, dir, err := k.gradients()
		if err != nil {
			return nil, err
		}
		bin, err := k.native("gradients", "-ffast-math", "bench/peers/native/gradbench.cc", "bench/peers/native/hand.c")
		return []string{bin, eval, dir}, err
	}}
}

func pythonGradient(name, tool, eval string) side {
	return side{name: name, group: framework, args: func(k *kit) ([]string, error) {
		_, dir, err := k.gradients()
		if err != nil {
			return nil, err
		}
		bin, err := k.python(tool, "numpy")
		return []string{bin, "bench/peers/python/gradbench.py", tool, eval, dir}, err
	}}
}
