"""JAX's side of `cargo xtask compare`: a whole step is one compiled function, whose buffers are reused."""

import os

import protocol

# XLA has no option for this: it takes one thread for each core that it sees, so it may see no more.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: protocol.threads()])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

HIDDEN = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}
RANDOM = np.random.default_rng(0)


def uniform(*shape, bound=1.0):
    return jnp.asarray(RANDOM.uniform(-bound, bound, shape).astype(np.float32))


def parameters(sizes):
    return [(uniform(n_in, n_out, bound=n_in**-0.5), jnp.zeros(n_out)) for n_in, n_out in zip(sizes, sizes[1:])]


def forward(layers, x, hidden):
    for weight, bias in layers[:-1]:
        x = HIDDEN[hidden](x @ weight + bias)
    weight, bias = layers[-1]
    return x @ weight + bias


def squared_error(output, y):
    return jnp.mean((output - y) ** 2)


def cross_entropy(output, y):
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(output) * y, axis=1))


def adam(state, gradients, rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    layers, means, squares, count = state
    count = count + 1
    means = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, means, gradients)
    squares = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, squares, gradients)
    scale, root = rate / (1 - beta1**count), 1 / jnp.sqrt(1 - beta2**count)
    update = lambda p, m, v: p - scale * m / (jnp.sqrt(v) * root + epsilon)
    return jax.tree.map(update, layers, means, squares), means, squares, count


def training(sizes, hidden, loss, optimizer, batch):
    layers = parameters(sizes)
    x = uniform(batch, sizes[0])
    if loss == "mse":
        criterion, y = squared_error, uniform(batch, sizes[-1])
    else:
        criterion, y = cross_entropy, jax.nn.one_hot(np.arange(batch) * 7 % sizes[-1], sizes[-1])
    rate = protocol.RATES[optimizer]
    zeros = lambda: jax.tree.map(jnp.zeros_like, layers)
    state = (layers, zeros(), zeros(), jnp.float32(0)) if optimizer == "adam" else (layers,)

    def one_step(state, x, y):
        value, gradients = jax.value_and_grad(lambda layers: criterion(forward(layers, x, hidden), y))(state[0])
        if optimizer == "adam":
            return adam(state, gradients, rate), value
        return (jax.tree.map(lambda p, g: p - rate * g, state[0], gradients),), value

    compiled = jax.jit(one_step, donate_argnums=0)

    def step():
        nonlocal state
        state, value = compiled(state, x, y)
        jax.block_until_ready((state, value))

    return step


def inference(sizes, hidden, batch):
    layers, x = parameters(sizes), uniform(batch, sizes[0])
    compiled = jax.jit(lambda layers, x: forward(layers, x, hidden))
    return lambda: compiled(layers, x).block_until_ready()


def prepare(kind, words):
    if kind == "train":
        return training(*protocol.train_words(words))
    if kind == "infer":
        return inference(*protocol.infer_words(words))
    return None


protocol.answer(jax.__version__, prepare)
