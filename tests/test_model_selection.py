"""Search spaces, each in the searches that it is for."""

import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    ParameterGrid,
    ParameterSampler,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline

from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn._training.plan import make_plan
from skrnn.datasets import make_word_order_corpus
from skrnn.model_selection import default_search_space

KINDS = ["grid", "random", "optuna"]
X, Y = make_word_order_corpus(40, length=8, random_state=0)
TINY = {"units": 2, "embedding_dim": 2, "epochs": 1, "random_state": 0}


def space_of(kind, *names, **kwargs):
    """Return a part of a space."""
    if kind == "optuna":
        pytest.importorskip("optuna")
    space = default_search_space(kind, **kwargs)
    return {name: space[name] for name in names or space}


def draw(values, number, rng):
    """Return values of an entry of a space."""
    if hasattr(values, "rvs"):
        return values.rvs(number, random_state=rng).tolist()
    return list(values)


@pytest.mark.parametrize("kind", KINDS)
def test_spaces_hold_parameters(kind):
    defaults = LSTMTextClassifier().get_params()
    space = space_of(kind)
    assert set(space) <= set(defaults)
    prefixed = space_of(kind, prefix="lstmtextclassifier__")
    assert list(prefixed) == [f"lstmtextclassifier__{name}" for name in space]


@pytest.mark.parametrize("kind", KINDS)
def test_spaces_belong_to_the_caller(kind):
    space = space_of(kind)
    expected = {name: repr(values) for name, values in space.items() if isinstance(values, list)}
    for name in expected:
        space[name].clear()
    space.clear()
    again = space_of(kind)
    assert again
    assert {name: repr(again[name]) for name in expected} == expected


def test_the_grid_is_small():
    candidates = list(ParameterGrid(default_search_space()))
    assert len(candidates) <= 12
    assert {"depth": 1, "pooling": "max+mean+attention", "dropout": 0.5} in candidates


@pytest.mark.parametrize("kind", ["grid", "random"])
def test_every_value_is_valid(kind):
    rng = np.random.RandomState(0)
    space = default_search_space(kind)
    for name, values in space.items():
        for value in draw(values, 50, rng):
            LSTMTextClassifier(**{name: value})._validate_params()
    for params in ParameterSampler(space, 50, random_state=0) if kind == "random" else []:
        LSTMTextClassifier(**params)._validate_params()


@pytest.mark.parametrize("n_samples", [1_000, 10_000, 100_000])
def test_ranges_hold_the_defaults(n_samples):
    defaults = LSTMTextClassifier().get_params(deep=False)
    plan = make_plan(
        SimpleNamespace(**defaults),
        kind="texts",
        n_samples=n_samples,
        first_epoch=0,
        epochs=None,
        frame_length=1,
    )
    defaults |= {"dropout": plan.layers["dropout"], "learning_rate": plan.schedule.peak}
    defaults |= {"epochs": plan.schedule.epochs}
    for name, values in default_search_space("random").items():
        if isinstance(values, list):
            assert defaults[name] in values
        else:
            assert values.support()[0] <= defaults[name] <= values.support()[1]


def test_rates_are_drawn_log_uniformly():
    rates = default_search_space("random")["learning_rate"].rvs(2000, random_state=0)
    uniform = stats.uniform(np.log(1e-3), np.log(1e-2) - np.log(1e-3))
    assert stats.kstest(np.log(rates), uniform.cdf).pvalue > 0.01


def test_both_kinds_of_distributions_have_the_same_limits():
    random, optuna = default_search_space("random"), space_of("optuna")
    assert random.keys() == optuna.keys()
    for name, values in random.items():
        if isinstance(values, list):
            assert list(optuna[name].choices) == values
        else:
            low, high = values.support()
            assert (optuna[name].low, optuna[name].high) == pytest.approx((low, high))
    assert optuna["learning_rate"].log


@pytest.mark.parametrize("kwargs", [{"kind": "bayes"}, {"kind": None}, {"prefix": 3}], ids=str)
def test_bad_arguments(kwargs):
    (name,) = kwargs
    message = f"The '{name}' parameter of default_search_space must be"
    with pytest.raises(ValueError, match=message):
        default_search_space(**kwargs)


def test_optuna_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna.distributions", None)
    with pytest.raises(ImportError, match=r"default_search_space needs optuna: .*skrnn\[optuna\]"):
        default_search_space("optuna")
    assert "optuna" not in str(default_search_space())


# Searches


def test_grid_search():
    grid = {**space_of("grid", "depth"), "epochs": [1, 2]}
    search = GridSearchCV(LSTMTextClassifier(**TINY), grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_estimator_.n_iter_ == search.best_params_["epochs"]
    assert len(search.cv_results_["params"]) == 4


def test_grid_search_in_a_pipeline():
    grid = space_of("grid", "lstmtextclassifier__pooling", prefix="lstmtextclassifier__")
    pipeline = make_pipeline(SequenceVectorizer(maxlen=8), LSTMTextClassifier(**TINY))
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_.keys() == grid.keys()


def test_randomized_search():
    space = default_search_space("random")
    # Small networks, and no more of them than needed.
    space |= {"units": [2], "depth": [1], "embedding_dim": [3], "epochs": stats.randint(1, 3)}
    search = RandomizedSearchCV(
        LSTMTextClassifier(**TINY), space, n_iter=2, cv=2, random_state=0, error_score="raise"
    )
    best = search.fit(X, Y).best_estimator_.get_params()
    assert {name: best[name] for name in space} == search.best_params_


def test_halving_over_epochs():
    search = HalvingRandomSearchCV(
        LSTMTextClassifier(**TINY),
        space_of("random", "learning_rate"),
        resource="epochs",
        min_resources=1,
        max_resources=4,
        factor=2,
        cv=2,
        random_state=0,
        error_score="raise",
    ).fit(X, Y)
    assert search.n_resources_ == [1, 2, 4]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_estimator_.n_iter_ == 4


# Optuna


@pytest.fixture
def optuna():
    """Return Optuna, without the lines that it logs."""
    module = pytest.importorskip("optuna")
    verbosity = module.logging.get_verbosity()
    module.logging.set_verbosity(module.logging.WARNING)
    yield module
    module.logging.set_verbosity(verbosity)


@pytest.mark.filterwarnings(
    "ignore:OptunaSearchCV is experimental", "ignore:`optuna.terminator` module:FutureWarning"
)
@pytest.mark.parametrize("pruning", [{}, {"enable_pruning": True, "max_iter": 2}], ids=str)
def test_optuna_search(optuna, pruning):
    integration = pytest.importorskip("optuna_integration")
    search = integration.OptunaSearchCV(
        LSTMTextClassifier(**TINY),
        space_of("optuna", "learning_rate", "word_dropout"),
        n_trials=2,
        cv=2,
        random_state=0,
        error_score="raise",
        **pruning,
    ).fit(X, Y)
    assert search.best_params_.keys() == {"learning_rate", "word_dropout"}
    assert 0 <= search.score(X, Y) <= 1


def test_a_study_that_prunes_with_partial_fit(optuna):
    study = optuna.create_study(direction="maximize", pruner=prune_the_second(optuna))
    space = space_of("optuna", "learning_rate")
    for _ in range(2):
        trial = study.ask(space)
        clf = LSTMTextClassifier(**{**TINY, "epochs": 3, **trial.params})
        for epoch in range(clf.epochs):
            trial.report(clf.partial_fit(X, Y).score(X, Y), epoch)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, clf.score(X, Y))
    check_pruned(optuna, study)


def test_a_study_that_prunes_with_a_callback(optuna):
    class Pruning(keras.callbacks.Callback):
        def __init__(self, trial):
            super().__init__()
            self.trial = trial

        def on_epoch_end(self, epoch, logs):
            self.trial.report(logs["val_accuracy"], epoch)
            if self.trial.should_prune():
                raise optuna.TrialPruned

        def __deepcopy__(self, memo):
            return Pruning(self.trial)  # fit copies callbacks, but a trial is of one study

    def objective(trial):
        rate = trial.suggest_float("learning_rate", 1e-3, 1e-2, log=True)
        clf = clone(shared).set_params(learning_rate=rate, callbacks=Pruning(trial))
        return clf.fit(X, Y).history_["val_accuracy"][-1]

    shared = LSTMTextClassifier(**{**TINY, "epochs": 3, "validation_split": 0.2})
    study = optuna.create_study(direction="maximize", pruner=prune_the_second(optuna))
    study.optimize(objective, n_trials=2)
    check_pruned(optuna, study)


def prune_the_second(optuna):
    """Return a pruner that stops the second trial after its second epoch."""

    class Pruner(optuna.pruners.BasePruner):
        def prune(self, study, trial):
            return trial.number == 1 and trial.last_step == 1

    return Pruner()


def check_pruned(optuna, study):
    first, second = study.trials
    assert first.state == optuna.trial.TrialState.COMPLETE
    assert sorted(first.intermediate_values) == [0, 1, 2]
    assert second.state == optuna.trial.TrialState.PRUNED
    assert sorted(second.intermediate_values) == [0, 1]
