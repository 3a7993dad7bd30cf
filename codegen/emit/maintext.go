package emit

// mainImports and mainText are the part of a main.go that is the same for all
// models: the request, the answer, and numbers in JSON with NaN and infinities.
const mainImports = `
import (
	"encoding/json"
	"os"
	"strconv"
)
`

const mainText = `
type request struct {
	Target                 string
	Inputs, Params, States map[string][]number
	Dims                   map[string]int
	Seed                   uint64
	Workers, Steps         int
	Training               bool
}

func (q *request) has(input string) bool { return q.Inputs[input] != nil }

type answer struct {
	Outputs, Metrics, Grads, Params map[string][]number
	Loss                            []number
	Error                           string
}

func newAnswer() *answer {
	made := func() map[string][]number { return map[string][]number{} }
	return &answer{Outputs: made(), Metrics: made(), Grads: made(), Params: made()}
}

type number float64

func (n number) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatFloat(float64(n), 'g', -1, 64)), nil
}

func (n *number) UnmarshalJSON(b []byte) error {
	s, err := strconv.Unquote(string(b))
	if err != nil {
		s = string(b)
	}
	f, err := strconv.ParseFloat(s, 64)
	*n = number(f)
	return err
}

func numbers[T float32 | float64 | int32](x []number) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

func floats[T float32 | float64 | int32](x []T) []number {
	out := make([]number, len(x))
	for i, v := range x {
		out[i] = number(v)
	}
	return out
}

func one[T any](x T) []T { return []T{x} }

func bools(x []number) []bool {
	out := make([]bool, len(x))
	for i, v := range x {
		out[i] = v != 0
	}
	return out
}

func floatBools(x []bool) []number {
	out := make([]number, len(x))
	for i, v := range x {
		if v {
			out[i] = 1
		}
	}
	return out
}

// held are the elements of a tensor.
func held(t rt.Tensor) []number {
	switch {
	case t.F64 != nil:
		return floats(t.F64)
	case t.I32 != nil:
		return floats(t.I32)
	case t.Bool != nil:
		return floatBools(t.Bool)
	}
	return floats(t.F32)
}

// fill gives tensors the values that the request has for them.
func fill(ts []rt.Tensor, from ...map[string][]number) error {
	for _, t := range ts {
		for _, values := range from {
			x, ok := values[t.Name]
			if !ok {
				continue
			}
			if n := len(held(t)); len(x) != n {
				return fmt.Errorf("%s has %d values, must have %d", t.Name, len(x), n)
			}
			copy(t.F32, numbers[float32](x))
			copy(t.F64, numbers[float64](x))
			copy(t.I32, numbers[int32](x))
			copy(t.Bool, bools(x))
		}
	}
	return nil
}

func main() {
	var q request
	a := new(answer)
	err := json.NewDecoder(os.Stdin).Decode(&q)
	if err == nil {
		a, err = run(&q)
	}
	if err != nil {
		a = &answer{Error: err.Error()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		os.Exit(1)
	}
}
`
