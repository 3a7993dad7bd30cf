package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// layer is a slice of parameters with the gradients that belong to them.
type layer struct {
	name          string
	weights, grad []float32
}

func layers(m *CatOrToaster, t *CatOrToasterTrainer) []layer {
	return []layer{
		{"edges.K", m.Params.Edges.K, t.Grads.Edges.K},
		{"edges.b", m.Params.Edges.B, t.Grads.Edges.B},
		{"parts.K", m.Params.Parts.K, t.Grads.Parts.K},
		{"parts.b", m.Params.Parts.B, t.Grads.Parts.B},
		{"things.K", m.Params.Things.K, t.Grads.Things.K},
		{"things.b", m.Params.Things.B, t.Grads.Things.B},
		{"logits.W", m.Params.Logits.W, t.Grads.Logits.W},
		{"logits.b", m.Params.Logits.B, t.Grads.Logits.B},
	}
}

// printLesson takes the four steps of learning on one picture, with the numbers they have.
func printLesson(out io.Writer, m *CatOrToaster, t *CatOrToasterTrainer, p *CatOrToasterPredictor, picture []float32, label int32) error {
	before, err := p.Predict(picture)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Step 1, the guess. The network says: %s. It is a %s.\n", guess(before), names[label])
	right := before[label]
	loss, err := t.Forward(picture, []int32{label})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Step 2, the loss. How wrong is that? -log(%.4f) = %.4f.\n", right, loss)
	t.Backward()
	fmt.Fprintln(out, "Step 3, who is to blame, and by how much? The derivative of the loss by each weight says.")
	if err := printBlame(out, layers(m, t), func() (float32, error) { return t.Forward(picture, []int32{label}) }, loss); err != nil {
		return err
	}
	t.Update()
	after, err := p.Predict(picture)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Step 4, the update. Every weight moves a little against its blame, and the network says: %s.\n", guess(after))
	fmt.Fprintf(out, "        The loss is now -log(%.4f) = %.4f.\n", after[label], -math.Log(float64(after[label])))
	return nil
}

func guess(probs []float32) string {
	return fmt.Sprintf("cat %.2f %%, toaster %.2f %%", 100*probs[Cat], 100*probs[Toaster])
}

// printBlame shows the share of each layer, the weights with the largest derivatives, and a trial
// whether the first of them tells the truth.
func printBlame(out io.Writer, all []layer, forward func() (float32, error), loss float32) error {
	var sum float64
	for _, l := range all {
		sum += square(l.grad)
	}
	for _, l := range all {
		share := square(l.grad) / sum
		bar := strings.Repeat("█", int(40*share+0.5))
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("        %-9s %4d weights  %5.1f %%  %s", l.name, len(l.grad), 100*share, bar), " "))
	}
	worst := mostToBlame(all, 5)
	for _, b := range worst {
		fmt.Fprintf(out, "        %s[%d] = %+.4f has derivative %+.5f\n", b.name, b.at, b.weights[b.at], b.grad[b.at])
	}
	const nudge = 0.01
	b := worst[0]
	weight := &b.weights[b.at]
	kept := *weight
	*weight = kept + nudge
	nudged, err := forward()
	*weight = kept
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "        A trial: %s[%d] raised by %.2f changes the loss by %+.6f; its derivative foretold %+.6f.\n",
		b.name, b.at, nudge, nudged-loss, nudge*b.grad[b.at])
	return nil
}

func square(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return sum
}

// blamed is one weight of a layer.
type blamed struct {
	layer
	at int
}

func mostToBlame(all []layer, count int) []blamed {
	var list []blamed
	for _, l := range all {
		for i := range l.grad {
			list = append(list, blamed{l, i})
		}
	}
	size := func(b blamed) float64 { return math.Abs(float64(b.grad[b.at])) }
	slices.SortStableFunc(list, func(a, b blamed) int { return cmp.Compare(size(b), size(a)) })
	return list[:count]
}
