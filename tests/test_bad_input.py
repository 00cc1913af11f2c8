"""Generated inputs, good and bad: each is read or refused by name, and nothing is harmed."""

import copy
import re
import tempfile
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn._network import pool

# With a vocabulary that is given, all fits on texts share few networks.
VECTORIZER = SequenceVectorizer(vocabulary=["wheat", "maize", "rates", "gold"])
TINY = {"units": 1, "embedding_dim": 2, "epochs": 1, "random_state": 0, "vectorizer": VECTORIZER}
TEXTS = ["wheat and maize", "gold", "", "rates rose"]
IDS = np.array([[7, 3, 9], [3, 5, 0], [0, 0, 0], [2, 0, 0]])
NUMBERS = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, 0.0], [9.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
LABELS = ["grain", "metal", "grain", "metal"]
GOOD = {"texts": TEXTS, "ids": IDS, "numbers": NUMBERS}


# What is generated

characters = st.characters() | st.sampled_from("\0\ud800\udfff\u200b\n ")  # with surrogates
words = st.sampled_from(["wheat", "maize", "gold", "oil"]) | st.text(characters, max_size=8)
texts = st.lists(words, max_size=6).map(" ".join)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(0, 9)
    | st.floats()
    | st.complex_numbers()
    | texts
    | st.binary(max_size=6)
    | st.dates()
    | st.sampled_from(
        [pd.NA, pd.NaT, object, np.float16(2), np.str_("gold"), np.datetime64("NaT", "D")]
    )
)
nested = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.lists(inside, max_size=3).map(tuple)
        | st.dictionaries(words, inside, max_size=2)
    ),
    max_leaves=8,
)
arrays = hnp.arrays(
    st.one_of(
        hnp.boolean_dtypes(),
        hnp.integer_dtypes(endianness="?"),
        hnp.unsigned_integer_dtypes(),
        hnp.floating_dtypes(),
        hnp.complex_number_dtypes(),
        hnp.datetime64_dtypes(),
        hnp.unicode_string_dtypes(max_len=5),
        hnp.byte_string_dtypes(max_len=5),
    ),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


def object_array(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def memory_map(array):
    with tempfile.NamedTemporaryFile() as file:
        if array.size == 0:
            reject()
        copied = np.memmap(file.name, dtype=array.dtype, mode="w+", shape=array.shape)
    copied[...] = array
    return copied


LAYOUTS = [
    lambda array: array,
    read_only,
    np.asfortranarray,
    lambda array: array[::-1] if array.ndim else array,
    lambda array: array.T,
    lambda array: np.broadcast_to(array, (2, *array.shape)),
    lambda array: object_array(list(array)) if array.ndim else array,
    lambda array: array.tolist(),
    lambda array: pd.DataFrame(array),
    lambda array: pl.DataFrame(array),
    memory_map,
]
CONTAINERS = [
    list,
    tuple,
    iter,
    set,
    np.array,
    object_array,
    lambda values: object_array(values)[:, np.newaxis],
    lambda values: pd.Series(values, dtype=object),
    lambda values: pd.Series(values, dtype="string"),
    lambda values: pd.Series(values, dtype="string[pyarrow]"),
    lambda values: pd.Series(values, dtype="category"),
    lambda values: pd.Series(values, dtype="Int64"),
    lambda values: pd.Series(values, index=[f"row {index}" for index in range(len(values))]),
    lambda values: pd.DataFrame({"text": values}),
    lambda values: pd.DataFrame({"text": values, "more": values}),
    pl.Series,
    lambda values: pl.DataFrame({"text": values}),
    pa.array,
]


def made(function, values):
    """Return what a container makes of the values, if it takes them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(values)
    except Exception:
        reject()


plausible = (
    st.lists(texts, max_size=5)
    | st.lists(texts.map(str.split), max_size=5)
    | st.lists(st.lists(st.integers(0, 12), max_size=5), max_size=5)
    | st.lists(st.lists(st.integers(0, 2**64), max_size=3), max_size=3)
    | st.lists(st.lists(st.floats(width=32), min_size=3, max_size=3), max_size=4)
    | st.lists(texts | st.none(), max_size=4)
)
matrices = hnp.arrays(
    st.sampled_from(["f2", "f4", ">f8", "i8", "u1", "?"]), st.tuples(st.integers(0, 4), st.just(3))
)
inputs = (
    nested
    | st.builds(made, st.sampled_from(LAYOUTS), matrices)
    | st.builds(made, st.sampled_from(LAYOUTS), arrays)
    | st.builds(made, st.sampled_from(CONTAINERS), plausible | st.lists(nested, max_size=4))
)
labels = (
    st.lists(st.sampled_from(["grain", "metal"]), min_size=4, max_size=4)
    | st.lists(st.sampled_from([0, 1, True, 2.0]), min_size=4, max_size=4)
    | st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=2), min_size=4, max_size=4)
    | st.lists(st.integers(-(2**70), 2**70) | st.floats() | st.none(), min_size=4, max_size=4)
)
targets = (
    nested
    | labels
    | st.builds(made, st.sampled_from(LAYOUTS), arrays)
    | st.builds(made, st.sampled_from(CONTAINERS), labels)
)


# What is asked of it

# Messages of scikit-learn and numpy about an argument that only X can be; the last is that of
# polars 1 about a frame without columns.
ABOUT_NUMBERS = (
    r"could not convert string to float|setting an array element with a sequence"
    r"|float\(\) argument|Expected a 2-dimensional container|Complex data not supported"
    r"|at least one array or dtype|need at least one array to concatenate"
)
ABOUT_X = re.compile(
    r"\bX\b|Document \d+|raw text documents|Expected 2D array|Found array with|one column of texts"
    rf"|codec can't decode byte|{ABOUT_NUMBERS}"
)
ABOUT_X_OR_Y = re.compile(
    rf"\by\b|{ABOUT_X.pattern}|label type|labels|samples|classes|classification|Input contains NaN"
)

quick = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # to shrink a failure takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
# scikit-learn's, about names of columns, the shape of y, and numbers that it casts to
# find out whether they fit.
pytestmark = pytest.mark.filterwarnings(
    "ignore:X has feature names:UserWarning",
    "ignore:A column-vector y was passed",
    "ignore:The number of unique classes:UserWarning",
    "ignore:(overflow|invalid value) encountered in cast:RuntimeWarning",
)


def check_probabilities(probabilities, multilabel=False):
    assert probabilities.dtype == np.float64
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    if not multilabel:
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.fixture(scope="module", autouse=True)
def room_for_more_networks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_CAPACITY", 16)
        yield
    pool.clear()


@pytest.fixture(scope="module")
def references():
    made = {}
    for kind, X in GOOD.items():
        clf = LSTMTextClassifier(**{**TINY, "embedding_dim": None if kind == "numbers" else 2})
        made[kind] = clf.fit(X, LABELS)
    return made


@pytest.mark.parametrize("kind", GOOD)
def test_predict(kind, references):
    clf = references[kind]
    expected = clf.predict_proba(GOOD[kind])
    outcomes = []

    @settings(quick, max_examples=300)
    @given(inputs)
    def check(X):
        try:
            probabilities = clf.predict_proba(X)
        except (ValueError, TypeError) as error:
            assert ABOUT_X.search(str(error)), error  # noqa: PT017
            outcomes.append("refused")
        else:
            check_probabilities(probabilities)
            outcomes.append("accepted")
        assert_array_equal(clf.predict_proba(GOOD[kind]), expected)

    check()
    assert len(outcomes) >= 250
    assert outcomes.count("accepted") > 10
    assert outcomes.count("refused") > 30


@pytest.mark.filterwarnings("ignore:y holds the single class")
@pytest.mark.filterwarnings("ignore:X has zeros between the ids")
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("kind", GOOD)
def test_fit(kind, method, references):
    X_before = GOOD[kind]
    expected = references[kind].predict_proba(X_before)
    state = {"clf": copy.deepcopy(references[kind])}
    outcomes = []

    @settings(quick, max_examples=80)
    @given(
        st.tuples(st.just(X_before), labels)
        | st.tuples(st.just(X_before), targets)
        | st.tuples(inputs, st.just(LABELS))
    )
    def check(data):
        clf = state["clf"]
        try:
            getattr(clf, method)(*data)
        except (ValueError, TypeError) as error:
            assert ABOUT_X_OR_Y.search(str(error)), error  # noqa: PT017
            assert_array_equal(clf.predict_proba(X_before), expected)
            outcomes.append("refused")
        else:
            if kind != "numbers" or np.shape(data[0])[1:] == (3,):
                check_probabilities(clf.predict_proba(data[0]), clf._model.targets.multilabel)
            state["clf"] = copy.deepcopy(references[kind])
            outcomes.append("accepted")

    check()
    assert outcomes.count("accepted") > 3
    assert outcomes.count("refused") > 15


def test_long_documents(references):
    clf = references["texts"]
    longest = "wheat " * 20_000 + "\0"
    one_word = "w" * 2**20
    check_probabilities(clf.predict_proba([longest, one_word, "\ud800" * 1000, "\0"]))


@pytest.mark.parametrize("label", [np.zeros(2), [1, 2], ("a",), {"a": 1}, {1}])
def test_labels_that_hold_more_than_one(label):
    clf = LSTMTextClassifier(**TINY)
    with pytest.raises(ValueError, match=f"y must hold labels, got {type(label).__name__}: "):
        clf.fit(TEXTS, object_array([label] * 4))
