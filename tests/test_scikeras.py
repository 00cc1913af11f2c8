"""What scikeras 0.13 breaks on current scikit-learn; every test fails on plain scikeras."""

import numpy as np
import pytest
from scikeras.wrappers import BaseWrapper
from sklearn.base import BaseEstimator, is_classifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold, check_cv, cross_val_score
from sklearn.utils.estimator_checks import check_no_attributes_set_in_init

from skrnn import LSTMTextClassifier

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
Y = np.where(X[:, 0] > 0, "up", "down")


def make(**kwargs):
    return LSTMTextClassifier(**{"embedding_dim": None, "units": 3, "epochs": 1, **kwargs})


def test_is_built_on_scikeras():
    assert issubclass(LSTMTextClassifier, BaseWrapper)


def test_is_a_classifier_with_stratified_folds():
    assert is_classifier(make())
    assert isinstance(check_cv(3, Y, classifier=is_classifier(make())), StratifiedKFold)


@pytest.mark.parametrize("scoring", ["roc_auc", "neg_log_loss", "average_precision"])
def test_scorers_find_probabilities(scoring):
    y = (Y == "up").astype(int)
    assert np.isfinite(get_scorer(scoring)(make().fit(X, y), X, y))
    assert np.isfinite(cross_val_score(make(), X, y, scoring=scoring, cv=2)).all()


def test_parameters_are_those_of_the_constructor():
    clf = make().fit(X, Y)
    names = BaseEstimator._get_param_names.__func__(LSTMTextClassifier)
    assert sorted(clf.get_params(deep=False)) == LSTMTextClassifier._get_param_names() == names
    check_no_attributes_set_in_init("LSTMTextClassifier", LSTMTextClassifier())
    with pytest.raises(TypeError, match="unit"):
        LSTMTextClassifier(unit=3)
    with pytest.raises(ValueError, match="Invalid parameter 'unit' for estimator"):
        clf.set_params(unit=3)
    with pytest.raises(TypeError, match="positional"):
        LSTMTextClassifier(3)


def test_probabilities_of_one_row_have_two_dimensions():
    y = np.arange(40) % 3
    assert make().fit(X, Y).predict_proba(X[:1]).shape == (1, 2)
    assert make().fit(X, y).predict_proba(X[:1]).shape == (1, 3)
    indicators = np.stack([Y == "up", np.ones(40, bool)], axis=1).astype(int)
    assert make().fit(X, indicators).predict_proba(X[:1]).shape == (1, 2)


def test_score_takes_labels_of_another_width():
    clf = make().fit(X, np.where(Y == "up", "up", "downwards"))
    is_up = clf.predict(X) == "up"
    assert clf.score(X, np.full(len(X), "up")) == is_up.mean()


def test_initialize_makes_a_network_without_training():
    clf = make(random_state=0).initialize(X, Y)
    assert clf.initialized_
    assert clf.current_epoch == clf.n_iter_ == 0
    assert clf.predict(X).shape == (40,)
    trained = clf.partial_fit(X, Y)
    assert trained.current_epoch == 1
    fresh = make(random_state=0).partial_fit(X, Y)
    np.testing.assert_array_equal(trained.predict_proba(X), fresh.predict_proba(X))


def test_every_inherited_public_member_works_or_says_why_not():
    clf = make(random_state=0).fit(X, Y)
    arguments = {
        "fit": (X, Y),
        "partial_fit": (X, Y),
        "initialize": (X, Y),
        "predict": (X,),
        "score": (X, Y),
        "scorer": (Y, Y),
        "set_params": (),
    }
    # scikit-learn adds the methods that end in _request, and tests them.
    members = {
        name for name in vars(BaseWrapper) if not name.startswith("_") and "_request" not in name
    }
    methods = {name for name in members if callable(getattr(clf, name, None))}
    assert methods == arguments.keys()
    for name in methods:
        assert getattr(clf, name)(*arguments[name]) is not None
    for name in members - methods:
        if name in ("target_encoder", "feature_encoder"):
            with pytest.raises(AttributeError, match="rules of its own"):
                getattr(clf, name)
        else:
            assert getattr(clf, name) is not None
