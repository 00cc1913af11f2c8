"""Files of ensembles: what is kept, and what is refused."""

import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import skrnn
from skrnn import LSTMTextClassifier, WideAndDeepTextClassifier
from skrnn.ensemble import NgramTextClassifier

DEEP = LSTMTextClassifier(units=3, embedding_dim=4, epochs=1)
TEXTS = ["wheat and maize", "maize exports rose", "", "gold mine", "bank cut rates", "rates"] * 3
LABELS = np.array(["grain", "grain", "none", "metal", "money", "money"] * 3)
IDS = np.array([[7, 3, 9], [3, 5, 0], [0, 0, 0], [2, 0, 0], [9, 9, 4], [4, 0, 0]] * 3)
SEVERAL = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]] * 3)
UNUSUAL = ["\ud83d\ude00a maize", "\ude00\ud83dGröße \x7f\\ 小麦"] * 4

KINDS = {
    "texts": ({}, TEXTS, LABELS),
    "tokens": ({}, [text.split() for text in TEXTS], LABELS),
    "ids": ({}, IDS, LABELS),
    "two classes": ({}, UNUSUAL, [0, 1] * 4),
    "several labels": ({}, TEXTS, SEVERAL),
    "one-hot": (
        {"class_weight": {0: 2.0, 1: 1, 2: 1}},
        TEXTS,
        np.eye(3, dtype=int)[np.arange(18) % 3],
    ),
    "one-hot, an empty column": ({}, TEXTS, np.eye(4, dtype=int)[np.arange(18) % 3]),
    "one class": ({}, TEXTS, ["grain"] * 18),
    "words only": ({"wide": NgramTextClassifier(char_ngrams=None, C=0.5)}, TEXTS, LABELS),
}


def fit(kind):
    params, X, y = KINDS[kind]
    return WideAndDeepTextClassifier(**{"deep": DEEP, "random_state": 0, **params}).fit(X, y)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.skrnn"


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    return members_of(fit("texts"), tmp_path_factory)


@pytest.fixture(scope="module")
def of_ngrams(tmp_path_factory):
    return members_of(NgramTextClassifier(random_state=0).fit(TEXTS, LABELS), tmp_path_factory)


def members_of(clf, tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "model.skrnn"
    clf.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.filterwarnings("ignore:y holds the single class")
@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_back(kind, path):
    clf, X = fit(kind), KINDS[kind][1]
    clf.save(path)
    loaded = skrnn.load(path)
    assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))
    assert_array_equal(loaded.predict(X), clf.predict(X))
    assert_array_equal(loaded.wide_.decision_function(X), clf.wide_.decision_function(X))
    assert str(loaded.get_params()) == str(clf.get_params())
    assert str(loaded.wide_.get_params()) == str(clf.wide_.get_params())
    again = path.with_suffix(".again")
    loaded.save(again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.filterwarnings("ignore:y holds the single class")
@pytest.mark.parametrize("kind", KINDS)
def test_a_linear_model_alone_comes_back(kind, path):
    params, X, y = KINDS[kind]
    clf = clone(params.get("wide", NgramTextClassifier(C=0.5, random_state=0))).fit(X, y)
    clf.save(path)
    loaded = skrnn.load(path)
    assert type(loaded) is NgramTextClassifier
    assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))
    assert_array_equal(loaded.predict(X), clf.predict(X))
    assert_array_equal(loaded.ngrams_, clf.ngrams_)
    assert str(loaded.get_params()) == str(clf.get_params())
    again = path.with_suffix(".again")
    loaded.save(again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "params", [{"word_ngrams": (1, 1)}, {"char_ngrams": (2, 3)}, {"char_ngrams": None}], ids=str
)
def test_parameters_that_were_set_since_the_fit_change_no_prediction(params, path):
    clf = NgramTextClassifier(random_state=0).fit(TEXTS, LABELS)
    expected = clf.predict_proba(TEXTS)
    clf.set_params(**params).save(path)
    loaded = skrnn.load(path)
    assert_array_equal(loaded.predict_proba(TEXTS), expected)
    assert loaded.get_params()[next(iter(params))] == next(iter(params.values()))


def test_a_file_without_the_sizes_of_its_ngrams(of_ngrams, path):
    document = json.loads(of_ngrams["estimator.json"])
    for name in ("word_ngrams", "char_ngrams"):
        del document["wide"][name]
    write(path, {**of_ngrams, "estimator.json": json.dumps(document)})
    assert skrnn.load(path).ngrams_.size > 0


def test_a_file_without_an_intercept(members, path):
    write(path, members)
    expected = skrnn.load(path).predict_proba(TEXTS)
    document = json.loads(members["estimator.json"])
    del document["intercept"]
    write(path, {**members, "estimator.json": json.dumps(document)})
    assert_array_equal(skrnn.load(path).predict_proba(TEXTS), expected)


def test_columns_of_a_linear_model_come_back(path):
    frame = pd.DataFrame({"text": TEXTS})
    NgramTextClassifier(random_state=0).fit(frame, LABELS).save(path)
    loaded = skrnn.load(path)
    assert loaded.feature_names_in_.tolist() == ["text"]
    with pytest.raises(ValueError, match="The feature names should match"):
        loaded.predict(frame.rename(columns={"text": "title"}))


def test_the_default_parts_stay_none(path):
    clf = WideAndDeepTextClassifier(random_state=0).set_params(deep__units=2, deep__epochs=1)
    clf.fit(TEXTS, LABELS).set_params(deep=None).save(path)
    assert skrnn.load(path).get_params() == clf.get_params()


@pytest.mark.parametrize("kind", [WideAndDeepTextClassifier, NgramTextClassifier])
def test_a_subclass_cannot_be_saved(kind, path):
    class Own(kind):
        pass

    clf = Own(DEEP) if kind is WideAndDeepTextClassifier else Own()
    with pytest.raises(ValueError, match="Own cannot be saved without pickle: it is a subclass"):
        clf.fit(TEXTS, LABELS).save(path)


def test_another_linear_model_is_refused(path):
    wide = make_pipeline(TfidfVectorizer(), LogisticRegression())
    clf = WideAndDeepTextClassifier(DEEP, random_state=0).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="of the kind Pipeline cannot be saved without pickle"):
        clf.set_params(wide=wide).save(path)
    clf = WideAndDeepTextClassifier(DEEP, wide, random_state=0).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="of the kind Pipeline cannot be saved without pickle"):
        clf.save(path)
    assert not path.exists()


def changed(members, *way, to):
    document = json.loads(members["estimator.json"])
    holder = document
    for key in way[:-1]:
        holder = holder[key]
    holder[way[-1]] = to
    return {**members, "estimator.json": json.dumps(document)}


def without(members, name):
    return {key: value for key, value in members.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: without(m, "wide/coef.npy"), "the member wide/coef.npy is missing"),
        (lambda m: without(m, "wide/idf.npy"), "the member wide/idf.npy is missing"),
        (lambda m: {**m, "wide/idf.npy": m["wide/coef.npy"]}, "wide/idf.npy is not an array"),
        (lambda m: {**m, "wide/more.npy": m["wide/idf.npy"]}, "wide/more.npy is unexpected"),
        (lambda m: changed(m, "schema", to=3), r"has schema 3, and skrnn .* reads 2"),
        (lambda m: changed(m, "class", to="LSTMTextClassifier"), "schema"),
        (lambda m: changed(m, "deep_weight", to=-1), "The 'deep_weight' parameter"),
        (lambda m: changed(m, "deep", to={}), "schema"),
        (lambda m: changed(m, "deep", "class", to="os.system"), "The 'class' parameter"),
        (lambda m: changed(m, "deep_parameter", to={"units": 3}), "deep_parameter has other"),
        (
            lambda m: changed(m, "deep_parameter", "class_weight", to=5),
            "The 'class_weight' parameter of LSTM",
        ),
        (lambda m: changed(m, "wide", to={}), "wide does not have the fields"),
        (lambda m: changed(m, "wide", "kind", to="token ids"), "characters.* should be none"),
        (lambda m: changed(m, "wide", "words", 0, to=1), "not a list of strings"),
        (lambda m: changed(m, "wide", "words", 0, to="and maize"), "an n-gram is there twice"),
        (lambda m: changed(m, "wide", "words", to=["a"]), "wide/idf.npy is not an array"),
        (lambda m: changed(m, "wide", "intercept", to=[0.5]), "intercept does not hold 4"),
        (lambda m: changed(m, "wide", "intercept", to=["a"] * 4), "intercept does not hold 4"),
        (lambda m: changed(m, "wide", "scale", to="1"), "The 'scale' parameter"),
        (lambda m: changed(m, "wide", "parameters", "C", to=0), "The 'C' parameter"),
        (lambda m: changed(m, "wide", "word_ngrams", to=[2]), "word_ngrams must be"),
        (lambda m: changed(m, "wide", "char_ngrams", to=None), "should be none"),
        (lambda m: changed(m, "parameters", "deep", to={"os.system": {}}), "of the unknown kind"),
        (lambda m: changed(m, "parameters", "more", to=1), "unexpected keyword argument"),
    ],
)
def test_a_made_up_file_is_refused(change, message, members, path):
    write(path, change(members))
    with pytest.raises(ValueError, match=r"cannot be loaded") as caught:
        skrnn.load(path)
    assert re.search(message, str(caught.value))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: without(m, "wide/coef.npy"), "the member wide/coef.npy is missing"),
        (lambda m: changed(m, "schema", to=3), r"has schema 3, and skrnn .* reads 2"),
        (lambda m: changed(m, "classes", "labels", to=[]), "there are no classes"),
        (lambda m: changed(m, "classes", "labels", to=["b", "a", "c", "d"]), "not a sorted list"),
        (
            lambda m: changed(m, "classes", to={"dtype": "int64", "labels": [1.5, 2.5, 3.5, 4.5]}),
            "not a sorted list",
        ),
        (lambda m: changed(m, "classes", "labels", to=["a", "b"]), "intercept does not hold 1"),
        (lambda m: changed(m, "multilabel", to=1), "The 'multilabel' parameter"),
        (lambda m: changed(m, "feature_names_in", to=[1]), "not a list of strings"),
        (lambda m: changed(m, "wide", to={}), "wide does not have the fields"),
        (lambda m: changed(m, "wide", "parameters", "C", to=0), "The 'C' parameter"),
        (lambda m: changed(m, "wide", "parameters", "more", to=1), "unexpected keyword argument"),
    ],
)
def test_a_made_up_file_of_a_linear_model_is_refused(change, message, of_ngrams, path):
    write(path, change(of_ngrams))
    with pytest.raises(ValueError, match=r"cannot be loaded") as caught:
        skrnn.load(path)
    assert re.search(message, str(caught.value))


def test_parts_that_read_documents_of_two_kinds_are_refused(tmp_path_factory, path):
    members = members_of(fit("words only"), tmp_path_factory)
    write(path, changed(members, "wide", "kind", to="token ids"))
    with pytest.raises(ValueError, match="are not of the same kind of documents"):
        skrnn.load(path)


@pytest.mark.parametrize("kind", ["members", "of_ngrams"])
def test_damaged_bytes_never_do_more_than_raise(kind, request, path):
    write(path, request.getfixturevalue(kind))
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    messages = []
    for _ in range(60):
        damaged = bytearray(content)
        for position in rng.integers(len(content), size=3):
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            skrnn.load(path)
        except ValueError as error:
            messages.append(str(error))
    assert len(messages) > 20
    assert all("cannot be loaded" in message for message in messages)


def test_names_of_the_columns_of_ids_come_back(tmp_path):
    frame = pd.DataFrame({"first": np.arange(18) % 3 + 1, "second": np.arange(18) % 2})
    clf = WideAndDeepTextClassifier(DEEP, random_state=0).fit(frame, np.arange(18) % 3)
    clf.save(tmp_path / "model")
    loaded = skrnn.load(tmp_path / "model")
    assert_array_equal(loaded.predict_proba(frame), clf.predict_proba(frame))
    assert loaded.wide_.feature_names_in_.tolist() == ["first", "second"]
