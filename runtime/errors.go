package runtime

import (
	"fmt"
	"strconv"
	"strings"
)

// A LengthError reports a slice whose length does not fit its declared shape.
type LengthError struct {
	Model, Input string
	Got, Want    int
	// Shape is the declared shape with the values of its dims, for example
	// "[batch, 784] with batch = 32". It may be empty.
	Shape string
	// Multiple says that Got has to be a positive multiple of Want, at most
	// Limit: the input from which a free dim is read.
	Multiple bool
	Limit    int
}

func (e *LengthError) Error() string {
	want := strconv.Itoa(e.Want)
	if e.Multiple {
		want = fmt.Sprintf("a positive multiple of %d", e.Want)
		if e.Limit > 0 {
			want += fmt.Sprintf(", at most %d", e.Limit)
		}
	}
	return fmt.Sprintf("%s: input %s has length %d, must be %s%s", e.Model, e.Input, e.Got, want, paren(e.Shape))
}

// An IndexError reports a value of an int input outside the range it indexes.
type IndexError struct {
	Model, Input string
	// Position is where the value stands: one number, or one for each axis.
	Position []int
	// Value has to be in [0, Limit).
	Value, Limit int
	// Note says what is indexed, for example "label indexes logits [.., 10]".
	Note string
}

func (e *IndexError) Error() string {
	return fmt.Sprintf("%s: input %s%s is %d, must be in 0..%d%s", e.Model, e.Input, brackets(e.Position), e.Value, e.Limit, paren(e.Note))
}

// A DimError reports dims that break a condition of the model.
type DimError struct {
	Model string
	// Condition is what has to hold, in the model's terms, for example
	// "batch >= 1" or "heads divides width".
	Condition string
	// Found gives the values, for example "batch = 0".
	Found string
}

func (e *DimError) Error() string {
	return fmt.Sprintf("%s: dims must satisfy %s%s", e.Model, e.Condition, paren(e.Found))
}

// A CheckError reports a computation on the caller's data that cannot go on,
// such as an index computed from data outside its range.
type CheckError struct {
	Model string
	// Source is where the model says it, for example "digits.grad:12".
	Source, Message string
}

func (e *CheckError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Model, e.Source, e.Message) }

// A FiniteError reports the first NaN or infinity found under CheckFinite.
type FiniteError struct {
	Model string
	// Source is the line it was computed on, for example "digits.grad:12", and
	// Value the name or operation.
	Source, Value string
	Position      []int
	Found         float64
}

func (e *FiniteError) Error() string {
	return fmt.Sprintf("%s: %s: %s%s is %v", e.Model, e.Source, e.Value, brackets(e.Position), e.Found)
}

// A FileError reports a parameter file that cannot be written or read, or does
// not fit the model.
type FileError struct {
	Path string
	// Tensor is the parameter concerned, or empty.
	Tensor  string
	Message string
	// Err is the cause, such as an error of package os, or nil.
	Err error
}

func (e *FileError) Error() string {
	parts := []string{e.Path}
	if e.Tensor != "" {
		parts = append(parts, e.Tensor)
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

func paren(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func brackets(position []int) string {
	if len(position) == 0 {
		return ""
	}
	var b strings.Builder
	for i, p := range position {
		b.WriteString([]string{"[", ", "}[min(i, 1)])
		b.WriteString(strconv.Itoa(p))
	}
	return b.String() + "]"
}
