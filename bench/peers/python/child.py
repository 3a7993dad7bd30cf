"""The protocol of package child, and the data that all sides start from."""
import json
import os
import sys
import time

import numpy as np

LR, B1, B2, EPS = 1e-3, 0.9, 0.999, 1e-8
SYMBOLS, LAYERS, WIDTH, HEADS, SEQ = 65, 4, 128, 4, 128


def gpt(layers):
    shapes = {"tok": (SYMBOLS, WIDTH), "pos": (SEQ, WIDTH)}
    block = dict(g1=(WIDTH,), b1=(WIDTH,), wqkv=(WIDTH, 3 * WIDTH), bqkv=(3 * WIDTH,), wo=(WIDTH, WIDTH), bo=(WIDTH,), g2=(WIDTH,),
                 b2=(WIDTH,), w1=(WIDTH, 4 * WIDTH), c1=(4 * WIDTH,), w2=(4 * WIDTH, WIDTH), c2=(WIDTH,))
    for i in range(layers):
        shapes |= {f"l{i}.{name}": shape for name, shape in block.items()}
    return shapes | {"gf": (WIDTH,), "bf": (WIDTH,), "head": (WIDTH, SYMBOLS)}


# Dense weights are [in, out], those of convolutions [out, in, row, column]; the gates of an LSTM are i, f, g, o.
SHAPES = {
    "mlp": dict(w1=(784, 128), b1=(128,), w2=(128, 10), b2=(10,)),
    "lenet": dict(k1=(6, 1, 5, 5), c1=(6,), k2=(16, 6, 5, 5), c2=(16,), w1=(400, 120), b1=(120,), w2=(120, 84), b2=(84,), w3=(84, 10), b3=(10,)),
    "gpt": gpt(LAYERS),
    "lstm": dict(wx=(64, 512), wh=(128, 512), b=(512,), w=(128, 10), c=(10,)),
}
INPUTS = {"mlp": (64, 784), "lenet": (64, 1, 28, 28), "gpt": (16, SEQ), "lstm": (32, 64, 64)}


def load(model, folder):
    """The parameters, x and y of a model."""
    def read(name, kind, shape):
        return np.fromfile(os.path.join(folder, f"{name}.{'i' if kind == np.int32 else 'f'}32"), kind).reshape(shape)
    params = {name: read(name, np.float32, shape) for name, shape in SHAPES[model].items()}
    whole = model == "gpt"
    return params, read("x", np.int32 if whole else np.float32, INPUTS[model]), read("y", np.int32, INPUTS[model] if whole else -1)


def deep(layers):
    """Like load, of a GPT with other layers whose numbers do not matter."""
    rnd = np.random.default_rng(1)
    params = {name: (0.05 * rnd.standard_normal(shape)).astype(np.float32) for name, shape in gpt(layers).items()}
    x, y = (rnd.integers(0, SYMBOLS, INPUTS["gpt"]).astype(np.int32) for _ in range(2))
    return params, x, y


def serve(version, values, call, sync=lambda result: None, note=""):
    """Says hello and makes the calls that are asked for; sync waits for the last."""
    print(json.dumps({"version": version, "values": [float(v) for v in values], "note": note}), flush=True)
    for line in sys.stdin:
        result, begin = None, time.perf_counter()
        for _ in range(int(line)):
            result = call()
        sync(result)
        print(time.perf_counter() - begin, flush=True)
