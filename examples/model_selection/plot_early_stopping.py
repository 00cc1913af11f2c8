"""
=================
Stop in good time
=================

How many epochs? Let the data that are held out decide, or choose like any other parameter.
"""

from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings

texts, labels = load_docstrings(return_X_y=True, max_samples=700, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    texts, labels, test_size=0.25, stratify=labels, random_state=0
)

# %%
# Too many epochs
# ---------------
#
# With a constant rate, no dropout and targets as they are, a network learns some hundred texts by
# heart. The more certain it gets, the worse it is where it errs, and the loss on held-out texts
# rises.

from skrnn import LSTMTextClassifier

careless = {
    "units": 16,
    "embedding_dim": 32,
    "epochs": 25,
    "schedule": None,
    "learning_rate": 2e-3,
    "dropout": 0.0,
    "embedding_dropout": 0.0,
    "word_dropout": 0.0,
    "label_smoothing": 0.0,
    "validation_split": 0.2,
    "random_state": 0,
}
clf = LSTMTextClassifier(**careless).fit(X_train, y_train)

# %%
# ``early_stopping=True`` stops once the loss of the held-out texts has not fallen for
# ``patience`` epochs, and goes back to the weights of the best one.

stopped = LSTMTextClassifier(**careless, early_stopping=True, patience=4).fit(X_train, y_train)
print(f"{'':18}{'epochs':>8}{'accuracy':>10}{'log loss':>10}")

from sklearn.metrics import log_loss

for name, model in {"all epochs": clf, "early stopping": stopped}.items():
    loss = log_loss(y_test, model.predict_proba(X_test))
    print(f"{name:18}{model.n_iter_:8}{model.score(X_test, y_test):10.3f}{loss:10.3f}")

# %%
# In the picture the upper row is the fit of all epochs. The dashed line is the best epoch: look at
# how the loss rises to the right of it, while the accuracy hardly changes.

import matplotlib.pyplot as plt

from skrnn.inspection import TrainingHistoryDisplay

fig, axes = plt.subplots(2, 2, figsize=(9, 6), sharex=True, layout="constrained")
for row, title, model in zip(axes, ["all epochs", "early stopping"], [clf, stopped], strict=True):
    TrainingHistoryDisplay.from_estimator(model, ax=row)
    row[0].set_title(title)
for ax in axes[0]:
    ax.set_xlabel("")
plt.show()

# %%
# The default needs it less
# -------------------------
#
# The default comes with dropout, with smoothed targets, and with a learning rate that falls to
# nearly nothing by the last epoch, so that the end is a good place to stop. Early stopping would
# cut that descent short, and costs a part of the training texts.

default = LSTMTextClassifier(units=16, embedding_dim=32, random_state=0).fit(X_train, y_train)
loss = log_loss(y_test, default.predict_proba(X_test))
print(f"{'default':18}{default.n_iter_:8}{default.score(X_test, y_test):10.3f}{loss:10.3f}")
