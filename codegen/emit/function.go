package emit

import "github.com/gradgen/gradgen/codegen/kernel"

func (f *file) function(fn *kernel.Func) {}
