"""PyTorch. usage: torch_peer.py MODE train|predict|compile MODEL THREADS DIR (for compile, MODEL is the number of layers of a GPT)

MODE: eager; compile, with the module compiled; whole, with forward, backward and Adam compiled as one function; onnx, which writes
MODEL.onnx to DIR for onnx_peer.py and ends.
"""
import os
import sys
import warnings

warnings.simplefilter("ignore")
mode, kind, model, threads, folder = sys.argv[1:]
if kind == "compile":
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call, grad_and_value

import child
from child import B1, B2, EPS, HEADS, LAYERS, LR, SEQ, SYMBOLS, WIDTH


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.qkv, self.mix = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.norm2, self.up, self.down = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, h):
        n, t, _ = h.shape
        q, k, v = (a.view(n, t, HEADS, WIDTH // HEADS).transpose(1, 2) for a in self.qkv(self.norm1(h)).chunk(3, -1))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.mix(a.transpose(1, 2).reshape(n, t, WIDTH))
        return h + self.down(F.gelu(self.up(self.norm2(h)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.tok, self.pos = nn.Embedding(SYMBOLS, WIDTH), nn.Embedding(SEQ, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, SYMBOLS, bias=False)

    def forward(self, x):
        h = self.tok(x) + self.pos.weight[:x.shape[1]]
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)
        self.rnn.bias_hh_l0.requires_grad_(False)  # one bias, as on the other sides

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


def gpt(layers):
    block = "g1 b1 wqkv.T bqkv wo.T bo g2 b2 w1.T c1 w2.T c2".split()
    return GPT(layers), ["tok", "pos"] + [f"l{i}.{name}" for i in range(layers) for name in block] + ["gf", "bf", "head.T"]


def build():
    """The module with its parameters, x and y."""
    if model.isdigit():
        m, names = gpt(int(model))
        p, x, y = child.deep(int(model))
    else:
        p, x, y = child.load(model, folder)
    if model == "mlp":
        m, names = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)), "w1.T b1 w2.T b2".split()
    elif model == "lenet":
        m = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                          nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
        names = "k1 c1 k2 c2 w1.T b1 w2.T b2 w3.T b3".split()
    elif model == "lstm":
        m, names = LSTM(), "wx.T wh.T b 0 w.T c".split()
    elif model == "gpt":
        m, names = gpt(LAYERS)
    with torch.no_grad():
        for q, name in zip(m.parameters(), names, strict=True):
            if name == "0":
                q.zero_()
            else:
                v = torch.from_numpy(p[name.removesuffix(".T")])
                q.copy_(v.T if name.endswith(".T") else v)
    x = torch.from_numpy(x)
    return m, x.long() if x.dtype == torch.int32 else x, torch.from_numpy(y).long()


def loss_of(logits, y):
    return F.cross_entropy(logits.flatten(0, -2), y.flatten())


def stepper():
    """A function that makes a step of training."""
    m, x, y = build()
    if mode == "whole":
        return whole(m, x, y)
    opt = torch.optim.Adam([p for p in m.parameters() if p.requires_grad], lr=LR, betas=(B1, B2), eps=EPS, fused=True)

    def loss(x, y):
        return loss_of(m(x), y)
    f = torch.compile(loss) if mode == "compile" else loss

    def step():
        opt.zero_grad(set_to_none=True)
        l = f(x, y)
        l.backward()
        opt.step()
        return l
    return step


def whole(m, x, y):
    ps = {name: v.detach().clone() for name, v in m.named_parameters() if v.requires_grad}
    fixed = {name: v.detach().clone() for name, v in m.named_parameters() if not v.requires_grad}
    m1 = {name: torch.zeros_like(v) for name, v in ps.items()}
    m2 = {name: torch.zeros_like(v) for name, v in ps.items()}
    t = torch.zeros(())

    @torch.compile
    def step(ps, m1, m2, t, x, y):
        g, l = grad_and_value(lambda p: loss_of(functional_call(m, {**p, **fixed}, (x,)), y))(ps)
        t.add_(1)
        a, b = 1 - B1 ** t, 1 - B2 ** t
        for name in ps:
            m1[name].mul_(B1).add_(g[name], alpha=1 - B1)
            m2[name].mul_(B2).add_(g[name] * g[name], alpha=1 - B2)
            ps[name].sub_(LR / a * m1[name] / ((m2[name] / b).sqrt() + EPS))
        return l
    return lambda: step(ps, m1, m2, t, x, y)


def train():
    step = stepper()
    child.serve(torch.__version__, [step() for _ in range(5)], step)


def predict():
    m, x, _ = build()
    m.eval()
    x, f = x[:1], torch.compile(m) if mode == "compile" else m
    with torch.inference_mode():
        child.serve(torch.__version__, f(x).flatten()[:5], lambda: f(x))


def compile_():
    def once():
        torch._dynamo.reset()
        stepper()()
    torch.compile(lambda x: x + 1)(torch.ones(3))  # starts the compiler
    child.serve(torch.__version__, [], once)


def onnx():
    m, x, _ = build()
    m.eval()
    # The exporter of today unrolls an LSTM, the one before writes a node for it.
    today = {"dynamo": True, "opset_version": 18, "external_data": False, "verbose": False}
    options = {"dynamo": False, "opset_version": 17} if model == "lstm" else today
    torch.onnx.export(m, (x[:1],), os.path.join(folder, model + ".onnx"), input_names=["x"], **options)


torch.set_num_threads(int(threads))
{"onnx": onnx}.get(mode, {"train": train, "predict": predict, "compile": compile_}.get(kind))()
