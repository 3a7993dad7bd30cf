package main

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Breast Cancer Wisconsin (Diagnostic), W. H. Wolberg, W. N. Street, O. L. Mangasarian, UCI, 1995, CC BY 4.0.
//
//go:embed wdbc.csv
var table string

const measurements = 30

// names are the measurements: the mean over the nuclei of a sample, its standard error, and the mean of the
// three worst.
func names() (names [measurements]string) {
	of := []string{"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
		"concave points", "symmetry", "fractal dimension"}
	for i, kind := range []string{"", ", error", ", worst"} {
		for j, name := range of {
			names[10*i+j] = name + kind
		}
	}
	return names
}

// patients are measurements, a row each, and 1 where the tumour is malignant.
type patients struct{ x, y []float64 }

func (p *patients) len() int { return len(p.y) }

func (p *patients) malignant() (n int) {
	for _, y := range p.y {
		n += int(y)
	}
	return n
}

func (p *patients) row(i int) []float64 { return p.x[i*measurements:][:measurements] }

func (p *patients) add(row []float64, y float64) {
	p.x, p.y = append(p.x, row...), append(p.y, y)
}

// loadPatients reads the table: a headline, then thirty measurements and 0 for malignant a line.
func loadPatients() (*patients, error) {
	r := csv.NewReader(strings.NewReader(table))
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	p := &patients{}
	for _, line := range lines[1:] {
		if len(line) != measurements+1 {
			return nil, fmt.Errorf("wdbc.csv: %d numbers in a line, expected %d", len(line), measurements+1)
		}
		row := make([]float64, len(line))
		for i, text := range line {
			if row[i], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, fmt.Errorf("wdbc.csv: %w", err)
			}
		}
		p.add(row[:measurements], 1-row[measurements])
	}
	return p, nil
}

// scale makes measurements comparable: those it was made of have mean 0 and standard deviation 1.
type scale struct{ mean, deviation [measurements]float64 }

func scaleOf(p *patients) (s scale) {
	n := float64(p.len())
	for i := range p.len() {
		for j, v := range p.row(i) {
			s.mean[j] += v / n
		}
	}
	for i := range p.len() {
		for j, v := range p.row(i) {
			s.deviation[j] += (v - s.mean[j]) * (v - s.mean[j]) / n
		}
	}
	for j, v := range s.deviation {
		s.deviation[j] = math.Sqrt(v)
	}
	return s
}

func (s scale) of(p *patients) *patients {
	out := &patients{y: p.y, x: make([]float64, len(p.x))}
	for i, v := range p.x {
		j := i % measurements
		out.x[i] = (v - s.mean[j]) / s.deviation[j]
	}
	return out
}
