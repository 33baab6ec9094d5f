"""PyTorch's side of `cargo xtask compare`, eager. With WENGERT_TORCH_ADAM=default Adam is not the fused one."""

import os

import torch
from torch import nn
from torch.nn import functional

import protocol

HIDDEN = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}


def model(sizes, hidden):
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n_in, n_out), HIDDEN[hidden]()]
    return nn.Sequential(*layers[:-1])


def training(sizes, hidden, loss, optimizer, batch):
    network = model(sizes, hidden)
    x = torch.rand(batch, sizes[0]) * 2 - 1
    if loss == "mse":
        criterion, y = functional.mse_loss, torch.rand(batch, sizes[-1]) * 2 - 1
    else:
        criterion, y = functional.cross_entropy, torch.arange(batch) * 7 % sizes[-1]
    rate = protocol.RATES[optimizer]
    if optimizer == "adam":
        fused = os.environ.get("WENGERT_TORCH_ADAM") != "default" or None
        rule = torch.optim.Adam(network.parameters(), lr=rate, fused=fused)
    else:
        rule = torch.optim.SGD(network.parameters(), lr=rate, fused=True)

    def step():
        rule.zero_grad(set_to_none=True)
        criterion(network(x), y).backward()
        rule.step()

    return step


def inference(sizes, hidden, batch):
    network = model(sizes, hidden).eval()
    x = torch.rand(batch, sizes[0]) * 2 - 1

    def step():
        with torch.inference_mode():
            network(x)

    return step


def product(layout, shape):
    m, k, n = (int(size) for size in shape.split("x"))
    left = torch.rand(k, m).t() if layout == "tn" else torch.rand(m, k)
    right = torch.rand(n, k).t() if layout == "nt" else torch.rand(k, n)
    result = torch.empty(m, n)
    return lambda: torch.mm(left, right, out=result)


def prepare(kind, words):
    if kind == "train":
        return training(*protocol.train_words(words))
    if kind == "infer":
        return inference(*protocol.infer_words(words))
    if kind in ("nn", "tn", "nt"):
        return product(kind, *words)
    return None


torch.set_num_threads(protocol.threads())
# As dfdx is told, and as XLA does by itself: gradients near zero must not cost a hundred times as much.
torch.set_flush_denormal(True)
torch.manual_seed(0)
protocol.answer(torch.__version__, prepare)
