package emit

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dave/jennifer/jen"
)

// stdPackages are the packages of the standard library that generated code may import.
var stdPackages = []string{"fmt", "math", "sync"}

var qualifier = regexp.MustCompile(`\b(rt|fmt|math|sync)\.([A-Z]\w*)`)

// code turns Go text into a jennifer statement in which package qualifiers are
// real ones, so that jennifer writes the imports.
func code(text string) *jen.Statement {
	if !strings.Contains(text, "rt.") && !strings.Contains(text, "fmt.") && !strings.Contains(text, "math.") && !strings.Contains(text, "sync.") {
		return jen.Op(text)
	}
	s := jen.Null()
	at := 0
	for _, m := range qualifier.FindAllStringSubmatchIndex(text, -1) {
		path := text[m[2]:m[3]]
		if path == "rt" {
			path = RuntimePath
		}
		if before := text[at:m[0]]; before != "" {
			s.Op(before)
		}
		s.Qual(path, text[m[4]:m[5]])
		at = m[1]
	}
	if rest := text[at:]; rest != "" {
		s.Op(rest)
	}
	return s
}

// line is one statement of Go text.
func line(format string, args ...any) jen.Code {
	if len(args) == 0 {
		return code(format)
	}
	return code(fmt.Sprintf(format, args...))
}

// block is a statement with a body: `head { body }`.
func block(head string, body ...jen.Code) *jen.Statement { return code(head).Block(body...) }

// returnErr returns the values given with the error where the call fails.
func returnErr(call, values string) jen.Code {
	return block("if err := "+call+"; err != nil", code("return "+values))
}

// comment is a comment of one or more lines.
func comment(format string, args ...any) jen.Code {
	text := "// " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n// ")
	return jen.Comment(text)
}

// method prints a method with its documentation.
func (f *file) method(doc, recv, name, params, results string, body ...jen.Code) {
	f.jen.Add(comment("%s", doc))
	f.jen.Add(code(fmt.Sprintf("func (%s) %s(%s) %s", recv, name, params, results)).Block(body...))
	f.jen.Line()
}

// structType prints a struct type; fields are Go text with a trailing comment.
func (f *file) structType(doc, name string, fields ...jen.Code) {
	f.jen.Add(comment("%s", doc))
	f.jen.Type().Id(name).Struct(fields...)
	f.jen.Line()
}

// field is a field of a struct with what there is to say about it.
func field(text, remark string) jen.Code {
	s := code(text)
	if remark != "" {
		s.Comment("// " + remark)
	}
	return s
}
