"""
=======================================
Training history and callbacks of Keras
=======================================

The history of a fit, in a picture and in numbers, and a callback of Keras in between.
"""

from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings

texts, labels = load_docstrings(return_X_y=True, max_samples=1200, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    texts, labels, test_size=0.25, stratify=labels, random_state=0
)

# %%
# Hold something out
# ------------------
#
# ``validation_split`` sets a share of the training texts aside, stratified by class, and has the
# network judged on it after every epoch. The result is in ``history_``, by the names that Keras
# uses.

from skrnn import LSTMTextClassifier
from skrnn.inspection import TrainingHistoryDisplay

clf = LSTMTextClassifier(
    units=32, embedding_dim=32, epochs=15, validation_split=0.2, random_state=0
)
clf.fit(X_train, y_train)
print({name: [round(value, 3) for value in values[-3:]] for name, values in clf.history_.items()})

# %%
# :class:`~skrnn.inspection.TrainingHistoryDisplay` draws it. Both losses fall, that of the
# held-out texts less. If it rose again, the network would be learning its training texts by heart,
# and fewer epochs or more dropout would help.

import matplotlib.pyplot as plt

display = TrainingHistoryDisplay.from_estimator(clf)
print("smallest loss of the held-out texts in epoch", display.best_epoch_)
plt.show()

# %%
# Dropout is off when the held-out texts are judged and on in training, which is why the
# training line may well be the worse one at first.
#
# A callback
# ----------
#
# Callbacks of Keras are called as by `keras.Model.fit`. The classifier copies them before every
# fit, so that fits do not get in each other's way; the copies, with what they collected, are in
# ``callbacks_``. This one notes the learning rate, which rises and falls once
# (``schedule="one_cycle"``).

from keras.callbacks import Callback


class NoteRate(Callback):
    """Note the learning rate of every batch."""

    def on_train_begin(self, logs=None):
        """Begin with an empty list."""
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        """Append the rate that the batch was trained with."""
        self.rates.append(float(self.model.optimizer.learning_rate))


clf.set_params(callbacks=NoteRate(), validation_split=0.0).fit(X_train, y_train)
print(f"accuracy on new texts: {clf.score(X_test, y_test):.3f}")

# %%
# The rate rises over the first tenth of the epochs and falls along a cosine after that.

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(clf.callbacks_[0].rates)
ax.set(xlabel="batch", ylabel="learning rate")
plt.show()
