"""What fits and predictions leave in memory, and what they take at the peak."""

import subprocess
import sys
import textwrap
import tracemalloc
from pathlib import Path

import pytest

from skrnn import SequenceVectorizer

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="memory is read from Linux' /proc"
)

PRELUDE = """
import gc, os
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[name] = "1"
import keras, numpy as np, skrnn
from skrnn import LSTMTextClassifier, SequenceVectorizer

def megabytes(field):
    gc.collect()
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in file if line.startswith(field))

def start():
    "Forget the peak so far and return what is taken now."
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return megabytes("VmRSS")

def make(**params):
    params = {"units": 4, "embedding_dim": 8, "epochs": 1, "random_state": 0, **params}
    return LSTMTextClassifier(**params)

texts, labels = ["wheat exports rose", "rates and bonds fell"] * 10, [0, 1] * 10
numbers = np.random.default_rng(0).normal(size=(20, 5))
"""


def measured(program):
    process = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return [float(number) for number in process.stdout.split()]


# `python benchmarks/reliability.py fits` does 200 of each.
@pytest.mark.parametrize(
    ("recycle", "params", "X", "fits", "threads"),
    [
        (True, "{}", "texts", 100, 1),
        (True, "{'units': 2 + number % 6, 'bidirectional': number % 2 == 0}", "texts", 20, 1),
        (False, "{'embedding_dim': (8, None)[number % 2]}", "(texts, numbers)[number % 2]", 24, 2),
    ],
    ids=["one architecture", "six architectures", "texts and numbers, recycle=False"],
)
def test_many_fits_leave_nothing_behind(recycle, params, X, fits, threads):
    (grown,) = measured(f"""
        os.environ["TF_NUM_INTRAOP_THREADS"] = "{threads}"
        for number in range({fits}):
            with skrnn.config_context(recycle={recycle}):
                X = {X}
                make(**{params}).fit(X, labels).predict(X)
            if number % 5 == 4:
                gc.collect()  # Keras' models are cycles; how many of them wait is chance
            if number == 9:
                before = megabytes("VmRSS")
        print(megabytes("VmRSS") - before)
    """)
    # Of every fit after the tenth; few fits take in more of what is chance.
    assert grown < (fits - 10) * (0.105 if fits == 100 else 0.5)


def test_fit_and_predict_take_memory_in_proportion_to_the_ids():
    """100,000 texts of 100 tokens, whose ids take 40 MB."""
    fitted, predicted, ids_fitted, ids_predicted = measured("""
        small = {"bidirectional": False, "pooling": "max"}
        make(**small).fit(texts, labels).predict(texts)
        rng = np.random.default_rng(0)
        words = np.array([f"w{index}" for index in range(2000)])
        share = np.cumsum(1 / np.arange(1, 2001))
        ids = np.concatenate([
            np.searchsorted(share, share[-1] * rng.random((10_000, 100))).astype(np.int32) + 1
            for _ in range(10)
        ])
        texts = [" ".join(row) for part in np.split(ids, 10) for row in words[part - 1].tolist()]
        labels = np.arange(len(texts)) % 4

        class Stop(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.stop_training = batch == 5

        for X in (texts, ids):
            before = start()
            clf = make(callbacks=Stop(), **small).fit(X, labels)
            print(megabytes("VmHWM") - before)
            before = start()
            clf.predict(X)
            print(megabytes("VmHWM") - before)
    """)
    assert max(fitted, ids_fitted) < 4 * 40
    # Of the ids of all texts there is never more than a block.
    assert max(predicted, ids_predicted) < 60


def test_unlabelled_texts_take_memory_in_proportion_to_their_ids():
    """100,000 texts of 100 tokens, whose ids take 40 MB."""
    (fitted,) = measured("""
        small = {"bidirectional": False, "pooling": "max"}
        make(**small).fit(texts[:10], labels[:10], X_unlabeled=texts)
        words = np.array([f"w{index}" for index in range(2000)])
        share = np.cumsum(1 / np.arange(1, 2001))
        rng = np.random.default_rng(0)
        texts = []
        for _ in range(10):
            ids = np.searchsorted(share, share[-1] * rng.random((10_000, 100)))
            texts += [" ".join(row) for row in words[ids].tolist()]

        class Stop(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.stop_training = batch == 5

        before = start()
        clf = make(callbacks=Stop(), **small)
        clf.fit(texts[:1000], np.arange(1000) % 4, X_unlabeled=texts[1000:])
        print(megabytes("VmHWM") - before)
    """)
    assert fitted < 4 * 40


def test_a_vectorizer_learns_from_a_stream_in_flat_memory():
    words = [f"w{index}" for index in range(1100)]

    def peak(n_texts):
        texts = (" ".join(words[i % 1000 : i % 1000 + 100]) for i in range(n_texts))
        tracemalloc.start()
        try:
            SequenceVectorizer().fit(texts)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # Two blocks of texts, however many there are: 11,000 texts more take 4 MB as ids.
    assert peak(33_000) < peak(22_000) + 1e6
