import json
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn.exceptions import NotFittedError

from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn.export import to_ids, to_onnx


def run(model, X):
    """Run a model as another program would."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (node,) = session.get_inputs()
    dtype = {"tensor(int64)": "int64", "tensor(float)": "float32"}[node.type]
    (probabilities,) = session.run(["probabilities"], {node.name: X.astype(dtype)})
    return probabilities


def metadata_of(model):
    return {prop.key: json.loads(prop.value) for prop in model.metadata_props}


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize(
    "pooling", ["last", "max", "mean", "attention", "max+mean", "max+mean+attention"]
)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
def test_equal_outputs(
    make_classifier, texts, indicators, depth, bidirectional, pooling, multilabel
):
    targets = {"y": indicators} if multilabel else {}
    clf = make_classifier(depth=depth, bidirectional=bidirectional, pooling=pooling, **targets)
    assert_close(run(to_onnx(clf), clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


@pytest.mark.parametrize("pooling", ["last", "max+mean+attention"])
def test_numbers(make_classifier, pooling):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, 3, 2))
    clf = make_classifier(X, [0, 1, 2] * 2, embedding_dim=None, pooling=pooling)
    X = rng.normal(size=(5, 3, 2))
    assert_close(run(to_onnx(clf), X), clf.predict_proba(X))


def test_layers_of_different_widths(make_classifier, texts):
    clf = make_classifier(units=[5, 2], depth=2)
    assert_close(run(to_onnx(clf), clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


def test_own_ids(make_classifier):
    clf = make_classifier([[7, 5_000_000_000], [9, 7, 12]], [0, 1])
    X = np.array([[12, 5_000_000_000, 0, 0], [8, 9, 9, 7], [0, 0, 7, 12], [9, 0, 7, 0], [0] * 4])
    model = to_onnx(clf)
    assert_close(run(model, X), clf.predict_proba(X))
    assert [prop.key for prop in model.metadata_props] == ["classes", "multilabel"]


@pytest.mark.filterwarnings("ignore:y holds the single class")
def test_single_class(make_classifier):
    clf = make_classifier(["one", "two words"], ["x", "x"])
    assert run(to_onnx(clf), clf.vectorizer_.transform(["two"])).tolist() == [[1.0]]


def test_no_room(make_room):
    clf, texts = make_room()
    assert_close(run(to_onnx(clf), clf.vectorizer_.transform(texts)), clf.predict_proba(texts))


def test_any_shape_in_one_session(make_classifier, texts):
    clf = make_classifier()
    session = onnxruntime.InferenceSession(to_onnx(clf).SerializeToString())
    for part in (texts, texts[:1], texts[1:3]):
        ids = clf.vectorizer_.transform(part).astype("int64")
        ids = ids[:, : np.count_nonzero(ids, axis=1).max()]
        assert_close(session.run(None, {"ids": ids})[0], clf.predict_proba(part))


@pytest.mark.parametrize("pooling", ["last", "max+mean+attention"])
def test_parts_of_unseen_words(make_classifier, texts_with_parts, pooling):
    training, texts = texts_with_parts
    clf = make_classifier(training, [0, 1, 0, 1], pooling=pooling)
    model = to_onnx(clf)
    assert_close(run(model, to_ids(clf, texts)), clf.predict_proba(texts))
    metadata = metadata_of(model)
    (ids,) = to_ids(clf, ["walkers"])
    parts = [metadata["parts"][-1 - number] for number in ids[1:]]
    assert parts == ["<wa", "wal", "alk", "lke", "<wal", "walk", "alke", "<walk"]


def test_metadata(make_classifier):
    vectorizer = SequenceVectorizer(maxlen=5, preprocessor=str.lower)
    clf = make_classifier(vectorizer=vectorizer)
    metadata = metadata_of(to_onnx(clf))
    assert metadata["classes"] == ["grain", "money", "rates"]
    assert metadata["multilabel"] is False
    ids = {term: index + 2 for index, term in enumerate(metadata["vocabulary"])}
    assert [[ids[term] for term in ("bank", "cut", "rates")]] == clf.vectorizer_.transform(
        ["bank cut rates"]
    )[:, :3].tolist()
    assert metadata["vectorizer"]["maxlen"] == 5
    assert "lower" in metadata["vectorizer"]["preprocessor"]  # a callable, by its repr


def test_metadata_of_independent_labels(make_classifier, indicators):
    assert metadata_of(to_onnx(make_classifier(y=indicators)))["multilabel"] is True


def test_metadata_of_what_was_found_in_the_texts(make_classifier):
    clf = make_classifier(vectorizer=SequenceVectorizer())
    assert clf.vectorizer_.maxlen == "auto"
    metadata = metadata_of(to_onnx(clf))
    assert metadata["vectorizer"]["maxlen"] == clf.vectorizer_.maxlen_


def test_metadata_name_a_vocabulary_once(make_classifier):
    words = ["wheat", "bank", "rates"]
    clf = make_classifier(vectorizer=SequenceVectorizer(vocabulary=words))
    metadata = metadata_of(to_onnx(clf))
    assert metadata["vocabulary"] == words
    assert "vocabulary" not in metadata["vectorizer"]


def test_dates_as_labels(make_classifier):
    dates = np.array(["2020-01-01", "2021-01-01"], "datetime64[ns]")
    model = to_onnx(make_classifier(["bank cut", "wheat rose"], dates))
    metadata = metadata_of(model)
    assert metadata["classes"] == [str(date) for date in dates]


def test_any_runtime(make_classifier):
    model = to_onnx(make_classifier())
    assert model.ir_version == 7
    assert {opset.domain: opset.version for opset in model.opset_import} == {
        "": 13,
        "ai.onnx.ml": 2,
    }
    (inputs,), (outputs,) = model.graph.input, model.graph.output
    shapes = [
        [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (inputs, outputs)
    ]
    assert shapes == [["batch", "length"], ["batch", 3]]


def test_file(make_classifier, tmp_path):
    clf = make_classifier()
    model = to_onnx(clf, tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx") == model


def test_missing_package(make_classifier, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'to_onnx needs onnx.*pip install "skrnn\[onnx\]"'):
        to_onnx(make_classifier())


def test_not_fitted():
    with pytest.raises(NotFittedError):
        to_onnx(LSTMTextClassifier())
