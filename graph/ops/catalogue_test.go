package ops

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradgen/gradgen/graph"
)

// Every operator says what it is, how it is computed and how it is tested.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range All {
		assert.False(t, seen[op.Name], "%s is declared twice", op.Name)
		seen[op.Name] = true
		assert.NotEmpty(t, op.Doc, op.Name)
		assert.Equal(t, op.Given, op.Infer == nil && op.Partials == nil, "%s: a type rule, or a stated type", op.Name)
		switch op.Class {
		case graph.Elementwise:
			assert.NotNil(t, op.Scalar, op.Name)
			assert.Len(t, op.Samples, op.Arity, op.Name)
		case graph.LeafOp, graph.DerivOp, graph.RegionOp, graph.ResultOp:
			assert.Nil(t, op.Reference, op.Name)
		default:
			assert.NotNil(t, op.Reference, op.Name)
		}
		assert.Equal(t, op.Class == graph.CompositeOp, op.Expand != nil, op.Name)
		assert.Equal(t, op.Class == graph.CallOp, op.Call.Func != "", op.Name)
		assert.False(t, op.Partials != nil && op.Pullback != nil, "%s has two derivatives", op.Name)
		assert.Equal(t, op.Pullback != nil, op.Pushforward != nil, "%s has both modes or none", op.Name)
	}
}
