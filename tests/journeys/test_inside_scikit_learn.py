"""Journeys through scikit-learn's tools, each with the classifier inside."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    StratifiedKFold,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from skrnn import LSTMTextClassifier, SequenceVectorizer

SMALL = {
    "units": 4,
    "embedding_dim": 8,
    "epochs": 6,
    "batch_size": 8,
    "learning_rate": 0.05,
    "dropout": 0.0,
    "embedding_dropout": 0.0,
    "random_state": 0,
}
TOPICS = {
    "grain": ["wheat", "maize", "crop", "barley"],
    "metal": ["gold", "mine", "ore", "silver"],
    "money": ["bank", "rates", "loan", "credit"],
}


@pytest.fixture(scope="module")
def texts():
    rng = np.random.default_rng(0)
    return [
        " ".join([*rng.choice(words, 2), rng.choice(["rose", "fell"])])
        for _ in range(12)
        for words in TOPICS.values()
    ]


@pytest.fixture(scope="module")
def labels():
    return np.array([*TOPICS] * 12)


@pytest.fixture
def clf():
    return LSTMTextClassifier(**SMALL)


# Searches


def test_grid_search(clf, texts, labels):
    grid = {"learning_rate": [1e-6, 0.05], "vectorizer__max_features": [1, 50]}
    search = GridSearchCV(clf, grid, cv=3, error_score="raise").fit(texts, labels)
    assert search.best_params_ == {"learning_rate": 0.05, "vectorizer__max_features": 50}
    assert search.best_score_ > 0.8
    assert len(search.best_estimator_.vectorizer_.vocabulary_) == 14
    assert_array_equal(search.classes_, [*TOPICS])
    assert search.score(texts, labels) == search.best_estimator_.score(texts, labels)
    assert clf.vectorizer is None


def test_halving_grid_search(clf, texts, labels):
    search = HalvingGridSearchCV(
        clf,
        {"learning_rate": [1e-6, 0.05]},
        factor=2,
        min_resources=18,
        cv=2,
        random_state=0,
        error_score="raise",
    ).fit(texts, labels)
    assert search.n_resources_ == [18, 36]
    assert search.best_params_ == {"learning_rate": 0.05}


# Scores


def test_cross_validate_with_several_scorers(clf, texts, labels):
    scoring = ["accuracy", "roc_auc_ovr", "neg_log_loss", "f1_macro"]
    scores = cross_validate(clf, texts, labels, cv=3, scoring=scoring, error_score="raise")
    for name in ("accuracy", "roc_auc_ovr", "f1_macro"):
        assert (scores[f"test_{name}"] > 0.8).all()
    assert (scores["test_neg_log_loss"] > -np.log(3)).all()


def test_roc_auc_of_two_classes(clf, texts, labels):
    scores = cross_validate(
        clf, texts, labels == "grain", cv=2, scoring="roc_auc", error_score="raise"
    )
    assert (scores["test_score"] > 0.8).all()


def test_learning_curve(clf, texts, labels):
    sizes, _, test_scores = learning_curve(
        clf,
        texts,
        labels,
        train_sizes=[6, 24],
        cv=3,
        shuffle=True,
        random_state=0,
        error_score="raise",
    )
    assert_array_equal(sizes, [6, 24])
    assert test_scores[1].mean() > test_scores[0].mean()


def test_permutation_importance():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3)).astype(np.float32)
    y = X[:, 2] > 0
    params = {**SMALL, "embedding_dim": None, "epochs": 20}
    clf = LSTMTextClassifier(**params).fit(X, y)
    importances = permutation_importance(clf, X, y, n_repeats=3, random_state=0)
    assert importances.importances_mean.argmax() == 2
    assert importances.importances_mean[2] > 0.2


# Ensembles


def test_calibration(clf, texts, labels):
    calibrated = CalibratedClassifierCV(clf, cv=3).fit(texts, labels)
    assert_allclose(calibrated.predict_proba(texts).sum(axis=1), 1, rtol=1e-6)
    assert calibrated.score(texts, labels) > 0.8
    members = [member.estimator for member in calibrated.calibrated_classifiers_]
    assert len({id(member.model_) for member in members}) == 3


def test_voting(clf, texts, labels):
    other = make_pipeline(TfidfVectorizer(), LogisticRegression())
    voting = VotingClassifier([("lstm", clf), ("tfidf", other)], voting="soft")
    voting.fit(texts, labels)
    mean = np.mean([member.predict_proba(texts) for member in voting.estimators_], axis=0)
    assert_allclose(voting.predict_proba(texts), mean)
    assert voting.score(texts, labels) > 0.8


def test_stacking(clf, texts, labels):
    other = make_pipeline(TfidfVectorizer(), LogisticRegression())
    stacking = StackingClassifier([("lstm", clf), ("tfidf", other)], cv=2).fit(texts, labels)
    assert stacking.transform(texts).shape == (36, 6)
    assert stacking.score(texts, labels) > 0.8


def test_one_vs_rest():
    # OneVsRestClassifier hands X on as it is; the members say how many columns it had.
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 20)
    X = rng.normal(size=(60, 3)) + 3 * np.eye(3)[y]
    clf = LSTMTextClassifier(**{**SMALL, "embedding_dim": None})
    one_vs_rest = OneVsRestClassifier(clf).fit(X, y)
    assert one_vs_rest.score(X, y) > 0.8
    assert one_vs_rest.n_features_in_ == 3
    assert one_vs_rest.predict_proba(X).shape == (60, 3)


def test_one_vs_rest_of_texts(clf, texts, labels):
    one_vs_rest = OneVsRestClassifier(clf).fit(texts, labels)
    assert [member.n_classes_ for member in one_vs_rest.estimators_] == [2, 2, 2]
    assert one_vs_rest.score(texts, labels) > 0.8


# Pipelines and metadata


def test_pipeline(clf, texts, labels):
    pipeline = Pipeline([("vec", SequenceVectorizer(maxlen=3)), ("clf", clf)])
    search = GridSearchCV(
        pipeline, {"vec__maxlen": [2, 3], "clf__epochs": [1, 6]}, cv=2, error_score="raise"
    ).fit(texts, labels)
    assert search.best_params_["clf__epochs"] == 6
    assert search.score(texts, labels) > 0.8


def test_pipeline_with_sample_weight(clf, texts, labels):
    weights = np.where(labels == "metal", 1.0, 1e-6)
    clf.set_params(batch_size=36, epochs=60, label_smoothing=0.0)
    pipeline = Pipeline([("vec", SequenceVectorizer()), ("clf", clf)])
    pipeline.fit(texts, labels, clf__sample_weight=weights)
    assert set(pipeline.predict(texts)) == {"metal"}


def test_metadata_routing(clf, texts, labels):
    weights = np.where(labels == "metal", 1.0, 1e-6)
    clf.set_params(batch_size=36, epochs=60, label_smoothing=0.0)
    with config_context(enable_metadata_routing=True):
        weighted = clf.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(weighted, {}, cv=2, error_score="raise")
        search.fit(texts, labels, sample_weight=weights)
        assert set(search.predict(texts)) == {"metal"}
        assert search.best_score_ > 0.99
        unaware = GridSearchCV(
            clone(clf).set_fit_request(sample_weight=False).set_score_request(sample_weight=False),
            {},
            cv=2,
            error_score="raise",
        )
        with pytest.raises(TypeError, match="sample_weight"):
            unaware.fit(texts, labels, sample_weight=weights)


def test_metadata_routing_of_partial_fit(clf):
    with config_context(enable_metadata_routing=True):
        requests = clf.set_partial_fit_request(classes=True).get_metadata_routing()
    assert requests.partial_fit.requests == {
        "X_unlabeled": None,
        "classes": True,
        "sample_weight": None,
    }


# Copies


def test_copy_of_a_search(clf, texts, labels):
    search = GridSearchCV(clf, {"epochs": [2, 3]}, cv=2).fit(texts, labels)
    loaded = pickle.loads(pickle.dumps(search))
    assert_array_equal(loaded.predict_proba(texts), search.predict_proba(texts))


# Processes


def test_two_processes_give_what_one_gives(clf, texts, labels):
    folds = StratifiedKFold(3)
    serial, parallel = (
        cross_val_predict(clf, texts, labels, cv=folds, method="predict_proba", n_jobs=n_jobs)
        for n_jobs in (None, 2)
    )
    assert_array_equal(parallel, serial)
    serial, parallel = (
        GridSearchCV(clf, {"epochs": [1, 6]}, cv=folds, n_jobs=n_jobs).fit(texts, labels)
        for n_jobs in (None, 2)
    )
    for fold in range(3):
        name = f"split{fold}_test_score"
        assert_array_equal(parallel.cv_results_[name], serial.cv_results_[name])
    assert_array_equal(parallel.predict_proba(texts), serial.predict_proba(texts))
