"""
==========
Few labels
==========

Learn from texts that nobody has labelled, and find those that are worth a label next.
"""

# %%
# Many texts, 40 labels
# ---------------------
#
# Generated texts stand for real ones: half of the words of a text belong to its topic, of which
# a single text shows a few. 40 labelled texts do not hold most of the words, but the others tell
# which words stand together. ``subwords=False``, because the names of these words would give their
# topics away.

import numpy as np

from skrnn import LSTMTextClassifier

TOPICS, WORDS_OF_TOPIC, OTHER_WORDS = ("grain", "money", "metals", "energy"), 100, 200
rng = np.random.default_rng(0)


def write(topic):
    """Return a text of ten words."""
    own = [f"{topic}{rng.integers(WORDS_OF_TOPIC)}" for _ in range(5)]
    return " ".join(rng.permutation([*own, *(f"word{rng.integers(OTHER_WORDS)}" for _ in own)]))


labels = rng.choice(TOPICS, 600)
texts = np.array([write(topic) for topic in labels], dtype=object)
test, pool = np.arange(300), np.arange(300, 600)
few = pool[:40]

# %%
# ``X_unlabeled`` takes the texts without labels: the vocabulary and the start vectors come from
# all texts, and networks that learn from the labels alone label the others for the network that
# is kept.


def fit(labelled, *, unlabelled=None):
    """Return a small classifier."""
    clf = LSTMTextClassifier(
        units=16,
        embedding_dim=32,
        epochs=10,
        batch_size=8,
        consistency=0.0,
        subwords=False,
        random_state=0,
    )
    X_unlabeled = None if unlabelled is None else texts[unlabelled]
    return clf.fit(texts[labelled], labels[labelled], X_unlabeled=X_unlabeled)


def accuracy(clf):
    """Return the share of the test texts that are classified correctly."""
    return clf.score(texts[test], labels[test])


print(f"labels alone:    {accuracy(fit(few)):.3f}")
clf = fit(few, unlabelled=np.setdiff1d(pool, few))
print(f"with the others: {accuracy(clf):.3f}")

# %%
# The next labels
# ---------------
#
# A text about which the classifier is unsure says more than one that it knows. The margin between
# the two most probable classes tells how sure it is. Ask for the 40 texts with the smallest
# margin.

unlabelled = np.setdiff1d(pool, few)
probabilities = np.sort(clf.predict_proba(texts[unlabelled]), axis=1)
margins = probabilities[:, -1] - probabilities[:, -2]
asked = unlabelled[np.argsort(margins)[:40]]
labelled = np.concatenate([few, asked])
more = fit(labelled, unlabelled=np.setdiff1d(pool, labelled))
print(f"40 more labels:  {accuracy(more):.3f}")

# %%
# Where they are
# --------------
#
# ``document_vectors`` returns the vectors from which the classifier decides. In two dimensions
# the classes are islands. Look at where the circles are: the texts that were asked for
# lie between the islands.

import matplotlib.pyplot as plt
from sklearn.decomposition import PCA

from skrnn.inspection import document_vectors

points = PCA(2, random_state=0).fit_transform(document_vectors(clf, texts[unlabelled]))
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
for name in TOPICS:
    ax.scatter(*points[labels[unlabelled] == name].T, s=12, alpha=0.6, label=name)
circled = np.isin(unlabelled, asked)
ax.scatter(*points[circled].T, s=50, facecolors="none", edgecolors="black", label="worth a label")
ax.set(xlabel="first component", ylabel="second component")
ax.legend()
plt.show()
