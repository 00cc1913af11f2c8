"""Every argument is refused before a text is read, a vector computed or a graph compiled."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn._network import pool
from skrnn._training import fit, prepare

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 6
Y = np.array([0, 0, 1, 1] * 6)


class BuiltError(AssertionError):
    """Something was read, computed or built."""


@pytest.fixture(scope="module", autouse=True)
def nothing_is_built():
    def build(*args, **kwargs):
        raise BuiltError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sklearn.feature_extraction.text.CountVectorizer.build_analyzer", build)
        patch.setattr("skrnn._data.vectorizer.SequenceVectorizer._fit_blocks", build)
        patch.setattr("skrnn._network.network.build_model", build)
        patch.setattr(prepare, "learn_reader", build)
        for name in ("ppmi_embeddings", "pretrained_embeddings", "borrow"):
            patch.setattr(fit, name, build)
        yield


def test_a_fit_without_fault_would_build():
    with pytest.raises(BuiltError):
        LSTMTextClassifier().fit(X, Y)


class Uncopied(keras.callbacks.Callback):
    def __deepcopy__(self, memo):
        raise TypeError("no")


@pytest.mark.parametrize(
    ("params", "arguments"),
    [
        ({}, {"y": Y[:-1]}),
        ({}, {"y": np.linspace(0, 1, 24)}),
        ({}, {"y": None}),
        ({}, {"X": [1.5] * 24}),
        ({}, {"sample_weight": [-1.0] * 24}),
        ({}, {"sample_weight": [1.0] * 23}),
        ({}, {"X_val": X, "y_val": Y[:-1]}),
        ({}, {"X_val": [[1, 2], [3]], "y_val": [0, 1]}),
        ({}, {"X_val": X, "y_val": ["gold"] * 24}),
        ({}, {"X_val": X}),
        ({}, {"sample_weight_val": [1.0] * 24}),
        ({"validation_split": 0.01}, {}),
        ({"validation_split": 0.2}, {"X_val": X, "y_val": Y}),
        ({"callbacks": [3]}, {}),
        ({"callbacks": [Uncopied()]}, {}),
        ({"class_weight": {0: np.nan}}, {}),
        ({"class_weight": {5: 1.0}}, {}),
        ({"units": [4, 4]}, {}),
        ({"units": [0], "depth": 1}, {}),
        ({"optimizer": "adm"}, {}),
        ({"optimizer": keras.optimizers.Adam}, {}),
        ({"multilabel": True}, {}),
        ({"embeddings": "no such file"}, {}),
        ({"embeddings": np.zeros((9, 3))}, {}),
        ({"embeddings": "no such file"}, {"X": [[1, 2]] * 24}),
        ({"vectorizer": SequenceVectorizer(max_df=2.0)}, {}),
        ({"vectorizer": SequenceVectorizer(ngram_range=(3, 1))}, {}),
    ],
)
def test_a_fault_is_found_first(params, arguments):
    idle = list(pool._idle)
    with pytest.raises((TypeError, ValueError, FileNotFoundError)):
        LSTMTextClassifier(**params).fit(**{"X": X, "y": Y, **arguments})
    assert list(pool._idle) == idle


def enlarge(value, times):
    if isinstance(value, (str, bytes, list)):
        return value * times
    if isinstance(value, dict):
        return {f"{key} {copy}": item for key, item in value.items() for copy in range(times)}
    return [value] * times


anything = st.recursive(
    st.text(max_size=9) | st.integers() | st.floats() | st.none() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
large = st.builds(enlarge, anything, st.sampled_from([1, 24, 5000]))
PARAMETERS = sorted(
    set(LSTMTextClassifier().get_params(deep=False)) - {"embeddings", "checkpoint"}
)


@pytest.mark.filterwarnings("ignore:y holds the single class")
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["X", "y", "sample_weight", "X_val", "y_val", *PARAMETERS]), large)
def test_a_message_is_shorter_than_a_screen(name, value):
    params, arguments = {}, {"X": X, "y": Y}
    if name in PARAMETERS:
        params[name] = value
    else:
        arguments[name] = value
    if name.endswith("_val"):
        arguments = {"X_val": X, "y_val": Y, **arguments}
    with pytest.raises((TypeError, ValueError, BuiltError)) as caught:
        LSTMTextClassifier(**params).fit(**arguments)
    assert len(str(caught.value)) < 80 * 24
