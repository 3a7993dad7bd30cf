// Package std holds the standard library: modules written in the language and
// shipped inside the tool. `import "nn"` is Source("nn").
package std

import "embed"

//go:embed *.grad
var files embed.FS

// Source returns the text of a module by the name it is imported under.
func Source(name string) ([]byte, bool) {
	src, err := files.ReadFile(name + ".grad")
	return src, err == nil
}

// Names returns the names of all modules in alphabetical order.
func Names() []string {
	entries, _ := files.ReadDir(".")
	var names []string
	for _, e := range entries {
		names = append(names, e.Name()[:len(e.Name())-len(".grad")])
	}
	return names
}
