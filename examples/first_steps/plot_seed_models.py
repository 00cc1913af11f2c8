"""
================================
Three shapes of an LSTM network
================================

A deep, a bidirectional and a deep bidirectional network, each by two or three parameters.

The three are those of an article that classified short Reuters newswires with Keras layers; the
page on :doc:`the models this package goes back to </seed>` has the whole comparison.
"""

# %%
# The texts
# ---------
#
# The newswires are used where Keras has them in its cache or can download them. Otherwise
# docstrings stand in, and the figures say nothing about newswires. The output tells which of the
# two this page was made with.

from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings, load_reuters

try:
    reuters = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)
except FileNotFoundError:
    corpus = "docstrings, because Reuters is neither cached nor to be had"
    texts, labels = load_docstrings(return_X_y=True, max_samples=500, random_state=0)
    X_train, X_test, y_train, y_test = train_test_split(
        texts, labels, test_size=0.3, stratify=labels, random_state=0
    )
else:
    corpus = "Reuters newswires"
    X_train, X_test = reuters.texts_train, reuters.texts_test
    y_train, y_test = reuters.y_train, reuters.y_test
print(f"{corpus}: {len(X_train)} texts to train with, {len(X_test)} to test with")

# %%
# The models
# ----------
#
# ``units`` is the width of a layer, ``depth`` the number of layers, and a bidirectional
# layer has ``units`` for either direction. In Keras each of these is a function that builds
# and compiles a model.

SHAPES = {
    "deep: 4 x 20": {"units": 20, "depth": 4, "bidirectional": False},
    "bidirectional: 20": {"units": 20, "depth": 1, "bidirectional": True},
    "deep bidirectional: 4 x 10": {"units": 10, "depth": 4, "bidirectional": True},
}

# %%
# Narrow networks have little to spare: they get less dropout than the default. Eight epochs keep
# this page short; the comparison named above takes 45.

import time

from skrnn import LSTMTextClassifier

histories = {}
print(f"{'model':28}{'accuracy':>9}{'weights':>10}{'seconds':>9}")
for name, shape in SHAPES.items():
    clf = LSTMTextClassifier(
        **shape,
        embedding_dim=32,
        epochs=8,
        dropout=0.2,
        embedding_dropout=0.3,
        random_state=0,
    )
    start = time.perf_counter()
    clf.fit(X_train, y_train)
    seconds = time.perf_counter() - start
    histories[name] = clf.history_
    accuracy = clf.score(X_test, y_test)
    print(f"{name:28}{accuracy:9.3f}{clf.model_.count_params():10,}{seconds:9.1f}")

# %%
# Nearly all weights are the vectors of the words. A constant answer, the most frequent class,
# is the least that a model should beat:

from sklearn.dummy import DummyClassifier

print(f"most frequent class: {DummyClassifier().fit(X_train, y_train).score(X_test, y_test):.3f}")

# %%
# How they learn
# --------------
#
# ``history_`` has the loss and the accuracy on the training texts after every epoch. Deep
# networks start slower: what the first layer learns has to come through the others.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, history in histories.items():
    ax.plot(range(1, len(history["loss"]) + 1), history["loss"], marker=".", label=name)
ax.set(xlabel="epoch", ylabel="loss on the training texts")
ax.legend()
plt.show()
