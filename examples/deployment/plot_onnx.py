"""
=====================================
From the classifier to ONNX and Keras
=====================================

A file without pickle, a graph that runs without TensorFlow, and a plain Keras model.
"""

from sklearn.model_selection import train_test_split

from skrnn import LSTMTextClassifier
from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=800, random_state=0)
labels = [docstrings.target_names[label] for label in docstrings.target]
X_train, X_test, y_train, y_test = train_test_split(
    docstrings.data, labels, test_size=0.25, stratify=labels, random_state=0
)
clf = LSTMTextClassifier(units=16, embedding_dim=32, epochs=10, learning_rate=0.02, random_state=0)
clf.fit(X_train, y_train)

# %%
# Python to Python
# ----------------
#
# ``save`` writes one file with the vocabulary, the weights and the parameters. Unlike a pickle
# it runs nothing when it is loaded, so it may come from anybody.

import tempfile
from pathlib import Path

import numpy as np

import skrnn

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "docstrings.skrnn")
clf.save(path)
loaded = skrnn.load(path)
print(f"{path.stat().st_size / 1e6:.2f} MB")
print("same:", np.array_equal(loaded.predict_proba(X_test), clf.predict_proba(X_test)))

# %%
# To ONNX
# -------
#
# :func:`~skrnn.export.to_onnx` turns the network into a graph of standard operators. What it
# needs to make ids of texts and labels of probabilities is in the graph's metadata.

import json

from skrnn.export import to_ids, to_onnx

path = Path(folder.name, "docstrings.onnx")
model = to_onnx(clf, path)
metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
print(f"{path.stat().st_size / 1e6:.2f} MB")
print("operators:", *sorted({node.op_type for node in model.graph.node}))
for key, value in metadata.items():
    print(f"{key}: {str(value)[:70]}")

# %%
# Running it takes onnxruntime, NumPy and a few lines that cut texts into words. Neither TensorFlow
# nor this package has a part in what follows.

import re

import onnxruntime

session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
id_of = {word: number for number, word in enumerate(metadata["vocabulary"], start=2)}
# What the default vectorizer makes of composed Latin letters: words, and every other sign alone.
# It cuts other scripts, decomposed letters and emoji otherwise: there take the function that
# ``SequenceVectorizer().build_analyzer()`` returns, which does without TensorFlow.
token = re.compile(r"\w+|[^\w\s]")
UNKNOWN = 1
number_of = {part: -number for number, part in enumerate(metadata["parts"], start=1)}


def entries(word):
    """Return the id of a word, or, of a word unseen in training, 1 and the word's parts."""
    if word in id_of:
        return [id_of[word]]
    marked = f"<{word}>"
    parts = [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
    return [UNKNOWN, *(number_of[part] for part in dict.fromkeys(parts) if part in number_of)]


def probabilities(texts):
    """Return the probabilities of texts, of shape (n_texts, n_classes)."""
    maxlen = metadata["vectorizer"]["maxlen"]
    words = [token.findall(text.lower())[:maxlen] for text in texts]
    rows = [[number for word in row for number in entries(word)] or [UNKNOWN] for row in words]
    ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)  # 0 is padding
    for row, numbers in zip(ids, rows, strict=True):
        row[: len(numbers)] = numbers
    return session.run(None, {"ids": ids})[0]


for text, row in zip(X_test[:3], probabilities(X_test[:3]), strict=True):
    print(f"{metadata['classes'][row.argmax()]:14}{row.max():.2f}  {text[:60]}")

# %%
# The same answers
# ----------------
#
# Single precision leaves a difference in the last digits. Every point is a test text and a class.

difference = np.abs(probabilities(X_test) - clf.predict_proba(X_test)).max()
print(f"largest difference: {difference:.1e}")
assert difference < 1e-4

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(4.5, 4.5), layout="constrained")
ax.scatter(clf.predict_proba(X_test), probabilities(X_test), s=8, alpha=0.5)
ax.set(xlabel="predict_proba", ylabel="ONNX graph", aspect="equal")
plt.show()

# %%
# To Keras
# --------
#
# ``to_keras`` returns a model of Keras' own layers. It can be saved, loaded where this package
# is not installed, and exported from there as a SavedModel.

keras_model = clf.to_keras()
ids = to_ids(clf, X_test)
difference = np.abs(keras_model.predict(ids, verbose=0) - clf.predict_proba(X_test)).max()
print(f"largest difference: {difference:.1e}")
print("layers:", *sorted({type(layer).__name__ for layer in keras_model.layers}))
folder.cleanup()
