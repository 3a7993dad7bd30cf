package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMedian(t *testing.T) {
	assert.Equal(t, 2.0, median([]float64{3, 1, 2}))
	assert.Equal(t, 2.5, median([]float64{4, 1, 3, 2}))
}

func TestSame(t *testing.T) {
	assert.NoError(t, same([]float64{1000, 0}, []float64{1000.09, 0.00009}, 1e-4))
	assert.ErrorContains(t, same([]float64{0}, []float64{0.0002}, 1e-4), "it computes [0.0002], not [0]")
}

// What ours is compared with is the fastest of the group that a goal names.
func TestVerdicts(t *testing.T) {
	o := outcome{row: row{goals: []goal{{[]string{framework}, 0.6}, {[]string{byHand}, 0.6}, {nil, 0.5}}}, got: []measured{
		{side: side{name: "ours"}, value: 1},
		{side: side{name: "slow", group: framework}, value: 3},
		{side: side{name: "fast", group: framework}, value: 2},
		{side: side{name: "broken", group: framework}, reason: "it broke"},
	}}
	v := o.verdicts()
	assert.Equal(t, "fast", v[0].best.name)
	assert.Equal(t, 0.5, v[0].ratio)
	assert.True(t, v[0].reached)
	assert.False(t, v[1].reached)
	assert.Equal(t, "unknown", v[1].cells(o)[5])
	assert.False(t, v[2].reached)
}

func TestTable(t *testing.T) {
	assert.Equal(t, "| a  | b |\n| -- | - |\n| µs | 1 |\n", table{{"a", "b"}, {"µs", "1"}}.markdown())
}
