package main

// network is one of the three models of this package, with a trainer and a predictor.
type network struct {
	step    func(image []float32, label []int32) (loss, accuracy float32, err error)
	predict func(image []float32) (probs []float32, err error)
	rate    *float64 // the learning rate; the model file has the first value
	save    func(path string) error
	load    func(path string) error
}

func newDigits(seed uint64, batch int) (*network, error) {
	m, dims := NewDigits(seed), DigitsDims{Batch: batch}
	t, err := m.NewTrainer(dims)
	if err != nil {
		return nil, err
	}
	p, err := m.NewPredictor(dims)
	if err != nil {
		return nil, err
	}
	step := func(image []float32, label []int32) (float32, float32, error) {
		loss, err := t.Step(image, label)
		return loss, t.Metrics().Accuracy, err
	}
	return &network{step, p.Predict, &t.Hyper.LR, m.Save, m.Load}, nil
}

func newMNIST(seed uint64, batch int) (*network, error) {
	m, dims := NewMNIST(seed), MNISTDims{Batch: batch}
	t, err := m.NewTrainer(dims)
	if err != nil {
		return nil, err
	}
	p, err := m.NewPredictor(dims)
	if err != nil {
		return nil, err
	}
	step := func(image []float32, label []int32) (float32, float32, error) {
		loss, err := t.Step(image, label)
		return loss, t.Metrics().Accuracy, err
	}
	return &network{step, p.Predict, &t.Hyper.LR, m.Save, m.Load}, nil
}

func newConvNet(seed uint64, batch int) (*network, error) {
	m, dims := NewConvNet(seed), ConvNetDims{Batch: batch}
	t, err := m.NewTrainer(dims)
	if err != nil {
		return nil, err
	}
	p, err := m.NewPredictor(dims)
	if err != nil {
		return nil, err
	}
	step := func(image []float32, label []int32) (float32, float32, error) {
		loss, err := t.Step(image, label)
		return loss, t.Metrics().Accuracy, err
	}
	return &network{step, p.Predict, &t.Hyper.LR, m.Save, m.Load}, nil
}
