package main

import "fmt"

// Transformer is the source of a model of language with a number of layers: what
// comes before a token predicts it. Its widths are dims.
func Transformer(layers int) string {
	return fmt.Sprintf(`import "nn"

model Transformer {
    dim batch, seq
    dim vocab = 65
    dim width = 128
    dim heads = 4

    input token [batch, seq] int
    input next [batch, seq] int
    param E [vocab, width] ~ normal(0, 0.02)

    h = E[token]
    for layer_number in 0..%d {
        x = nn.LayerNorm(h)
        q = reshape(nn.Dense(x, width), [batch, seq, heads, width / heads])
        k = reshape(nn.Dense(x, width), [batch, seq, heads, width / heads])
        v = reshape(nn.Dense(x, width), [batch, seq, heads, width / heads])
        score[b, n, t, u] = where(u <= t, sum(d: q[b, t, n, d] * k[b, u, n, d]) / sqrt(width / heads), -inf)
        part = softmax(score)
        mixed[b, t, n, d] = sum(u: part[b, n, t, u] * v[b, u, n, d])
        h = h + nn.Dense(reshape(mixed, [batch, seq, width]), width)
        wide = nn.Dense(nn.LayerNorm(h), 4 * width, gelu)
        h = h + nn.Dense(wide, width)
    }
    logits = nn.Dense(nn.LayerNorm(h), vocab)
    output probs = softmax(logits)
    loss mean(cross_entropy(logits, next))
    train nn.Adam(lr = 3e-4)
}
`, layers)
}
