"""
==================
Search with Optuna
==================

Let every trial learn from those before it, and stop the hopeless ones early.

It takes ``pip install ".[optuna]"``.
"""

from sklearn.model_selection import train_test_split

from skrnn.datasets import make_word_order_corpus

X, y = make_word_order_corpus(400, length=8, random_state=0)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.3, random_state=0)

# %%
# A study that prunes
# -------------------
#
# :func:`~skrnn.model_selection.default_search_space` speaks Optuna's language too, and
# ``Study.ask`` takes all of it at once. Here it keeps the learning rate and the pooling: other
# widths and dropouts are other networks, which would have to be compiled.
#
# ``partial_fit`` trains an epoch; with ``consistency`` a number, as many calls as ``epochs`` says
# are the same as ``fit``. After each of them Optuna hears the accuracy, and says whether to go on:
# a trial is given up where it is worse than the median of those before it at that epoch.

import optuna

from skrnn import LSTMTextClassifier
from skrnn.model_selection import default_search_space

optuna.logging.set_verbosity(optuna.logging.WARNING)
space = default_search_space("optuna")
space = {name: space[name] for name in ("learning_rate", "pooling")}

study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.TPESampler(n_startup_trials=4, seed=0),
    pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=3),
)
for _ in range(12):
    trial = study.ask(space)
    clf = LSTMTextClassifier(
        units=16, embedding_dim=16, epochs=10, consistency=0.0, random_state=0, **trial.params
    )
    for epoch in range(clf.epochs):
        accuracy = clf.partial_fit(X_train, y_train).score(X_valid, y_valid)
        trial.report(accuracy, epoch)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            break
    else:
        study.tell(trial, accuracy)

print("best:", study.best_params, f"with {study.best_value:.3f}")

# %%
# How it went
# -----------
#
# Lines that end early are trials that were given up.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for trial in study.trials:
    reports = trial.intermediate_values
    is_best = trial.number == study.best_trial.number
    ax.plot(
        [epoch + 1 for epoch in reports],
        reports.values(),
        color="tab:blue" if is_best else "0.7",
        zorder=3 if is_best else 2,
        label="the best" if is_best else None,
    )
ax.set(xlabel="epoch", ylabel="accuracy on held-out texts")
ax.legend()
plt.show()

# %%
# As an estimator
# ---------------
#
# ``OptunaSearchCV`` is a search in scikit-learn's form, with cross-validation, and takes the same
# space::
#
#     from optuna_integration import OptunaSearchCV
#
#     search = OptunaSearchCV(LSTMTextClassifier(), default_search_space("optuna"), n_trials=50)
#     search.fit(X, y).predict(X)
#
# With a callback instead
# -----------------------
#
# Where ``fit`` should hold out texts by itself, a callback reports. ``fit`` copies
# callbacks, but a trial is part of its study, so the copy shares it::
#
#     class Pruning(keras.callbacks.Callback):
#         def __init__(self, trial):
#             super().__init__()
#             self.trial = trial
#
#         def on_epoch_end(self, epoch, logs):
#             self.trial.report(logs["val_accuracy"], epoch)
#             if self.trial.should_prune():
#                 raise optuna.TrialPruned
#
#         def __deepcopy__(self, memo):
#             return Pruning(self.trial)
#
#     def objective(trial):
#         rate = trial.suggest_float("learning_rate", 1e-3, 1e-2, log=True)
#         clf = LSTMTextClassifier(
#             learning_rate=rate, validation_split=0.2, callbacks=Pruning(trial)
#         )
#         return clf.fit(X, y).history_["val_accuracy"][-1]
#
#     study.optimize(objective, n_trials=50)
