package main

import (
	"fmt"
	"io"
)

// write goes on from a prompt. Each character is read once: what the model has to remember of it stays in the
// sampler. Where its memory is full, it starts again with the last half of it.
func write(out io.Writer, m *Text, b *book, o options) error {
	s, err := m.NewSamplerPredictor(SamplerDims{Longest: o.seq})
	if err != nil {
		return err
	}
	prompt := o.prompt
	if prompt == "" {
		prompt = "\n"
	}
	fmt.Fprintf(out, "\n%s", prompt)
	text := b.numbers(prompt)
	half := (o.seq + 1) / 2
	read, memory := max(0, len(text)-half), 0
	for range o.length {
		if memory == o.seq {
			s.Reset()
			read, memory = len(text)-half, 0
		}
		var next int32
		for ; read < len(text); read++ {
			result, err := s.Predict(text[read], float32(o.temperature))
			if err != nil {
				return err
			}
			next = result.Next
			memory++
		}
		text = append(text, next)
		fmt.Fprint(out, string(b.character(next)))
	}
	fmt.Fprintln(out)
	return nil
}
