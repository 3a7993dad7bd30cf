package main

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// drawROC writes the curves of all judges as a PNG. Only the left fifth is shown: no one would want more
// false alarms.
func drawROC(path string, y []float64, judges []judge) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "Malignant tumours found", "benign tumours taken for malignant", "malignant tumours found"
	p.Add(plotter.NewGrid())
	for i, j := range judges {
		curve := rocCurve(y, j.probs)
		var points plotter.XYs
		for _, at := range curve {
			points = append(points, plotter.XY{X: at.alarmed, Y: at.found})
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return fmt.Errorf("plot: %w", err)
		}
		line.StepStyle, line.Color, line.Width = plotter.PostStep, plotutil.Color(i), vg.Points(1.5)
		p.Add(line)
		p.Legend.Add(fmt.Sprintf("%s, area %.3f", j.name, area(curve)), line)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 0.2, 0.8, 1
	return p.Save(6*vg.Inch, 5*vg.Inch, path)
}
