"""NumPy's side of `cargo xtask compare`: products of matrices, with the BLAS that it comes with."""

import numpy as np

import protocol


def prepare(kind, words):
    if kind not in ("nn", "tn", "nt"):
        return None
    m, k, n = (int(size) for size in words[0].split("x"))
    random = np.random.default_rng(0)
    matrix = lambda n_rows, n_cols: random.uniform(-1, 1, (n_rows, n_cols)).astype(np.float32)
    left = matrix(k, m).T if kind == "tn" else matrix(m, k)
    right = matrix(n, k).T if kind == "nt" else matrix(k, n)
    result = np.empty((m, n), np.float32)
    return lambda: np.matmul(left, right, out=result)


protocol.answer(np.__version__, prepare)
