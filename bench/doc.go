// Package bench measures how fast code is generated and how fast it runs:
//
//	go test -bench . ./bench
//
// prints generation times of transformers of 1 to 24 layers and the times of
// training steps, in Go's benchmark format, which benchstat compares.
package bench
