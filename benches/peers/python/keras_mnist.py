"""Keras' side of `examples/mnist.rs`: the same model, data, batches and epochs, timed epoch by epoch.

    python keras_mnist.py FOLDER [EPOCHS] [SEED]

The backend is the one that KERAS_BACKEND names. The times of Wengert are those that the example prints.
"""

import gzip
import pathlib
import statistics
import sys
import time

import keras
import numpy as np


def read(folder, part):
    """Rows of 784 pixels from 0 to 1, and labels."""
    images = unpacked(folder / f"{part}-images-idx3-ubyte")[16:]
    labels = unpacked(folder / f"{part}-labels-idx1-ubyte")[8:]
    pixels = np.frombuffer(images, np.uint8).reshape(-1, 784).astype("float32") / 255
    return pixels, np.frombuffer(labels, np.uint8).astype("int32")


def unpacked(path):
    return path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())


class Clock(keras.callbacks.Callback):
    """The seconds of each epoch."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.begun)


def main():
    folder = pathlib.Path(sys.argv[1])
    n_epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    keras.utils.set_random_seed(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    x_train, y_train = read(folder, "train")
    model = keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(256, "relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(128, "relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(10, "softmax"),
    ])
    n_steps = n_epochs * -(-len(x_train) // 128)
    rate = keras.optimizers.schedules.CosineDecay(0.002, n_steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    clock = Clock()
    model.fit(x_train, y_train, batch_size=128, epochs=n_epochs, verbose=2, callbacks=[clock])
    print("on the 10,000 digits that it has not seen:", model.evaluate(*read(folder, "t10k"), verbose=0))
    # The first epoch compiles and says nothing of the others.
    later = clock.seconds[1:] or clock.seconds
    words = "keras {} on {}: {:.3f} s per epoch in the median, {:.3f} s at least, {:.3f} s the first"
    print(words.format(keras.__version__, keras.backend.backend(), statistics.median(later), min(later), clock.seconds[0]))


main()
