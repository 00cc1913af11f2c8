"""
====================
Halve the candidates
====================

Give many candidates a few epochs, and only the better ones more.
"""

from skrnn.datasets import make_word_order_corpus

X, y = make_word_order_corpus(300, length=8, random_state=0)

# %%
# The search space
# ----------------
#
# :func:`~skrnn.model_selection.default_search_space` has ranges for the parameters that are worth
# a search. It is a dictionary, to take from and to add to. Here it keeps the learning rate and two
# ways of pooling: any other pooling, width or dropout is a network that has to be compiled, which
# would take longer than to train it on so few texts.

from skrnn.model_selection import default_search_space

space = default_search_space("random")
print("all of it:", ", ".join(space))
space = {
    "learning_rate": space["learning_rate"],
    "pooling": ["last", "max+mean+attention"],
}

# %%
# The search
# ----------
#
# The resource is ``epochs``: 2 for all candidates, 6 for the best third of them, 18 for the best
# third of these. The learning rate goes through its whole cycle each time, so that few
# epochs are a short training and not the start of a long one.

from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV

from skrnn import LSTMTextClassifier

search = HalvingRandomSearchCV(
    LSTMTextClassifier(units=16, embedding_dim=16, random_state=0),
    space,
    resource="epochs",
    min_resources=2,
    max_resources=18,
    n_candidates=9,
    factor=3,
    cv=2,
    random_state=0,
).fit(X, y)
print("best:", search.best_params_)
print("epochs:", search.n_resources_, "candidates:", search.n_candidates_)

# %%
# How it went
# -----------
#
# Every line is a candidate. What two epochs say about it is noisy; enough of the good ones
# get through.

from collections import defaultdict

import matplotlib.pyplot as plt

candidates = defaultdict(list)
results = search.cv_results_
for params, score in zip(results["params"], results["mean_test_score"], strict=True):
    name = f"{params['pooling']}, {params['learning_rate']:.5f}"
    candidates[name].append((params["epochs"], score))

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, points in candidates.items():
    ax.plot(*zip(*points, strict=True), marker="o", label=name)
ax.set(xlabel="epochs", ylabel="accuracy in two folds", xscale="log")
ax.set_xticks(search.n_resources_, search.n_resources_)
ax.minorticks_off()
ax.legend(title="pooling, learning rate", fontsize="small")
plt.show()
