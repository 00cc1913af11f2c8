"""
=====================================
A network and a linear model together
=====================================

Two kinds of evidence, a text on which they differ, and which one is right.
"""

# %%
# One classifier, two parts
# -------------------------
#
# The LSTM reads words in their order, through vectors in which related words are alike. The
# linear model has a weight for every word, pair of words and piece of a word: a long list, in
# which a rare name can decide. :class:`~skrnn.WideAndDeepTextClassifier` fits both and
# multiplies what they say.

from sklearn.model_selection import train_test_split

from skrnn import WideAndDeepTextClassifier
from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=1500, random_state=0)
labels = [docstrings.target_names[label] for label in docstrings.target]
X_train, X_test, y_train, y_test = train_test_split(
    docstrings.data, labels, test_size=0.25, stratify=labels, random_state=0
)
clf = WideAndDeepTextClassifier(random_state=0).set_params(
    deep__units=16, deep__embedding_dim=32, deep__epochs=15, deep__learning_rate=0.01
)
clf.fit(X_train, y_train)
for name, part in {"LSTM": clf.deep_, "linear": clf.wide_, "both": clf}.items():
    print(f"{name:7}{part.score(X_test, y_test):.3f}")

# %%
# With 1,000 texts or more, a tenth is held out from the network and used to choose the exponents
# of the two:

print(f"LSTM {clf.deep_weight_:.2f}, linear {clf.wide_weight_:.2f}")

# %%
# Where they differ
# -----------------
#
# Each cell is a number of test texts. Where both parts agree, their product agrees as well. Look
# at the second and the third row: how often is the product right?

import numpy as np

y = np.array(y_test)
of_lstm, of_linear, of_both = (part.predict(X_test) for part in (clf.deep_, clf.wide_, clf))
groups = {
    "both parts are right": (of_lstm == y) & (of_linear == y),
    "only the LSTM is right": (of_lstm == y) & (of_linear != y),
    "only the linear model is right": (of_lstm != y) & (of_linear == y),
    "neither is right": (of_lstm != y) & (of_linear != y),
}
for name, rows in groups.items():
    n_right = np.sum((of_both == y) & rows)
    print(f"{name:32}{rows.sum():4} texts, their product is right in {n_right:4}")

# %%
# One text
# --------
#
# Of the texts that one part alone and the product get right, this is the one on which the product
# is surest:

differ = groups["only the LSTM is right"] | groups["only the linear model is right"]
rows = np.flatnonzero(differ & (of_both == y))
row = rows[clf.predict_proba([X_test[row] for row in rows]).max(axis=1).argmax()]
text = X_test[row]
print(text)
print(f"It is from {y[row]}; the LSTM says {of_lstm[row]}, the linear model {of_linear[row]}.")

# %%
# What each token adds to the answer, from both parts together. What the linear model finds in
# pieces of a word counts for the word:

from skrnn.inspection import TokenAttributionDisplay

display = TokenAttributionDisplay.from_estimator(clf, text)
print(display)
display

# %%
# And how probable the right answer is to each of them:

import matplotlib.pyplot as plt

names = ["LSTM", "linear", "both"]
fig, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
for ax, name, part in zip(axes, names, (clf.deep_, clf.wide_, clf), strict=True):
    colors = ["C0" if label == y[row] else "C7" for label in clf.classes_]
    ax.bar(clf.classes_, part.predict_proba([text])[0], color=colors)
    ax.set(title=name, ylim=(0, 1))
axes[0].set(ylabel="probability (blue: the right answer)")
plt.show()
