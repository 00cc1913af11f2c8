"""
========================
Word vectors of your own
========================

A few texts with labels, many without: vectors that were learnt on the many help with the few.
Where you have such texts, ``fit(X, y, X_unlabeled=...)`` is simpler
(:ref:`sphx_glr_auto_examples_labels_and_data_plot_few_labels.py`); here they stand for a source of
vectors.
"""

# %%
# Vectors from texts without labels
# ---------------------------------
#
# Any source of vectors will do: GloVe, word2vec or fastText files, gensim, or a table of your own.
# Here they come from the texts that have no labels. ``initialize`` makes a network without
# training it, and the vectors that it starts from need no labels: they are made of which words
# stand together.

import numpy as np
from sklearn.model_selection import train_test_split

from skrnn import LSTMTextClassifier
from skrnn.datasets import load_docstrings

texts, labels = load_docstrings(return_X_y=True, max_samples=4000, random_state=0)
few, many, y_few, y_many = train_test_split(
    texts, labels, train_size=200, stratify=labels, random_state=0
)

untrained = LSTMTextClassifier(units=1, embedding_dim=64, random_state=0)
untrained.initialize(many, np.arange(len(many)) % 2)
(table,) = untrained.model_.get_layer("embedding").get_weights()
# The first two rows are padding and the unknown word.
words = untrained.vectorizer_.get_vocabulary()
vectors = dict(zip(words[2:], table[2:], strict=True))

# %%
# A file in the format of GloVe and word2vec is read line by line, and only the words of the texts
# are kept.

import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "vectors.txt")
with path.open("w", encoding="utf-8") as file:
    for word, vector in vectors.items():
        print(word, *vector.round(4), file=file)

# %%
# With and without them
# ---------------------
#
# ``embedding_coverage_`` is the share of the words that have a vector; the others start at random,
# with the same spread. Look at what the vectors add with so few labels, and that frozen vectors
# learn less of the task.

params = {"units": 16, "embedding_dim": 64, "epochs": 20, "random_state": 0}
print(f"{'start':24}{'coverage':>9}{'accuracy':>9}")
for name, start in {
    "random": {"embeddings": "random"},
    "the 200 texts (default)": {},
    "the file": {"embeddings": path},
    "the file, frozen": {"embeddings": path, "trainable_embeddings": False},
}.items():
    clf = LSTMTextClassifier(**params, **start).fit(few, y_few)
    coverage = getattr(clf, "embedding_coverage_", float("nan"))
    print(f"{name:24}{coverage:9.2f}{clf.score(many, y_many):9.3f}")

folder.cleanup()

# %%
# A table in memory does as well: ``embeddings=vectors`` for a mapping, and gensim's
# `KeyedVectors`. Prefer a file for more than some thousand words: scikit-learn copies a mapping
# for every clone and writes it out where it shows parameters.
