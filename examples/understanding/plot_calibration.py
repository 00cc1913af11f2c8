"""
==========================
Can probabilities be used?
==========================

A reliability diagram, and :class:`~sklearn.calibration.CalibratedClassifierCV` around the
classifier.
"""

# %%
# Two classes
# -----------
#
# Is a text about SciPy? Half of the texts are for testing: a reliability diagram needs many.

from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=1400, random_state=0)
y = docstrings.target == docstrings.target_names.index("scipy")
X_train, X_test, y_train, y_test = train_test_split(
    docstrings.data, y, test_size=0.5, stratify=y, random_state=0
)

# %%
# Three ways to probabilities
# ---------------------------
#
# The first is the default. The second trains without dropout and on targets that are not
# smoothed, as one might to have the training texts right. The third has the second's
# probabilities corrected by a rising step function, fitted to parts of the training texts that
# the network has not seen.

from sklearn.calibration import CalibratedClassifierCV

from skrnn import LSTMTextClassifier

# Narrow vectors and few epochs keep this page short.
small = {"units": 16, "embedding_dim": 32, "epochs": 15, "random_state": 0}
default = LSTMTextClassifier(**small)
overfitted = LSTMTextClassifier(
    **small, dropout=0.0, embedding_dropout=0.0, word_dropout=0.0, label_smoothing=0.0
)
models = {
    "default": default,
    "overfitted": overfitted,
    "overfitted, calibrated": CalibratedClassifierCV(overfitted, method="isotonic", cv=2),
}
for model in models.values():
    model.fit(X_train, y_train)

# %%
# The log loss and the Brier score punish wrong certainty; smaller is better. The accuracy does
# not see it.

from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

probabilities = {name: model.predict_proba(X_test)[:, 1] for name, model in models.items()}
print(f"{'':24}{'accuracy':>10}{'log loss':>10}{'Brier':>8}")
for name, p in probabilities.items():
    print(
        f"{name:24}{accuracy_score(y_test, p > 0.5):10.3f}"
        f"{log_loss(y_test, p):10.3f}{brier_score_loss(y_test, p):8.3f}"
    )

# %%
# The diagram
# -----------
#
# Of the texts that get a probability near 0.7, seven in ten should be about SciPy: the closer to
# the diagonal the better. A line that is flatter than the diagonal belongs to a model that is
# too sure of itself. The histograms below show how often each is nearly certain.

import matplotlib.pyplot as plt
from sklearn.calibration import CalibrationDisplay

fig = plt.figure(figsize=(7, 6.5), layout="constrained")
grid = fig.add_gridspec(2, 3, height_ratios=[3, 1])
ax = fig.add_subplot(grid[0, :])
for column, (name, p) in enumerate(probabilities.items()):
    CalibrationDisplay.from_predictions(
        y_test, p, n_bins=8, strategy="quantile", name=name, ax=ax, color=f"C{column}"
    )
    below = fig.add_subplot(grid[1, column])
    below.hist(p, bins=20, range=(0, 1), color=f"C{column}")
    below.set_title(name, fontsize="small")
    below.set(xlabel="probability", ylabel="texts" if column == 0 else None)
ax.set(xlabel="mean probability of the texts in a bin", ylabel="share that is about SciPy")
ax.legend(loc="upper left")
plt.show()

# %%
# A calibrated classifier is several networks, one for each fold, and takes as many times as long
# to fit and to predict. Try the default's dropout and ``label_smoothing``, and
# ``label_smoothing=0.1``, first: they need one network.
