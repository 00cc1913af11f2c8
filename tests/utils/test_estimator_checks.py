"""Tests of the checks of text classifiers: who passes, and who is found out."""

import random
import subprocess
import sys
from copy import deepcopy

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skrnn import LSTMTextClassifier
from skrnn.utils._problems import problem
from skrnn.utils.estimator_checks import (
    check_text_classifier,
    parametrize_with_text_checks,
    text_checks_generator,
)

SMALL = {
    "units": 4,
    "embedding_dim": 8,
    "epochs": 10,
    "batch_size": 8,
    "learning_rate": 0.05,
    "dropout": 0.0,
    "embedding_dropout": 0.0,
}


@parametrize_with_text_checks([LSTMTextClassifier(**SMALL)], kinds=("texts", "tokens", "ids"))
def test_lstm_text_classifier(estimator, check):
    check(estimator)


@parametrize_with_text_checks(
    [
        make_pipeline(TfidfVectorizer(), LogisticRegression()),
        make_pipeline(TfidfVectorizer(), MultinomialNB()),
        make_pipeline(TfidfVectorizer(), LinearSVC()),
    ]
)
def test_pipelines_of_scikit_learn(estimator, check):
    check(estimator)


def test_import_needs_no_tensorflow():
    code = (
        "import sys\n"
        "import skrnn.utils.estimator_checks\n"
        "sys.exit(bool({'tensorflow', 'keras', 'pytest'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def scores_mixed_labels():
    """Say whether scikit-learn compares texts with numbers, as 1.7 does, or refuses."""
    try:
        accuracy_score(["grain"], [0])
    except ValueError:
        return False
    return True


# Estimators that break one rule each


class Sound(ClassifierMixin, BaseEstimator):
    """TF-IDF and naive Bayes; breaks no rule."""

    kind = "texts"

    def __init__(self, alpha=1.0, verbose=0):
        self.alpha = alpha
        self.verbose = verbose

    def _pipeline(self):
        return make_pipeline(TfidfVectorizer(), MultinomialNB(alpha=self.alpha))

    def fit(self, X, y):
        self.pipeline_ = self._pipeline().fit(X, y)
        self.classes_ = self.pipeline_.classes_
        return self

    def predict(self, X):
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def predict_proba(self, X):
        if not hasattr(self, "pipeline_"):
            raise NotFittedError("Call fit first.")
        return self.pipeline_.predict_proba(X)


class SoundOfIds(Sound):
    """The same of token ids."""

    kind = "ids"

    def fit(self, X, y):
        return super().fit(self._texts(X), y)

    def predict_proba(self, X):
        return super().predict_proba(self._texts(X))

    def _texts(self, X):
        for row in X:
            if (np.floor(row) != row).any() or np.min(row, initial=0) < 0:
                raise ValueError("token ids are expected")
        return [" ".join(f"id{int(value)}" for value in row if value) for row in X]


class SoundWithOptions(Sound):
    """The same with a parameter that can be written into."""

    def __init__(self, alpha=1.0, verbose=0, options=()):
        super().__init__(alpha, verbose)
        self.options = options


class NotAClassifier(Sound):
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = None
        return tags


class SetParamsReturnsNone(Sound):
    def set_params(self, **params):
        if params:
            super().set_params(**params)


class AnyParameter(Sound):
    def set_params(self, **params):
        for name, value in params.items():
            setattr(self, name, value)
        return self


class PredictsUnfitted(Sound):
    def predict(self, X):
        return super().predict(X) if hasattr(self, "pipeline_") else np.zeros(len(X))


class FitReturnsAnother(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        return deepcopy(self)


class HasNoClasses(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        self._classes = self.classes_
        del self.classes_
        return self

    def predict(self, X):
        best = self.predict_proba(X).argmax(axis=1)
        return self._classes[best]


class SetsPublicAttribute(Sound):
    def fit(self, X, y):
        self.n_texts = len(X)
        return super().fit(X, y)


class SeedsEverything(Sound):
    def fit(self, X, y):
        np.random.seed(0)  # noqa: NPY002
        return super().fit(X, y)


class DrawsGlobally(Sound):
    def fit(self, X, y):
        random.random()
        return super().fit(X, y)


class DrawsInPredictions(Sound):
    def predict_proba(self, X):
        random.random()
        return super().predict_proba(X)


class AnswersInLists(Sound):
    def predict_proba(self, X):
        return super().predict_proba(X).tolist()

    def predict(self, X):
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]


class DecisionsInAnotherOrder(Sound):
    def decision_function(self, X):
        probabilities = self.predict_proba(X)
        return probabilities[:, 0] - 0.5 if len(self.classes_) == 2 else probabilities


class DecisionsOfThreeInAnotherOrder(Sound):
    def decision_function(self, X):
        probabilities = self.predict_proba(X)
        return probabilities[:, 1] - 0.5 if len(self.classes_) == 2 else probabilities[:, ::-1]


class OddLogarithm(Sound):
    def predict_log_proba(self, X):
        return np.log2(self.predict_proba(X))


class FitChangesParameter(Sound):
    def fit(self, X, y):
        self.verbose += 1
        return super().fit(X, y)


class WritesIntoAParameter(SoundWithOptions):
    def fit(self, X, y):
        self.options["n_texts"] = len(X)
        return super().fit(X, y)


class CopiesAParameter(SoundWithOptions):
    def fit(self, X, y):
        self.options = dict(self.options)
        return super().fit(X, y)


class SetsCopies(SoundWithOptions):
    def set_params(self, **params):
        return super().set_params(**deepcopy(params))


class AlwaysCountsAsFitted(Sound):
    def __sklearn_is_fitted__(self):
        return True


class NeverCountsAsFitted(Sound):
    def __sklearn_is_fitted__(self):
        return False


class ChangesX(Sound):
    def fit(self, X, y):
        if isinstance(X, list):
            X[:] = [text.title() for text in X]
        return super().fit(X, y)


class ChangesXInPredictions(Sound):
    def predict_proba(self, X):
        if isinstance(X, list) and hasattr(self, "pipeline_"):
            X[:] = [text.title() for text in X]
        return super().predict_proba(X)


class ChangesY(Sound):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y)
        if sample_weight is not None:
            y[0] = y[1]
        return self


class ChangesWeights(Sound):
    def fit(self, X, y, sample_weight=None):
        if sample_weight is not None:
            sample_weight /= sample_weight.sum()
        return super().fit(X, y)


class Random(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        self.noise_ = np.random.default_rng().uniform(0, 0.01)
        return self

    def predict_proba(self, X):
        shift = self.noise_ if hasattr(self, "noise_") else 0
        return (super().predict_proba(X) + shift) / (1 + shift * len(self.classes_))


class NeverForgets(Sound):
    def fit(self, X, y):
        old = getattr(self, "classes_", [])
        super().fit(X, y)
        if len(old):
            self.classes_ = old[: len(self.classes_)]
        return self


class ListsOnly(Sound):
    def fit(self, X, y):
        if not isinstance(X, list):
            raise TypeError("a list is expected")
        return super().fit(X, y)


class PredictsListsOnly(Sound):
    def predict_proba(self, X):
        if not isinstance(X, list):
            raise TypeError("a list is expected")
        return super().predict_proba(X)


class LooksUpByLabel(Sound):
    def fit(self, X, y):
        rows = range(len(X))
        X = [X.get(row, X.iloc[0]) for row in rows] if hasattr(X, "iloc") else X
        return super().fit(X, y)


class StringsOfThree(Sound):
    def predict(self, X):
        labels = super().predict(X)
        return labels.astype("<U3") if labels.dtype.kind == "U" else labels


class NarrowIntegers(Sound):
    def predict(self, X):
        labels = super().predict(X)
        return labels.astype("int32").astype(labels.dtype) if labels.dtype == "int64" else labels


class FloatsForIntegers(Sound):
    def predict(self, X):
        labels = super().predict(X)
        return labels.astype(float) if labels.dtype.kind in "iu" else labels


class IndicesAsLabels(Sound):
    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)


class Constant(Sound):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        return np.full_like(probabilities, 1 / probabilities.shape[1])


class PredictsSoundly(Sound):
    """Whatever the probabilities of a subclass are."""

    def predict(self, X):
        probabilities = Sound.predict_proba(self, X)
        return self.classes_[probabilities.argmax(axis=1)]


class OneColumnForTwoClasses(PredictsSoundly):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        return probabilities[:, 1:] if probabilities.shape[1] == 2 else probabilities


class ColumnsInAnotherOrder(PredictsSoundly):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, ::-1]


class ColumnsOfThreeInAnotherOrder(PredictsSoundly):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        return probabilities if len(self.classes_) == 2 else probabilities[:, ::-1]


class RowsThatSumToTwo(Sound):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        return probabilities + 1 / probabilities.shape[1]


class BelowZero(Sound):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        return 3 * probabilities - 2 / probabilities.shape[1]


class ScoresByChance(Sound):
    def score(self, X, y, sample_weight=None):
        return 1 / len(self.classes_)


class SqueezesOneRow(Sound):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        return probabilities[0] if len(probabilities) == 1 else probabilities

    def predict(self, X):
        probabilities = np.atleast_2d(self.predict_proba(X))
        return self.classes_[probabilities.argmax(axis=1)]


class RefusesEmptyTexts(Sound):
    def predict_proba(self, X):
        if "" in list(X):
            raise ValueError("empty text")
        return super().predict_proba(X)


class NoAnswerForUnknownWords(Sound):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        empty = self.pipeline_[0].transform(X).sum(axis=1).A1 == 0
        probabilities[empty] = np.nan
        return probabilities


class LooksAtNeighbours(Sound):
    def predict_proba(self, X):
        probabilities = super().predict_proba(X)
        mean = probabilities.mean(axis=0, keepdims=True)
        return (99 * probabilities + mean) / 100


class AnswersInOrderOfLength(Sound):
    def predict_proba(self, X):
        order = np.argsort([len(text) for text in X], kind="stable")
        return super().predict_proba(X)[order]


class SharesItsState(Sound):
    state = {}

    def fit(self, X, y):
        super().fit(X, y)
        self.state["pipeline"] = self.pipeline_
        return self

    def predict_proba(self, X):
        super().predict_proba(X)
        return self.state["pipeline"].predict_proba(X)


class HoldsALambda(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        self.function_ = lambda text: text
        return self


class ForgetsWhenPickled(Sound):
    def __getstate__(self):
        return {**super().__getstate__(), "pipeline_": None}

    def __setstate__(self, state):
        super().__setstate__(state)
        vars(self).pop("pipeline_")


class CutsToTheShorter(Sound):
    def fit(self, X, y):
        n_samples = min(len(X), len(y))
        return super().fit(X[:n_samples], y[:n_samples])


class NothingForNothing(Sound):
    def predict_proba(self, X):
        return super().predict_proba(X) if len(X) else np.zeros((0, len(self.classes_)))


class LearnsNothingFromNothing(Sound):
    def fit(self, X, y):
        return super().fit(X, y) if len(X) else self


class RoundsFractions(Sound):
    def fit(self, X, y):
        y = np.asarray(y)
        return super().fit(X, np.round(y * 10) if y.dtype.kind == "f" else y)


class TakesAString(Sound):
    def fit(self, X, y):
        return super().fit(list(X), y)

    def predict_proba(self, X):
        return super().predict_proba(list(X))


class FitsAString(Sound):
    def _pipeline(self):
        vectorizer = TfidfVectorizer(token_pattern=r"\w+")  # letters are words
        return make_pipeline(vectorizer, MultinomialNB(alpha=self.alpha))

    def fit(self, X, y):
        return super().fit(list(X), y)


class TakesAnything(Sound):
    def _pipeline(self):
        return make_pipeline(
            TfidfVectorizer(preprocessor=str, tokenizer=str.split, token_pattern=None),
            MultinomialNB(alpha=self.alpha),
        )


class ReadsPadding(SoundOfIds):
    def _texts(self, X):
        super()._texts(X)
        return [" ".join(f"id{value}" for value in row) for row in X]


class ReadsToTheFirstZero(SoundOfIds):
    def _texts(self, X):
        super()._texts(X)
        return super()._texts([row[: np.argmin([*row, 0])] for row in map(np.asarray, X)])


class TakesAnyNumber(SoundOfIds):
    def _texts(self, X):
        return super()._texts([np.abs(row).astype(int) for row in X])


class PredictsAnyNumber(SoundOfIds):
    def predict_proba(self, X):
        return super().predict_proba([np.abs(row).astype(int) for row in X])


# Every check that fails; the first is the one that names the fault.
BROKEN = {
    NotAClassifier: ["is_a_classifier"],
    SetParamsReturnsNone: ["parameters", "model_selection"],
    AnyParameter: ["parameters"],
    PredictsUnfitted: ["not_fitted", "clone"],
    AlwaysCountsAsFitted: ["not_fitted"],
    FitReturnsAnother: ["fit_returns_self"],
    SetsPublicAttribute: ["fit_sets_fitted_attributes"],
    SeedsEverything: ["fit_draws_from_random_state"],
    DrawsGlobally: ["fit_draws_from_random_state"],
    DrawsInPredictions: ["fit_draws_from_random_state"],
    DecisionsInAnotherOrder: ["decision_function"],
    DecisionsOfThreeInAnotherOrder: ["decision_function"],
    OddLogarithm: ["probabilities"],
    FitChangesParameter: ["fit_changes_no_parameters"],
    ChangesX: ["fit_changes_no_input"],
    ChangesXInPredictions: ["fit_changes_no_input"],
    ChangesY: ["fit_changes_no_input"],
    ChangesWeights: ["fit_changes_no_input"],
    Random: ["fit_is_idempotent", "refit_forgets", "containers", "model_selection"],
    NeverForgets: ["refit_forgets"],
    ListsOnly: ["containers"],
    PredictsListsOnly: ["containers"],
    LooksUpByLabel: ["containers"],
    StringsOfThree: ["labels_round_trip", "training_accuracy", "probabilities"],
    FloatsForIntegers: ["labels_round_trip"],
    IndicesAsLabels: [
        "labels_round_trip",
        *([] if scores_mixed_labels() else ["model_selection"]),
        "training_accuracy",
        "probabilities",
    ],
    NarrowIntegers: ["labels_round_trip"],
    Constant: ["training_accuracy"],
    ScoresByChance: ["training_accuracy"],
    OneColumnForTwoClasses: ["binary", "probabilities"],
    ColumnsInAnotherOrder: ["probabilities"],
    ColumnsOfThreeInAnotherOrder: ["probabilities"],
    RowsThatSumToTwo: ["probabilities"],
    BelowZero: ["probabilities"],
    SqueezesOneRow: ["single_document", "documents_are_independent"],
    RefusesEmptyTexts: ["empty_documents"],
    NoAnswerForUnknownWords: ["unknown_tokens", "empty_documents"],
    LooksAtNeighbours: ["documents_are_independent"],
    AnswersInOrderOfLength: ["documents_are_independent", "training_accuracy"],
    SharesItsState: ["clone"],
    HoldsALambda: ["pickle"],
    ForgetsWhenPickled: ["pickle"],
    CutsToTheShorter: ["lengths_differ"],
    NothingForNothing: ["no_documents"],
    LearnsNothingFromNothing: ["no_documents"],
    RoundsFractions: ["continuous_y"],
    TakesAString: ["bare_string"],
    FitsAString: ["bare_string"],
    TakesAnything: ["not_a_text"],
    ReadsPadding: ["padding", "containers"],
    ReadsToTheFirstZero: ["padding"],
    TakesAnyNumber: ["not_an_id"],
    PredictsAnyNumber: ["not_an_id"],
}


def failures(estimator):
    errors = {}
    for classifier, check in text_checks_generator(estimator, kinds=(estimator.kind,)):
        try:
            check(classifier)
        except Exception as error:
            errors[check.func.__name__] = error
    return errors


@pytest.mark.parametrize("sound", [Sound, SoundOfIds])
def test_sound_estimator_passes(sound):
    check_text_classifier(sound(), kinds=(sound.kind,))


@pytest.mark.parametrize(
    ("broken", "expected"), BROKEN.items(), ids=[broken.__name__ for broken in BROKEN]
)
def test_broken_estimator_fails(broken, expected):
    errors = failures(broken())
    assert errors.keys() == {f"check_{name}" for name in expected}
    error = errors[f"check_{expected[0]}"]
    assert isinstance(error, AssertionError)
    assert "should" in str(error)
    assert broken.__name__ in str(error)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (WritesIntoAParameter, "fit_changes_no_parameters"),
        (CopiesAParameter, "fit_changes_no_parameters"),
        (SetsCopies, "parameters"),
    ],
)
def test_a_parameter_that_is_not_kept_is_found_out(broken, expected):
    assert list(failures(broken(options={}))) == [f"check_{expected}"]


def test_what_never_counts_as_fitted_is_found_out():
    assert "check_fit_returns_self" in failures(NeverCountsAsFitted())


def test_check_text_classifier_raises_what_a_check_raises():
    with pytest.raises(AssertionError, match=r"Constant should classify more than 0\.8 of"):
        check_text_classifier(Constant())


# The arguments


def test_kinds_choose_the_checks():
    def names(kinds):
        return {
            (check.func.__name__, check.keywords["kind"])
            for _, check in text_checks_generator(Sound(), kinds)
        }

    texts, tokens, ids = names(("texts",)), names(["tokens"]), names(("ids",))
    assert names(("texts", "tokens", "ids")) == texts | tokens | ids
    assert ("check_bare_string", "texts") in texts
    assert ("check_not_an_id", "ids") in ids
    assert {"check_padding", "check_bare_string"}.isdisjoint(name for name, _ in tokens)


def test_probabilities_are_checked_where_there_are_any():
    pairs = text_checks_generator(make_pipeline(TfidfVectorizer(), LinearSVC()))
    assert "check_probabilities" not in [check.func.__name__ for _, check in pairs]


def test_tags_choose_the_checks():
    class Tagged(Sound):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.non_deterministic = True
            tags.classifier_tags.poor_score = True
            return tags

    names = {check.func.__name__ for _, check in text_checks_generator(Tagged())}
    every = {check.func.__name__ for _, check in text_checks_generator(Sound())}
    assert every - names == {
        "check_fit_draws_from_random_state",
        "check_fit_is_idempotent",
        "check_refit_forgets",
        "check_containers",
        "check_labels_round_trip",
        "check_model_selection",
        "check_training_accuracy",
    }


def test_parametrize_names_every_test():
    mark = parametrize_with_text_checks([Sound()], kinds=("texts", "ids")).mark
    names, pairs = mark.args
    assert names == ("estimator", "check")
    assert len(mark.kwargs["ids"]) == len(pairs) == len(set(mark.kwargs["ids"]))
    assert "Sound-check_bare_string-texts" in mark.kwargs["ids"]


@pytest.mark.parametrize("kinds", [(), "texts", ("texts", "id")])
def test_unknown_kind_is_refused(kinds):
    with pytest.raises(ValueError, match="kinds must be some of"):
        check_text_classifier(Sound(), kinds)


def test_class_is_refused():
    with pytest.raises(TypeError, match="An instance is expected, got the class Sound"):
        check_text_classifier(Sound)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (HasNoClasses, "A fitted HasNoClasses should have classes_"),
        (AnswersInLists, "AnswersInLists.predict_proba should return an ndarray, got list"),
    ],
)
def test_what_breaks_many_checks_is_named(broken, message):
    with pytest.raises(AssertionError, match=message):
        check_text_classifier(broken())


def test_a_pipeline_need_not_keep_its_last_fit_once_it_has_refused_another():
    """A step of scikit-learn's is fitted before the next one refuses y."""
    pipeline = make_pipeline(TfidfVectorizer(max_features=15), MultinomialNB())
    X, y = problem("texts")
    predicted = pipeline.fit(X, y).predict_proba(X)
    with pytest.raises(ValueError, match="Unknown label type"):
        pipeline.fit([f"{text} rises" for text in X], np.linspace(0, 1, len(y)))
    assert not np.allclose(pipeline.predict_proba(X), predicted)
    check_text_classifier(pipeline)
