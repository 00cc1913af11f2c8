"""
======================
Searches side by side
======================

Several fits at the same time, in threads or in processes.
"""

from skrnn.datasets import make_word_order_corpus

X, y = make_word_order_corpus(400, length=8, random_state=0)

# %%
# Threads
# -------
#
# TensorFlow lets go of Python's lock while it computes, so fits in threads do run side by side.
# They share the compiled networks of the process: as many are compiled as threads need
# at once. With a seed every fit gives the same result in whatever company it runs.

import time

import joblib
import numpy as np
from scipy.stats import loguniform
from sklearn.model_selection import RandomizedSearchCV

from skrnn import LSTMTextClassifier

search = RandomizedSearchCV(
    LSTMTextClassifier(
        units=8, embedding_dim=16, subwords=False, consistency=0.0, epochs=8, random_state=0
    ),
    {"learning_rate": loguniform(1e-3, 1e-1), "dropout": [0.0, 0.2, 0.5]},
    n_iter=6,
    cv=2,
    random_state=0,
)

results = {}
for n_jobs in (1, 2):
    start = time.perf_counter()
    with joblib.parallel_backend("threading", n_jobs=n_jobs):
        search.fit(X, y)
    seconds = time.perf_counter() - start
    results[n_jobs] = search.cv_results_["mean_test_score"]
    print(f"{n_jobs} at a time: {seconds:.1f} s, best: {search.best_score_:.3f}")
print("same scores:", np.array_equal(*results.values()))

# %%
# The second search finds compiled networks of the first, so the two times are no comparison.
# What threads gain depends on idle cores; on a single one they gain nothing.
#
# The candidates
# --------------
#
# Look at the learning rate: too low a rate learns nothing in eight epochs. The dropout matters
# less than that.

import matplotlib.pyplot as plt

tried = search.cv_results_
fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for dropout in (0.0, 0.2, 0.5):
    chosen = tried["param_dropout"] == dropout
    ax.scatter(
        tried["param_learning_rate"][chosen].astype(float),
        tried["mean_test_score"][chosen],
        label=f"dropout {dropout}",
    )
ax.set(
    xscale="log", xlim=(8e-4, 1.2e-1), xlabel="learning rate", ylabel="accuracy, mean of two folds"
)
ax.legend()
plt.show()

# %%
# Processes
# ---------
#
# ``n_jobs=2`` by itself starts processes (joblib's loky). Each imports TensorFlow and compiles
# its own networks, some seconds that only longer searches earn back. One thread each is
# enough; they inherit it from the environment::
#
#     export TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
#
# Other backends of joblib take the same search to other machines; the classifier is an
# ordinary estimator to them, and pickles like one.
