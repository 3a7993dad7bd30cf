// Gorgonia trains on its tape machine. usage: gorgonia train mlp|lenet THREADS DIR
package main

import (
	"runtime"

	"github.com/gradgen/gradgen/bench/peers/go/child"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

const batch = 64

// net is a graph under construction.
type net struct {
	child.Args
	g     *G.ExprGraph
	learn G.Nodes
}

func (n *net) node(name string, dims ...int) *G.Node {
	v := tensor.New(tensor.WithShape(dims...), tensor.WithBacking(n.Floats(name, tensor.Shape(dims).TotalSize())))
	return G.NewTensor(n.g, tensor.Float32, len(dims), G.WithShape(dims...), G.WithName(name), G.WithValue(v))
}

func (n *net) param(name string, dims ...int) *G.Node {
	p := n.node(name, dims...)
	n.learn = append(n.learn, p)
	return p
}

func (n *net) dense(x *G.Node, w, b string, in, out int) *G.Node {
	return G.Must(G.BroadcastAdd(G.Must(G.Mul(x, n.param(w, in, out))), n.param(b, 1, out), nil, []byte{0}))
}

func relu(x *G.Node) *G.Node { return G.Must(G.Rectify(x)) }

func (n *net) conv(x *G.Node, k, b string, out, in, pad int) *G.Node {
	y := G.Must(G.Conv2d(x, n.param(k, out, in, 5, 5), tensor.Shape{5, 5}, []int{pad, pad}, []int{1, 1}, []int{1, 1}))
	return G.Must(G.BroadcastAdd(y, n.param(b, 1, out, 1, 1), nil, []byte{0, 2, 3}))
}

func pool(x *G.Node) *G.Node {
	return G.Must(G.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
}

func (n *net) mlp() *G.Node {
	return n.dense(relu(n.dense(n.node("x", batch, 784), "w1", "b1", 784, 128)), "w2", "b2", 128, 10)
}

func (n *net) lenet() *G.Node {
	h := pool(relu(n.conv(n.node("x", batch, 1, 28, 28), "k1", "c1", 6, 1, 2)))
	h = pool(relu(n.conv(h, "k2", "c2", 16, 6, 0)))
	h = relu(n.dense(G.Must(G.Reshape(h, tensor.Shape{batch, 400})), "w1", "b1", 400, 120))
	return n.dense(relu(n.dense(h, "w2", "b2", 120, 84)), "w3", "b3", 84, 10)
}

// loss is the cross entropy of logits z: labels stand as ones, times -1/batch.
func (n *net) loss(z *G.Node) *G.Node {
	y := make([]float32, batch*10)
	for i, label := range n.Ints("y", batch) {
		y[i*10+int(label)] = -1. / batch
	}
	labels := G.NewMatrix(n.g, tensor.Float32, G.WithShape(batch, 10), G.WithName("y"),
		G.WithValue(tensor.New(tensor.WithShape(batch, 10), tensor.WithBacking(y))))
	return G.Must(G.Sum(G.Must(G.HadamardProd(G.Must(G.LogSoftMax(z)), labels))))
}

func (n *net) trainer() (step func() float64) {
	z := map[string]func() *G.Node{"mlp": n.mlp, "lenet": n.lenet}[n.Model]()
	cost := n.loss(z)
	var loss G.Value
	G.Read(cost, &loss)
	_, err := G.Grad(cost, n.learn...)
	child.Check(err)
	vm := G.NewTapeMachine(n.g, G.BindDualValues(n.learn...))
	opt := G.NewAdamSolver(G.WithLearnRate(1e-3), G.WithEps(1e-8))
	return func() float64 {
		child.Check(vm.RunAll())
		child.Check(opt.Step(G.NodesToValueGrads(n.learn)))
		vm.Reset()
		return float64(loss.Data().(float32))
	}
}

func main() {
	n := &net{Args: child.Arguments(), g: G.NewGraph()}
	runtime.GOMAXPROCS(n.Threads)
	step := n.trainer()
	var losses []float64
	for range 5 {
		losses = append(losses, step())
	}
	child.Serve("v0.9.18", losses, "", func() { step() })
}
