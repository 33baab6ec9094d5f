"""What every contestant of `cargo xtask compare` is asked, and how it answers: `benches/protocol` in Python."""

import json
import os
import statistics
import sys
import time

N_BATCHES = 25
MIN_BATCHES = 3
RATES = {"sgd": 0.01, "adam": 0.001}


def threads():
    """How many threads a contestant may use."""
    return int(os.environ.get("RAYON_NUM_THREADS") or os.cpu_count())


def answer(version, prepare):
    """Measures each row of the command line. `prepare(kind, words)` returns the step to repeat, or None."""
    seconds = float(sys.argv[1])
    for row in sys.argv[2:]:
        kind, *words = row.split(" ")
        step = prepare(kind, words)
        result = {"error": "no such row"} if step is None else {**measure(step, seconds), "version": version}
        print(json.dumps({"row": row, **result}), flush=True)


def measure(step, seconds):
    """Repeats `step` for about this many seconds, after a warm-up of a fifth of it."""
    n_steps = steps_in(step, seconds / 5, seconds / N_BATCHES)
    batches = []
    start = time.perf_counter()
    while len(batches) < MIN_BATCHES or time.perf_counter() - start < seconds:
        batches.append(batch_of(step, n_steps) * 1e6 / n_steps)
    return {
        "median_us": statistics.median(batches),
        "min_us": min(batches),
        "n_batches": len(batches),
        "peak_kb": peak_kb(),
        "flops": None,
    }


def steps_in(step, warm_up, batch):
    """Warms up, and finds how many steps fill a batch: their number is doubled until they take long enough."""
    # The first step may allocate and compile what the others use: it says nothing of them.
    step()
    start = time.perf_counter()
    n_steps = 1
    while True:
        elapsed = batch_of(step, n_steps)
        if elapsed < batch / 2:
            n_steps *= 2
        elif time.perf_counter() - start >= warm_up:
            return max(int(batch / elapsed * n_steps), 1)


def batch_of(step, n_steps):
    """The seconds that so many steps take."""
    start = time.perf_counter()
    for _ in range(n_steps):
        step()
    return time.perf_counter() - start


def peak_kb():
    """The most memory that this process ever had, in KiB; only Linux tells."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return None


def train_words(words):
    """`10-100-100-1 relu mse adam 32` in parts."""
    sizes, hidden, loss, optimizer, batch = words
    return [int(size) for size in sizes.split("-")], hidden, loss, optimizer, int(batch)


def infer_words(words):
    """`10-100-100-1 relu 1` in parts."""
    sizes, hidden, batch = words
    return [int(size) for size in sizes.split("-")], hidden, int(batch)
