package runtime

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLocalStaysOnTheStack(t *testing.T) {
	sum := func(p *float64) float64 { return *p + 1 }
	call := sum
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		x := [3]float64{1, 2, 3}
		if call(Local(&x[1])) != 3 {
			t.Fail()
		}
	}))
}
