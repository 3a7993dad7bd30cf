package main

type gmmInput struct {
	X            [][]float64
	M            int32
	Gamma        float64
	Alpha        []float64
	Mu, Q, L     [][]float64
	x, mu, q, l_ []float64
}

func (in *gmmInput) flatten() error {
	m, err := flats(in.X, in.Mu, in.Q, in.L)
	if err == nil {
		in.x, in.mu, in.q, in.l_ = m[0], m[1], m[2], m[3]
	}
	return err
}

func gmmObjective(in gmmInput) (task, error) {
	err := in.flatten()
	return number(func() (float64, error) { return Gmm(in.x, in.Alpha, in.mu, in.q, in.l_, in.M, in.Gamma) }), err
}

func gmmJacobian(in gmmInput) (task, error) {
	if err := in.flatten(); err != nil {
		return task{}, err
	}
	alpha, mu := make([]float64, len(in.Alpha)), make([]float64, len(in.mu))
	q, l := make([]float64, len(in.q)), make([]float64, len(in.l_))
	k := len(alpha)
	return task{
		run: func() error { return GmmGrad(alpha, mu, q, l, in.x, in.Alpha, in.mu, in.q, in.l_, in.M, in.Gamma) },
		output: func() any {
			return map[string]any{"alpha": alpha, "mu": rows(mu, k), "q": rows(q, k), "l": rows(l, k)}
		},
	}, nil
}

type lstmInput struct {
	Params   [][]float64 `json:"main_params"`
	Extra    [][]float64 `json:"extra_params"`
	State    [][]float64
	Sequence [][]float64
}

func lstmObjective(in lstmInput) (task, error) {
	m, err := flats(in.Params, in.Extra, in.State, in.Sequence)
	return number(func() (float64, error) { return Lstm(m[0], m[1], m[2], m[3]) }), err
}

func lstmJacobian(in lstmInput) (task, error) {
	m, err := flats(in.Params, in.Extra, in.State, in.Sequence)
	if err != nil {
		return task{}, err
	}
	n := len(m[0])
	return vector(n+len(m[1]), func(dst []float64) error {
		return LstmGrad(dst[:n], dst[n:], m[0], m[1], m[2], m[3])
	}), nil
}
