"""
=======================
Several labels per text
=======================

A label indicator matrix as y, and probabilities that are independent of each other.
"""

# %%
# Texts of several packages
# -------------------------
#
# Every text is glued together from one to three docstrings. Its labels are the packages that they
# come from: a row of y has a 1 for each.

import numpy as np

from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=3000, random_state=0)
rng = np.random.default_rng(0)
X, y = [], np.zeros((1200, len(docstrings.target_names)), dtype=int)
for row in y:
    parts = rng.choice(len(docstrings.data), size=rng.integers(1, 4), replace=False)
    X.append(" ".join(docstrings.data[part] for part in parts))
    row[docstrings.target[parts]] = 1
X_train, X_test, y_train, y_test = X[:900], X[900:], y[:900], y[900:]
print("texts with 1, 2, 3 labels:", np.bincount(y.sum(axis=1))[1:])

# %%
# Fit
# ---
#
# Nothing has to be said: rows of y that do not all sum to 1 mean independent labels
# (``multilabel="auto"``). A matrix whose rows do is taken as one-hot; ``multilabel=True`` makes it
# independent labels too.

from skrnn import LSTMTextClassifier

clf = LSTMTextClassifier(units=16, embedding_dim=32, epochs=10, learning_rate=0.01, random_state=0)
clf.fit(X_train, y_train)
clf.predict(X_test[:3])

# %%
# The probabilities of a row do not sum to 1. ``predict`` says yes above 0.5.

print(docstrings.target_names)
print(clf.predict_proba(X_test[:3]).round(2))

# %%
# Scores
# ------
#
# ``score`` is the share of texts with all labels right, a strict measure. The others look at
# single labels.

from sklearn.metrics import classification_report, label_ranking_average_precision_score

print(f"all labels right:  {clf.score(X_test, y_test):.3f}")
ranking = label_ranking_average_precision_score(y_test, clf.predict_proba(X_test))
print(f"ranking precision: {ranking:.3f}")
print(
    classification_report(
        y_test, clf.predict(X_test), target_names=docstrings.target_names, zero_division=0
    )
)

# %%
# Label by label
# --------------
#
# One network finds all labels at once. Look for the label with the lowest curve: it is the one to
# collect texts for.

import matplotlib.pyplot as plt
from sklearn.metrics import RocCurveDisplay

fig, ax = plt.subplots(figsize=(5.5, 4.5), layout="constrained")
for label, name in enumerate(docstrings.target_names):
    RocCurveDisplay.from_predictions(
        y_test[:, label], clf.predict_proba(X_test)[:, label], name=name, ax=ax
    )
ax.plot([0, 1], [0, 1], color="gray", linestyle="--", label="guessing")
ax.set(xlabel="false positive rate", ylabel="true positive rate")
ax.legend(loc="lower right")
plt.show()
