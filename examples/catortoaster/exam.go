package main

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

// Quick, Draw! by Google, CC BY 4.0: 25 cats and 25 toasters drawn by people.
//
//go:embed quickdraw/*.ndjson
var quickdraw embed.FS

// exam is the 50 drawings by people. Nothing is ever trained on them.
type exam struct {
	pictures []float32
	labels   []int32
}

func (e *exam) picture(i int) []float32 { return e.pictures[i*side*side : (i+1)*side*side] }

func loadExam() (*exam, error) {
	e := &exam{}
	for label, name := range names {
		file := "quickdraw/" + name + ".ndjson"
		text, err := quickdraw.ReadFile(file)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, len(text)+1)
		for lines.Scan() {
			drawing, err := parseDrawing(lines.Bytes())
			if err != nil {
				return nil, fmt.Errorf("%s, drawing %d: %w", file, len(e.labels)+1, err)
			}
			e.pictures = append(e.pictures, make([]float32, side*side)...)
			e.labels = append(e.labels, int32(label))
			Paint(drawing, centred, e.picture(len(e.labels)-1))
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return e, nil
}

// parseDrawing reads {"drawing": [[[x..], [y..]], ..]}.
func parseDrawing(line []byte) (Drawing, error) {
	var record struct {
		Drawing [][2][]float64
	}
	if err := json.Unmarshal(line, &record); err != nil {
		return nil, err
	}
	var d Drawing
	for _, xy := range record.Drawing {
		if len(xy[0]) != len(xy[1]) {
			return nil, fmt.Errorf("a stroke with %d x and %d y", len(xy[0]), len(xy[1]))
		}
		stroke := make([]Point, len(xy[0]))
		for i := range stroke {
			stroke[i] = Point{xy[0][i], xy[1][i]}
		}
		d = append(d, stroke)
	}
	return d, nil
}

// sit lets the network answer all questions of the exam: table[what it is][what the network says].
func (e *exam) sit(p *CatOrToasterPredictor) (table [2][2]int, wrong []int, err error) {
	probs, err := p.Predict(e.pictures)
	if err != nil {
		return table, nil, err
	}
	for i, label := range e.labels {
		said := answer(probs[2*i : 2*i+2])
		table[label][said]++
		if said != label {
			wrong = append(wrong, i)
		}
	}
	return table, wrong, nil
}

func answer(probs []float32) int32 {
	if probs[Toaster] > probs[Cat] {
		return Toaster
	}
	return Cat
}

func score(table [2][2]int) float64 {
	right, all := table[0][0]+table[1][1], 0
	for _, row := range table {
		all += row[0] + row[1]
	}
	return 100 * float64(right) / float64(all)
}
