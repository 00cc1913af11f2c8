"""
==========================
Texts that come in streams
==========================

Train with ``partial_fit`` while texts arrive, and test on each batch before it is learnt.
"""

# %%
# A stream
# --------
#
# Texts come two hundred at a time. A generator stands for a queue, a file that is too large, or
# a day's mail.

import numpy as np

from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=3600, random_state=0)
order = np.random.default_rng(0).permutation(len(docstrings.data))


def batches(size=200):
    """Yield texts and labels."""
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        yield [docstrings.data[row] for row in rows], docstrings.target[rows]


# %%
# The first call
# --------------
#
# The first call of ``partial_fit`` settles two things for good: the classes (``classes`` names
# those that are still to come) and the vocabulary. Of later words only the parts are read, so give
# the first call a good sample of texts, or a vocabulary. Here it is that of the first thousand
# texts.
#
# Every call trains one epoch on what it gets. The learning rate must not run out while the
# stream goes on, so it is kept constant.

from skrnn import LSTMTextClassifier, SequenceVectorizer

stream = batches()
first = [next(stream) for _ in range(5)]
X_first = [text for X, _ in first for text in X]
vectorizer = SequenceVectorizer(maxlen=100).fit(X_first)
print(f"{len(vectorizer.vocabulary_):,} words")

clf = LSTMTextClassifier(
    units=32,
    vectorizer=SequenceVectorizer(maxlen=100, vocabulary=vectorizer.vocabulary_),
    schedule=None,
    learning_rate=5e-3,
    random_state=0,
)
for _ in range(3):  # the sample is at hand: a few passes are free
    clf.partial_fit(X_first, np.concatenate([y for _, y in first]), classes=range(4))

# %%
# Test, then train
# ----------------
#
# Every further batch is new to the classifier when it is scored, and learnt afterwards.

accuracies = []
for X, y in stream:
    accuracies.append(clf.score(X, y))
    clf.partial_fit(X, y)
print(f"first three batches: {np.mean(accuracies[:3]):.3f}")
print(f"last three batches:  {np.mean(accuracies[-3:]):.3f}")
print("calls of partial_fit:", clf.n_iter_)

# %%
# Look at the level of the line, not at its jumps: two hundred texts leave an error of three
# points either way.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
seen = 1000 + 200 * np.arange(len(accuracies))
ax.plot(seen, accuracies, marker="o", label="batch")
running = np.convolve(accuracies, np.ones(5) / 5, mode="valid")
ax.plot(seen[4:], running, color="black", linewidth=2, label="mean of five")
ax.set(xlabel="texts seen before", ylabel="accuracy on the next 200")
ax.legend()
plt.show()

# %%
# A classifier can be put aside in between: ``clf.save(path, with_optimizer=True)`` keeps the state
# of the optimizer too, and ``partial_fit`` goes on from the file as if nothing had happened.
