"""
=====================
Classify short texts
=====================

From texts and labels to predictions, probabilities and a picture of the errors.
"""

# %%
# The texts
# ---------
#
# :func:`~skrnn.datasets.load_docstrings` reads what every installation of the package already
# holds: the first paragraphs of docstrings. The label says which package a text comes from.
# Names of the packages are cut out, so that a text has to be understood by its subject.

from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=600, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    docstrings.data, docstrings.target, test_size=0.3, stratify=docstrings.target, random_state=0
)
for text, label in zip(X_train[:4], y_train[:4], strict=True):
    print(f"{docstrings.target_names[label]:12} {text[:75]}")

# %%
# Fit and score
# -------------
#
# Texts go in as they are. The classifier cuts them into words, learns a vocabulary and a
# vector for every word, and trains a bidirectional LSTM. Everything has a default;
# ``random_state`` makes the result repeatable.

from skrnn import LSTMTextClassifier

clf = LSTMTextClassifier(random_state=0)
clf.fit(X_train, y_train)

# %%
# The parameters that differ from the default are what the representation above shows. The
# test texts are new to the classifier:

print(f"accuracy: {clf.score(X_test, y_test):.3f}")

# %%
# Always look at a linear model of word counts beside it: it trains in a moment, and where single
# words decide it is hard to beat. :ref:`sphx_glr_auto_examples_first_steps_plot_word_order.py`
# shows the other case.

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
linear.fit(X_train, y_train)
print(f"accuracy of the linear model: {linear.score(X_test, y_test):.3f}")

# %%
# Probabilities
# -------------
#
# ``predict_proba`` has a column for every entry of ``classes_``. Here the labels are numbers,
# and the names are those of the corpus.

import numpy as np

new = ["Draw samples from a normal distribution.", "Fit the estimator to the training data."]
for text, row in zip(new, clf.predict_proba(new), strict=True):
    best = np.argmax(row)
    print(f"{docstrings.target_names[best]:12} {row[best]:.2f}   {text}")

# %%
# Where it errs
# -------------
#
# The classifier works in every tool of scikit-learn, for instance in its displays. Look off
# the diagonal: which packages are mistaken for each other?

import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay

fig, ax = plt.subplots(figsize=(6, 5), layout="constrained")
ConfusionMatrixDisplay.from_estimator(
    clf,
    X_test,
    y_test,
    display_labels=docstrings.target_names,
    normalize="true",
    values_format=".2f",
    cmap="Blues",
    xticks_rotation=30,
    ax=ax,
)
ax.set_title("Share of each package's texts")
plt.show()
