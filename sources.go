// Package gradgen holds the source of package runtime, so that the tool can
// build and run generated code anywhere, without a network.
package gradgen

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed runtime
var runtimeFiles embed.FS

// RuntimeFiles lists the source files of package runtime, tests left out: path
// below the module's root, and text.
func RuntimeFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(runtimeFiles, "runtime", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".s") && !strings.HasSuffix(path, ".h") {
			return nil
		}
		files[path], err = runtimeFiles.ReadFile(path)
		return err
	})
	return files, err
}
