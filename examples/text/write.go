package main

import (
	"fmt"
	"io"
)

// longest is how many characters the sampler remembers, as in text.grad.
const longest = 512

// write goes on from a prompt. Each character is read once: what the model has to remember of it stays in the
// sampler. Where its memory is full, it starts again with the last half of it.
func write(out io.Writer, m *Text, b *book, prompt string, length int, temperature float32) error {
	s, err := m.NewSamplerPredictor(SamplerDims{})
	if err != nil {
		return err
	}
	if prompt == "" {
		prompt = "\n"
	}
	fmt.Fprintf(out, "\n%s", prompt)
	text := b.numbers(prompt)
	read, memory := max(0, len(text)-longest/2), 0
	for range length {
		if memory == longest {
			s.Reset()
			read, memory = len(text)-longest/2, 0
		}
		var next int32
		for ; read < len(text); read++ {
			result, err := s.Predict(text[read], temperature)
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
