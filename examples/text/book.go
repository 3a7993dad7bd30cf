package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// symbols is how many characters the model tells apart; the last stands for all that are rarer.
const symbols = 128

// book is a text in numbers, its end held back, and what the numbers mean.
type book struct {
	alphabet      []rune
	number        map[rune]int32
	learned, held []int32
}

// loadBook reads a file, or Opticks if path is empty.
func loadBook(path string) (*book, error) {
	if path == "" {
		root, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return nil, fmt.Errorf("go env GOROOT, to find a text to learn from: %w; give one with -file", err)
		}
		path = filepath.Join(strings.TrimSpace(string(root)), "src", "testdata", "Isaac.Newton-Opticks.txt")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w; give a text to learn from with -file", err)
	}
	return newBook(string(data)), nil
}

// newBook holds back the last tenth.
func newBook(text string) *book {
	b := &book{number: map[rune]int32{}}
	count := map[rune]int{}
	for _, r := range text {
		count[r]++
	}
	b.alphabet = slices.SortedFunc(maps.Keys(count), func(x, y rune) int {
		return cmp.Or(cmp.Compare(count[y], count[x]), cmp.Compare(x, y))
	})
	b.alphabet = b.alphabet[:min(len(b.alphabet), symbols-1)]
	for i, r := range b.alphabet {
		b.number[r] = int32(i)
	}
	all := b.numbers(text)
	b.learned, b.held = all[:len(all)*9/10], all[len(all)*9/10:]
	return b
}

func (b *book) numbers(text string) (numbers []int32) {
	for _, r := range text {
		n, ok := b.number[r]
		if !ok {
			n = symbols - 1
		}
		numbers = append(numbers, n)
	}
	return numbers
}

func (b *book) character(n int32) rune {
	if int(n) < len(b.alphabet) {
		return b.alphabet[n]
	}
	return '\uFFFD'
}
