"""
====================
Sequences of numbers
====================

Measurements instead of words: the same classifier without an embedding.
"""

# %%
# Waves
# -----
#
# Each sequence is 60 measurements of two sensors. In one class the second sensor follows the
# first, in the other it leads. Noise hides it from the eye.

import numpy as np

rng = np.random.default_rng(0)
n_samples, n_steps = 400, 60
y = np.where(rng.random(n_samples) < 0.5, "follows", "leads")
phase = rng.uniform(0, 2 * np.pi, size=(n_samples, 1))
angle = phase + np.linspace(0, 6 * np.pi, n_steps)
lag = np.where(y == "follows", -1.0, 1.0)[:, np.newaxis]
X = np.stack([np.sin(angle), np.sin(angle + lag)], axis=-1)
X += rng.normal(scale=0.8, size=X.shape)
print(X.shape, "samples, steps, features")

import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
for ax, label in zip(axes, ("follows", "leads"), strict=True):
    ax.plot(X[y == label][0], marker=".", linewidth=0.8, label=["sensor 1", "sensor 2"])
    ax.set(title=f"sensor 2 {label}", xlabel="step")
axes[0].set_ylabel("measurement")
axes[0].legend(loc="upper right", fontsize="small")
plt.show()

# %%
# Fit
# ---
#
# ``embedding_dim=None`` says that X holds numbers. Dropout of words and of word vectors then has
# no meaning and is off. The network brings every sensor to a mean of 0 and a standard deviation
# of 1, so the unit of a measurement does not matter.

from sklearn.model_selection import cross_val_score

from skrnn import LSTMTextClassifier

clf = LSTMTextClassifier(embedding_dim=None, units=16, epochs=15, random_state=0)
scores = cross_val_score(clf, X, y, cv=3)
print(f"accuracy: {scores.mean():.3f} ± {scores.std():.3f}")

# %%
# A linear model of the 120 numbers of a sample does not see it, because the phase is arbitrary:

from sklearn.linear_model import LogisticRegression

scores = cross_val_score(LogisticRegression(max_iter=1000), X.reshape(n_samples, -1), y, cv=3)
print(f"linear model: {scores.mean():.3f} ± {scores.std():.3f}")

# %%
# How many steps does it take?
# ----------------------------
#
# An array has one length, in ``fit`` and in ``predict`` (a list of arrays may have many). So each
# length has a classifier of its own here. Look from which on the noise no longer matters.

lengths = [3, 6, 12, 24, 60]
accuracies = [cross_val_score(clf, X[:, :length], y, cv=2).mean() for length in lengths]

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(lengths, accuracies, marker="o")
ax.axhline(0.5, color="gray", linestyle="--", label="guessing")
ax.set(xlabel="steps of a sequence", ylabel="accuracy, mean of two folds")
ax.legend()
plt.show()
