package runtime

// CheckLen reports a *LengthError unless got is want. The shape is shown in
// the message and may be empty.
func CheckLen(model, input string, got, want int, shape string) error {
	if got == want {
		return nil
	}
	return &LengthError{Model: model, Input: input, Got: got, Want: want, Shape: shape}
}

// FreeDim reads a free dim off the length of an input that has unit elements
// for each step of the dim: it returns got/unit. It reports a *LengthError
// unless that is exact, at least 1 and at most limit.
func FreeDim(model, input string, got, unit, limit int, shape string) (int, error) {
	if unit > 0 && got > 0 && got%unit == 0 && got/unit <= limit {
		return got / unit, nil
	}
	return 0, &LengthError{Model: model, Input: input, Got: got, Want: unit, Shape: shape, Multiple: true, Limit: unit * limit}
}

// CheckIndex reports an *IndexError for the first value outside [0, limit).
// The note says what is indexed and may be empty.
func CheckIndex(model, input string, idx []int32, limit int, note string) error {
	for i, v := range idx {
		if v < 0 || int(v) >= limit {
			return &IndexError{Model: model, Input: input, Position: []int{i}, Value: int(v), Limit: limit, Note: note}
		}
	}
	return nil
}

// AtShape turns the flat position of an *IndexError or *FiniteError into one
// index for each axis of shape, and returns err.
func AtShape(err error, shape ...int) error {
	switch e := err.(type) {
	case *IndexError:
		e.Position = unflatten(e.Position, shape)
	case *FiniteError:
		e.Position = unflatten(e.Position, shape)
	}
	return err
}

func unflatten(position, shape []int) []int {
	if len(position) != 1 {
		return position
	}
	flat, out := position[0], make([]int, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] <= 0 {
			return position
		}
		out[i], flat = flat%shape[i], flat/shape[i]
	}
	return out
}

// CheckFinite32 reports a *FiniteError for the first NaN or infinity in x.
func CheckFinite32(model, source, value string, x []float32) error {
	return checkFinite(model, source, value, x)
}

// CheckFinite64 is [CheckFinite32] for float64.
func CheckFinite64(model, source, value string, x []float64) error {
	return checkFinite(model, source, value, x)
}

func checkFinite[T Float](model, source, value string, x []T) error {
	i := firstNonFinite(x)
	if i < 0 {
		return nil
	}
	return &FiniteError{Model: model, Source: source, Value: value, Position: []int{i}, Found: float64(x[i])}
}

// firstNonFinite returns the place of the first NaN or infinity, or -1.
func firstNonFinite[T Float](x []T) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
