package main

import (
	"fmt"
	"io"
	"strings"
)

// rows draws a picture with half blocks: two pixels above each other are one character.
func rows(picture []float32) []string {
	blocks := []rune(" ▄▀█")
	var out []string
	for y := 0; y < side; y += 2 {
		var row strings.Builder
		for x := range side {
			at := 0
			if picture[y*side+x] > 0.5 {
				at += 2
			}
			if picture[(y+1)*side+x] > 0.5 {
				at++
			}
			row.WriteRune(blocks[at])
		}
		out = append(out, row.String())
	}
	return out
}

// printPictures draws pictures side by side.
func printPictures(out io.Writer, pictures ...[]float32) {
	var drawn [][]string
	for _, p := range pictures {
		drawn = append(drawn, rows(p))
	}
	for y := range side / 2 {
		line := ""
		for _, d := range drawn {
			line += d[y] + "  "
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

// printTable prints the table of confusions.
func printTable(out io.Writer, table [2][2]int) {
	fmt.Fprintf(out, "%-12s %10s %14s\n", "", "said cat", "said toaster")
	for what, row := range table {
		fmt.Fprintf(out, "%-12s %10d %14d\n", "is a "+names[what], row[Cat], row[Toaster])
	}
}
