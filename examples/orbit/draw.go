package main

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// drawn is how each path looks.
var drawn = []struct {
	name   string
	color  color.Color
	dashes []vg.Length
}{
	{"true", color.Gray{180}, nil},
	{"solver", color.RGBA{200, 30, 60, 255}, []vg.Length{vg.Points(6), vg.Points(3)}},
	{"network", color.RGBA{40, 90, 200, 255}, []vg.Length{vg.Points(2), vg.Points(2)}},
}

// draw writes the places seen and the paths into a PNG file.
func draw(path string, seen []float64, paths [][]float64) error {
	p := plot.New()
	p.Title.Text = "Seen for half of the time, foretold for the other half"
	for i, look := range drawn {
		line, err := plotter.NewLine(points(paths[i]))
		if err != nil {
			return fmt.Errorf("plot: %w", err)
		}
		line.Color, line.Dashes, line.Width = look.color, look.dashes, vg.Points(1.5)
		p.Add(line)
		p.Legend.Add(look.name, line)
	}
	dots, err := plotter.NewScatter(points(seen))
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	dots.Radius, dots.Shape = vg.Points(1.5), vgdraw.CircleGlyph{}
	p.Add(dots)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -2.2, 2.2, -2.2, 2.2
	return p.Save(6*vg.Inch, 6*vg.Inch, path)
}

func points(places []float64) (xy plotter.XYs) {
	for i := 0; i < len(places); i += 2 {
		xy = append(xy, plotter.XY{X: places[i], Y: places[i+1]})
	}
	return xy
}
