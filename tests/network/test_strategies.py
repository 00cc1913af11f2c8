"""Training under the strategies of tf.distribute, in processes of their own."""

import json
import os
import socket
import subprocess
import sys

import pytest

COMMON = """
import hashlib, json, os, pickle, sys
import numpy as np
import tensorflow as tf
from skrnn import LSTMTextClassifier

# Every class has fifty words that it prefers.
rng = np.random.default_rng(0)
labels = np.arange(1300) % 4
own, any_word = rng.integers(50, size=(1300, 8)), rng.integers(200, size=(1300, 8))
words = np.where(rng.random((1300, 8)) < 0.3, 50 * labels[:, np.newaxis] + own, any_word)
texts = [" ".join(f"w{word}" for word in row) for row in words.tolist()]
X, y, X_test, y_test = texts[:500], labels[:500], texts[500:], labels[500:]

def make(**kwargs):
    params = {"units": 8, "embedding_dim": 16, "epochs": 10, "learning_rate": 0.02}
    params |= {"validation_split": 0.1, "random_state": 0}
    return LSTMTextClassifier(**{**params, **kwargs})

def report(clf):
    digest = hashlib.sha256(clf.predict_proba(X_test).tobytes())
    for weight in clf.model_.get_weights():
        digest.update(weight.tobytes())
    return {"digest": digest.hexdigest(), "score": clf.score(X_test, y_test)}
"""

MIRRORED = """
(cpu,) = tf.config.list_physical_devices("CPU")
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

def fit(n_samples=len(X), **kwargs):
    with strategy.scope():
        return make(**kwargs).fit(X[:n_samples], y[:n_samples])

clf = fit()
result = report(clf)
assert report(fit())["digest"] == result["digest"]  # deterministic
with strategy.scope():  # predicting, saving and going on work inside and outside
    assert report(clf)["digest"] == result["digest"]
again = pickle.loads(pickle.dumps(clf))
assert report(again)["digest"] == result["digest"]
n_epochs = clf.n_iter_
assert len(clf.partial_fit(X, y).history_["loss"]) == n_epochs + 1
# Three rows for two copies, then one: a copy without a row has no say.
rows = fit(31, batch_size=3, epochs=1, validation_split=0.0, optimizer="sgd")
numbers = np.random.default_rng(0).normal(size=(30, 5)), np.arange(60).reshape(30, 2) % 2
with strategy.scope():
    several = make(embedding_dim=None, validation_split=0.0, epochs=1, multilabel=True)
    assert np.isfinite(several.fit(*numbers).predict_proba(numbers[0])).all()
assert np.isfinite(report(rows)["score"])
decay = tf.keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
fit(20, epochs=1, validation_split=0.0, optimizer=tf.keras.optimizers.SGD(decay))
# One step of both is the step of one: without dropout nothing is drawn.
params = {"optimizer": "sgd", "learning_rate": 1.0, "schedule": None, "epochs": 1}
params |= {"global_clipnorm": None, "embedding_dim": None, "batch_size": 64, "shuffle": False}
params |= {"validation_split": 0.0, "label_smoothing": 0.5, "consistency": 1.0}
X_numbers, y_numbers = np.random.default_rng(0).normal(size=(40, 6)), np.arange(40) % 2
validation = {"X_val": X_numbers, "y_val": y_numbers}
one = make(**params).fit(X_numbers, y_numbers, **validation)
with strategy.scope():
    both = make(**params).fit(X_numbers, y_numbers, **validation)
    averaged = make(**(params | {"optimizer": tf.keras.optimizers.SGD(1.0, use_ema=True)}))
    averaged.fit(X_numbers, y_numbers)
for name in ("loss", "val_loss"):
    np.testing.assert_allclose(both.history_[name], one.history_[name], rtol=1e-5)
np.testing.assert_allclose(
    both.predict_proba(X_numbers), one.predict_proba(X_numbers), atol=1e-5
)
result["alone"] = make().fit(X, y).score(X_test, y_test)
print(json.dumps(result))
"""

WORKER = """
strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    try:
        make(random_state=None).fit(X, y)
    except ValueError as error:
        assert "on every worker" in str(error)
    clf = make().fit(X, y)
print(json.dumps(report(clf)))
"""


def start(script, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", COMMON + script],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result_of(process):
    out, err = process.communicate(timeout=500)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out.splitlines()[-1])


@pytest.fixture(scope="module")
def mirrored():
    return result_of(start(MIRRORED))


def test_copies_on_two_devices_learn_as_well_as_one(mirrored):
    assert mirrored["alone"] > 0.5  # of four classes: there is something to compare
    assert abs(mirrored["score"] - mirrored["alone"]) < 0.06  # two standard errors of 800 texts


def test_two_workers_end_with_the_same_weights(mirrored):
    with socket.socket() as one, socket.socket() as other:
        for listener in (one, other):
            listener.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{listener.getsockname()[1]}" for listener in (one, other)]
    workers = [
        start(
            WORKER,
            TF_CONFIG=json.dumps(
                {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            ),
        )
        for index in (0, 1)
    ]
    results = [result_of(worker) for worker in workers]
    assert results[0] == results[1]
    # And with the same as two devices of one process, for they split batches alike.
    assert results[0]["digest"] == mirrored["digest"]
