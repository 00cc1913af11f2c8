"""Both columns of the migration page run, and scikeras fails where the page says so."""

import re
from importlib import import_module
from inspect import signature
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import KFold, StratifiedKFold, check_cv, cross_val_score

from skrnn import LSTMTextClassifier

PAGE = Path(__file__).parents[1] / "docs" / "migration.md"
BLOCK = re.compile(r"<!-- (\w+) -->\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GONE = "from keras.wrappers.scikit_learn import KerasClassifier\n"

# scikeras pickles models through arrays that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def fitted(page):
    """Run the page from top to bottom and return the classifiers of both columns."""
    namespace, classifiers = {}, {"before": [], "after": []}
    own = {"before": {}, "after": {}}
    for column, code in BLOCK.findall(page):
        # An epoch is enough to see that it runs.
        code = re.sub(r"(epochs\W+)(?:200|10)\b", r"\g<1>1", code)
        code = code.replace(GONE, "from scikeras.wrappers import KerasClassifier\n")
        # ``clf`` is the one of the same column.
        namespace |= own.get(column, {})
        exec(compile(code, PAGE.name, "exec"), namespace)
        if column in own:
            own[column] = {"clf": namespace["clf"]}
            classifiers[column].append(namespace["clf"])
    return classifiers


def test_every_block_is_marked(page):
    assert len(BLOCK.findall(page)) == page.count("```python")
    columns = [column for column, _ in BLOCK.findall(page)]
    assert columns == ["shared", *["before", "after"] * (len(columns) // 2)]
    assert len(columns) >= 15


def test_import_of_the_article_fails(page):
    assert page.count(GONE) == 1
    with pytest.raises(ModuleNotFoundError):
        import_module("keras.wrappers.scikit_learn")


def test_both_columns_run(fitted):
    assert all(isinstance(clf, KerasClassifier) for clf in fitted["before"])
    assert all(isinstance(clf, LSTMTextClassifier) for clf in fitted["after"])


@pytest.mark.parametrize("index", range(3), ids=["deep", "bidirectional", "deep bidirectional"])
def test_models_of_the_article_are_the_same(fitted, index):
    shapes = [
        [weights.shape for weights in fitted[column][index].model_.get_weights()]
        for column in ("before", "after")
    ]
    assert shapes[0] == shapes[1]


def test_every_parameter_of_scikeras_is_on_the_page(page):
    parameters = set(signature(KerasClassifier).parameters) - {"kwargs"}
    named = set(re.findall(r"\w+", page))
    assert parameters <= named


# What of scikeras still runs: a line of the table each.

X = np.random.default_rng(0).normal(size=(40, 5, 1)).astype("float32")
Y = np.arange(40) % 2


def _build():
    model = keras.Sequential(
        [keras.Input((5, 1)), layers.LSTM(3), layers.Dense(2, activation="softmax")]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def theirs():
    return KerasClassifier(_build, epochs=1, verbose=0)


@pytest.fixture
def ours():
    return LSTMTextClassifier(embedding_dim=None, units=3, epochs=1)


def _score(clf, y=Y, **params):
    return cross_val_score(clf, X, y, cv=2, error_score="raise", **params)


def test_log_loss(theirs, ours):
    for clf in (theirs, ours):
        assert np.isfinite(_score(clf, scoring="neg_log_loss")).all()


def test_roc_auc(theirs, ours):
    assert np.isfinite(_score(ours, scoring="roc_auc")).all()
    with pytest.raises(ValueError, match="1d array"):
        _score(theirs, scoring="roc_auc")


def test_stratified_folds(theirs, ours):
    assert type(check_cv(2, Y, classifier=is_classifier(theirs))) is KFold
    assert type(check_cv(2, Y, classifier=is_classifier(ours))) is StratifiedKFold


def test_labels_in_order(theirs, ours):
    assert np.isfinite(_score(ours, np.sort(Y))).all()
    with pytest.raises(IndexError):
        _score(theirs, np.sort(Y))


def test_voting(theirs, ours):
    VotingClassifier([("clf", ours)]).fit(X, Y)
    with pytest.raises(ValueError, match="should be a classifier"):
        VotingClassifier([("clf", theirs)]).fit(X, Y)


def test_calibration(theirs, ours):
    assert CalibratedClassifierCV(ours, cv=2).fit(X, Y).predict_proba(X).shape == (40, 2)
    with pytest.raises(IndexError):
        CalibratedClassifierCV(theirs, cv=2).fit(X, Y)


def test_probabilities_of_a_single_row(theirs, ours):
    assert theirs.fit(X, Y).predict_proba(X[:1]).shape == (2,)
    assert ours.fit(X, Y).predict_proba(X[:1]).shape == (1, 2)


def test_misspelt_parameter():
    assert KerasClassifier(_build, epohcs=3).get_params()["epohcs"] == 3
    with pytest.raises(TypeError, match="epohcs"):
        LSTMTextClassifier(epohcs=3)


def test_texts(theirs):
    with pytest.raises(ValueError, match="Expected 2D array"):
        theirs.fit(["wheat rose", "rates fell"] * 4, [0, 1] * 4)


def test_wrapper_of_keras():
    wrappers = pytest.importorskip("keras.wrappers")
    assert not hasattr(wrappers.SKLearnClassifier, "predict_proba")
