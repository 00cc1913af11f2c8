"""
==========================================================
Callbacks of scikit-learn, validation data and checkpoints
==========================================================

Every epoch of a fit is a task that scikit-learn's callbacks (1.9 or later) are told of, texts of
your own can judge it, and a long fit can go on from a file after the process was killed.
"""

from sklearn.model_selection import train_test_split

from skrnn import LSTMTextClassifier
from skrnn.datasets import load_docstrings

texts, labels = load_docstrings(return_X_y=True, max_samples=600, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(texts, labels, stratify=labels, random_state=0)

# %%
# Scores of every epoch
# ---------------------
#
# `ScoringMonitor` scores the training texts after every epoch. `ProgressBar` would show a bar: set
# on a `GridSearchCV` it has one for the search and one for every fit below it.
#
# ``X_val`` and ``y_val`` are judged after every epoch, too. In a pipeline,
# ``Pipeline(steps, transform_input=["X_val"])`` takes them through the steps before.

from sklearn.callback import ScoringMonitor

params = {"units": 16, "embedding_dim": 32, "epochs": 8, "random_state": 0}
monitor = ScoringMonitor(scoring="f1_macro")
clf = LSTMTextClassifier(**params).set_callbacks(monitor)
clf.fit(X_train, y_train, X_val=X_val, y_val=y_val)

epochs = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
print("epoch   macro F1, training   accuracy, validation")
for row, accuracy in zip(epochs, clf.history_["val_accuracy"], strict=True):
    print(f"{row['task_id'] + 1:5}{row['f1_macro']:21.3f}{accuracy:23.3f}")

# %%
# The same as curves. Where the two part, the network learns more about the training texts than
# about texts of their kind.

import matplotlib.pyplot as plt

from skrnn.inspection import TrainingHistoryDisplay

TrainingHistoryDisplay.from_estimator(clf)
plt.show()

# %%
# A fit that survives
# -------------------
#
# ``checkpoint`` names a file that is written after every epoch. Here a callback stands for the
# power cut, in the fourth epoch. The same call then goes on from the third, and ends as if
# nothing had happened.

import tempfile
from pathlib import Path

import keras


class PowerCut(keras.callbacks.Callback):
    """Fails in the middle of the fourth epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        """Fail."""
        if epoch == 3:
            raise RuntimeError("the lights went out")


folder = tempfile.TemporaryDirectory()
again = LSTMTextClassifier(**params, checkpoint=Path(folder.name, "fit.checkpoint"))
try:
    again.set_params(callbacks=PowerCut()).fit(X_train, y_train)
except RuntimeError as error:
    print(error)

again.set_params(callbacks=None).fit(X_train, y_train)
print("equal in the last bit:", (again.predict_proba(X_val) == clf.predict_proba(X_val)).all())
folder.cleanup()
