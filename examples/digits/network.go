package main

import "errors"

// network is one of the three models of this package, with a trainer and a predictor.
type network struct {
	step     func(image []float32, label []int32) (loss float32, err error)
	accuracy func() float32 // of the last step
	predict  func(image []float32) (probs []float32, err error)
	rate     *float64 // the learning rate; the model file has the first value
	save     func(path string) error
	load     func(path string) error
}

func newDigits(seed uint64, batch int) (*network, error) {
	m, dims := NewDigits(seed), DigitsDims{Batch: batch}
	t, errT := m.NewTrainer(dims)
	p, errP := m.NewPredictor(dims)
	if err := errors.Join(errT, errP); err != nil {
		return nil, err
	}
	accuracy := func() float32 { return t.Metrics().Accuracy }
	return &network{t.Step, accuracy, p.Predict, &t.Hyper.LR, m.Save, m.Load}, nil
}

func newMNIST(seed uint64, batch int) (*network, error) {
	m, dims := NewMNIST(seed), MNISTDims{Batch: batch}
	t, errT := m.NewTrainer(dims)
	p, errP := m.NewPredictor(dims)
	if err := errors.Join(errT, errP); err != nil {
		return nil, err
	}
	accuracy := func() float32 { return t.Metrics().Accuracy }
	return &network{t.Step, accuracy, p.Predict, &t.Hyper.LR, m.Save, m.Load}, nil
}

func newConvNet(seed uint64, batch int) (*network, error) {
	m, dims := NewConvNet(seed), ConvNetDims{Batch: batch}
	t, errT := m.NewTrainer(dims)
	p, errP := m.NewPredictor(dims)
	if err := errors.Join(errT, errP); err != nil {
		return nil, err
	}
	accuracy := func() float32 { return t.Metrics().Accuracy }
	return &network{t.Step, accuracy, p.Predict, &t.Hyper.LR, m.Save, m.Load}, nil
}
