package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// printMistakes draws a few of the misread digits side by side.
func printMistakes(out io.Writer, s *set, wrong []mistake) {
	if len(wrong) == 0 {
		return
	}
	shown := wrong[:min(4, len(wrong))]
	fmt.Fprintf(out, "\n%d of %d were misread, for instance:\n\n", len(wrong), s.len())
	var rows [][]string
	for _, m := range shown {
		rows = append(rows, picture(s.image(m.at), s.side))
	}
	for y := range rows[0] {
		line := ""
		for _, row := range rows {
			line += " " + row[y] + "  "
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	line := ""
	for _, m := range shown {
		caption := fmt.Sprintf("%d read as %d (%.0f %%)", s.labels[m.at], m.read, 100*m.prob)
		line += fmt.Sprintf(" %-*s  ", len([]rune(rows[0][0])), caption)
	}
	fmt.Fprintln(out, strings.TrimRight(line, " "))
}

// picture draws an image with characters, which are twice as high as wide: a small image takes two
// characters for a pixel, a large one puts two rows of pixels into one.
func picture(image []float32, side int) []string {
	shades := []rune(" ░▒▓█")
	wide, tall := 2, 1
	if side > 14 {
		wide, tall = 1, 2
	}
	var rows []string
	for y := 0; y < side; y += tall {
		var row strings.Builder
		for x := range side {
			dark := (image[y*side+x] + image[(y+tall-1)*side+x]) / 2
			shade := string(shades[min(int(dark*5), 4)])
			row.WriteString(strings.Repeat(shade, wide))
		}
		rows = append(rows, row.String())
	}
	return rows
}

// plotLoss writes the loss as a PNG: a line through the means of at most 300 stretches of steps.
func plotLoss(path string, losses []float32) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "Learning to read digits", "step", "loss"
	p.Y.Min = 0
	var points plotter.XYs
	step := 0
	for stretch := range slices.Chunk(losses, 1+len(losses)/300) {
		var sum float64
		for _, loss := range stretch {
			sum += float64(loss)
		}
		step += len(stretch)
		points = append(points, plotter.XY{X: float64(step), Y: sum / float64(len(stretch))})
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	p.Add(plotter.NewGrid(), line)
	return p.Save(7*vg.Inch, 4*vg.Inch, path)
}
