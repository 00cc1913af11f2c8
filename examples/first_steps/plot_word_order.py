"""
===============================
When the order of words decides
===============================

A corpus that no bag of words can tell apart, and what an LSTM makes of it.
"""

# %%
# A generated corpus
# ------------------
#
# In :func:`~skrnn.datasets.make_word_order_corpus` every text holds the two words of a pair, such
# as "north" and "south". The class is 1 where they come in this order. Both classes have the
# same words equally often, and so they have the same pairs of neighbours.

from skrnn.datasets import make_word_order_corpus

X, y = make_word_order_corpus(1200, random_state=0)
X_train, X_test, y_train, y_test = X[:900], X[900:], y[:900], y[900:]
for text, label in zip(X[:4], y[:4], strict=True):
    print(label, text)

# %%
# A linear model of words and pairs of words has nothing to go by, and guesses:

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

scores = {}
for n in (1, 2):
    linear = make_pipeline(TfidfVectorizer(ngram_range=(1, n)), LinearSVC())
    scores[f"linear,\n1 to {n} words" if n > 1 else "linear,\nwords"] = linear.fit(
        X_train, y_train
    ).score(X_test, y_test)

# %%
# The LSTM reads the text from one end to the other, and carries along what it has seen.

from skrnn import LSTMTextClassifier

clf = LSTMTextClassifier(units=32, epochs=20, random_state=0).fit(X_train, y_train)
scores["LSTM"] = clf.score(X_test, y_test)
for name, score in scores.items():
    print(f"{' '.join(name.split()):22}{score:.3f}")

# %%
# Both halves of the answer matter. On this corpus nothing but order counts; on most corpora of
# topics hardly anything but the words does, and a linear model is a strong competitor.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
bars = ax.bar(list(scores), list(scores.values()), color=["C7", "C7", "C0"])
ax.bar_label(bars, fmt="%.2f", label_type="center", color="white")
ax.axhline(0.5, color="black", linewidth=0.8, linestyle="--", label="guessing", zorder=0)
ax.set(ylabel="accuracy on new texts")
ax.legend(loc="upper left")
plt.show()
