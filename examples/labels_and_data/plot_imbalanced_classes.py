"""
============
Rare classes
============

Weights, thresholds and the right score where one class is rare.
"""

# %%
# A rare class
# ------------
#
# Does a text come from Keras? Only one in ten does in what is kept here.

import numpy as np
from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings

docstrings = load_docstrings(random_state=0, max_samples=2400)
is_keras = docstrings.target == docstrings.target_names.index("keras")
rng = np.random.default_rng(0)
kept = np.concatenate(
    [
        rng.choice(np.flatnonzero(~is_keras), 1080, replace=False),
        rng.choice(np.flatnonzero(is_keras), 120, replace=False),
    ]
)
X_train, X_test, y_train, y_test = train_test_split(
    [docstrings.data[row] for row in kept],
    is_keras[kept],
    stratify=is_keras[kept],
    test_size=0.5,
    random_state=0,
)
print(f"{y_test.mean():.0%} of {len(y_test)} texts are of the rare class")

# %%
# Accuracy is no measure here: the answer "never" has 90 % of it. Balanced accuracy is the mean of
# the shares of both classes that are found; average precision looks at the order of the
# probabilities only.
#
# Three classifiers
# -----------------
#
# ``class_weight="balanced"`` lets every class count the same in the last fifth of the training.
# :class:`~sklearn.model_selection.TunedThresholdClassifierCV` leaves the training as it is and
# moves the probability from which on the answer is yes, by cross-validation.

from sklearn.base import clone
from sklearn.metrics import accuracy_score, average_precision_score, balanced_accuracy_score
from sklearn.model_selection import TunedThresholdClassifierCV

from skrnn import LSTMTextClassifier

# A narrow network keeps this page short; it has little to spare for dropout.
plain = LSTMTextClassifier(
    units=16,
    embedding_dim=32,
    dropout=0.2,
    embedding_dropout=0.3,
    epochs=20,
    learning_rate=0.01,
    random_state=0,
)
models = {
    "plain": plain,
    "class_weight='balanced'": clone(plain).set_params(class_weight="balanced"),
    "threshold tuned": TunedThresholdClassifierCV(
        plain, scoring="balanced_accuracy", cv=2, random_state=0
    ),
}
print(f"{'':26}{'accuracy':>10}{'balanced':>10}{'average precision':>19}")
for name, model in models.items():
    model.fit(X_train, y_train)
    answers, probabilities = model.predict(X_test), model.predict_proba(X_test)[:, 1]
    print(
        f"{name:26}{accuracy_score(y_test, answers):10.3f}"
        f"{balanced_accuracy_score(y_test, answers):10.3f}"
        f"{average_precision_score(y_test, probabilities):19.3f}"
    )

# %%
# Sixty texts of a class are few: expect other figures with another ``random_state``. What
# stays is that both remedies find more texts of the rare class, and that the threshold pays for
# them with accuracy.
#
# The trade
# ---------
#
# The curves show every threshold; the marks are where the answers change from no to yes. Look how
# far along its curve each mark lies.

import matplotlib.pyplot as plt
from sklearn.metrics import precision_recall_curve, precision_score, recall_score

fig, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
for colour, (name, model) in zip(["C0", "C1", "C2"], models.items(), strict=True):
    answers = model.predict(X_test)
    if name != "threshold tuned":  # its curve is that of "plain"
        precision, recall, _ = precision_recall_curve(y_test, model.predict_proba(X_test)[:, 1])
        ax.plot(recall, precision, color=colour, linewidth=1)
    ax.plot(
        recall_score(y_test, answers),
        precision_score(y_test, answers),
        "o",
        color=colour,
        markersize=9,
        label=name,
    )
ax.set(
    xlabel="recall: share of the rare class that is found",
    ylabel="precision: share of the finds that are right",
)
ax.legend(loc="upper right", fontsize="small")
plt.show()
