"""
==============================
A pipeline and a grid search
==============================

Search the network's parameters and those of its vectorizer together.
"""

from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings

texts, labels = load_docstrings(return_X_y=True, max_samples=600, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    texts, labels, test_size=1 / 3, stratify=labels, random_state=0
)

# %%
# With the vectorizer inside
# --------------------------
#
# The classifier makes tokens of texts with a :class:`~skrnn.SequenceVectorizer`, a
# :class:`~sklearn.feature_extraction.text.CountVectorizer` that keeps the order of the words. Its
# parameters are reached through ``vectorizer__``. Every fold learns a vocabulary of its own,
# from its training part: no word of the part that judges leaks in.

import pandas as pd
from sklearn.model_selection import GridSearchCV

from skrnn import LSTMTextClassifier

# Few epochs of narrow vectors, without vectors for parts of words, keep this page short.
quick = {"embedding_dim": 32, "subwords": False, "epochs": 10, "learning_rate": 0.02}
grid = {"units": [8, 32], "vectorizer__max_features": [50, 500]}
search = GridSearchCV(LSTMTextClassifier(**quick, random_state=0), grid, cv=2)
search.fit(X_train, y_train)
print(search.best_params_)
print(f"accuracy on new texts: {search.score(X_test, y_test):.3f}")

# %%
# All candidates: how much do words count, how much the width of the network?

import matplotlib.pyplot as plt

results = pd.DataFrame(search.cv_results_)
table = results.pivot(
    index="param_vectorizer__max_features", columns="param_units", values="mean_test_score"
)
fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
table.plot(ax=ax, marker="o", logx=True)
ax.set(xlabel="words in the vocabulary", ylabel="accuracy, mean of two folds")
ax.legend(title="units")
plt.show()

# %%
# Why was that quick? Folds of one architecture share one compiled network: the first fit of each
# takes longest.

print(results[["param_units", "param_vectorizer__max_features", "mean_fit_time"]].round(2))

# %%
# With the vectorizer as a step
# -----------------------------
#
# In a :class:`~sklearn.pipeline.Pipeline` the vectorizer is a step of its own, and steps
# before it may change the texts. Padded ids go from one to the other. The names of the
# parameters start with those of the steps.

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skrnn import SequenceVectorizer


def first_sentences(texts):
    """Return the beginnings of the texts, up to the first full stop."""
    return [text.partition(". ")[0] for text in texts]


pipeline = Pipeline(
    [
        ("shorten", FunctionTransformer(first_sentences)),
        ("vec", SequenceVectorizer(max_features=500, maxlen=40)),
        ("clf", LSTMTextClassifier(units=32, **quick, random_state=0)),
    ]
)
search = GridSearchCV(pipeline, {"vec__lowercase": [True, False]}, cv=2)
search.fit(X_train, y_train)
print(search.best_params_)
print(f"accuracy on new texts: {search.score(X_test, y_test):.3f}")
search.best_estimator_
