package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
)

// Optical Recognition of Handwritten Digits (test part), E. Alpaydin, C. Kaynak, UCI, 1998, CC BY 4.0.
//
//go:embed optdigits.csv.gz
var optdigits []byte

// set holds drawings of side × side pixels between 0 and 1, and what they show.
type set struct {
	side   int
	images []float32
	labels []int32
}

func (s *set) len() int { return len(s.labels) }

func (s *set) image(i int) []float32 {
	pixels := s.side * s.side
	return s.images[i*pixels : (i+1)*pixels]
}

func (s *set) add(image []float32, label int32) {
	s.images = append(s.images, image...)
	s.labels = append(s.labels, label)
}

// loadDrawings reads the embedded drawings; every fifth is held out.
func loadDrawings() (train, held *set, err error) {
	zip, err := gzip.NewReader(bytes.NewReader(optdigits))
	if err != nil {
		return nil, nil, fmt.Errorf("optdigits: %w", err)
	}
	rows, err := csv.NewReader(zip).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("optdigits: %w", err)
	}
	train, held = &set{side: 8}, &set{side: 8}
	image := make([]float32, 64)
	for i, row := range rows {
		label, err := parseRow(row, image)
		if err != nil {
			return nil, nil, fmt.Errorf("optdigits, line %d: %w", i+1, err)
		}
		if i%5 == 4 {
			held.add(image, label)
		} else {
			train.add(image, label)
		}
	}
	return train, held, nil
}

// parseRow reads 64 pixels from 0 to 16, then the digit.
func parseRow(row []string, image []float32) (label int32, err error) {
	if len(row) != len(image)+1 {
		return 0, fmt.Errorf("%d fields, want %d", len(row), len(image)+1)
	}
	for i, field := range row {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		if i < len(image) {
			image[i] = float32(n) / 16
		}
		label = int32(n)
	}
	return label, nil
}

// jitter copies an image, shifted by a fraction of a pixel and slanted a little.
func jitter(rng *rand.Rand, dst, src []float32, side int) {
	between := func(d float64) float64 { return d * (2*rng.Float64() - 1) }
	dx, dy, slant := between(0.7), between(0.7), between(0.15)
	middle := float64(side-1) / 2
	for y := range side {
		for x := range side {
			dst[y*side+x] = sample(src, side, float64(x)+dx+slant*(float64(y)-middle), float64(y)+dy)
		}
	}
}

// sample reads an image between its pixels; outside it is 0.
func sample(image []float32, side int, x, y float64) float32 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= side || y >= side {
			return 0
		}
		return image[y*side+x]
	}
	top := (1-fx)*at(x0, y0) + fx*at(x0+1, y0)
	low := (1-fx)*at(x0, y0+1) + fx*at(x0+1, y0+1)
	return (1-fy)*top + fy*low
}
