"""Tests of what skrnn/_data/inputs.py sees in the columns of a frame."""

from collections import UserList, deque

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import StandardScaler

from skrnn import SequenceVectorizer
from skrnn._data.columns import Columns
from skrnn._data.inputs import check_documents, check_numbers
from skrnn._data.readers import IdReader

FRAME = pd.DataFrame({"text": ["a fine tool", "it broke"], "stars": [5, 1]})
FOUR = SequenceVectorizer(maxlen=4)


@pytest.mark.parametrize(
    "transformer",
    [
        ColumnTransformer([("text", FOUR, "text")], remainder="passthrough"),
        ColumnTransformer(
            [("text", FOUR, "text")], remainder="passthrough", verbose_feature_names_out=False
        ),
        ColumnTransformer([("text", FOUR, "text"), ("again", FOUR, "text")]),
    ],
)
def test_ids_beside_other_numbers_are_refused(transformer):
    X = transformer.set_output(transform="pandas").fit_transform(FRAME)
    with pytest.raises(ValueError, match=r"^X has columns of a SequenceVectorizer beside those"):
        check_documents(X, Columns("Classifier"), learn=True)


def test_fractions_beside_ids_name_the_remedy():
    transformer = ColumnTransformer(
        [("text", FOUR, "text"), ("stars", StandardScaler(), ["stars"])]
    )
    with pytest.raises(ValueError, match=r"Columns beside .* need an estimator of their own"):
        check_documents(transformer.fit_transform(FRAME), Columns("Classifier"), learn=True)


def test_ids_of_two_vectorizers_are_refused():
    union = FeatureUnion([("one", FOUR), ("two", FOUR)]).set_output(transform="pandas")
    with pytest.raises(ValueError, match=r"^X has columns of a SequenceVectorizer beside those"):
        check_documents(union.fit_transform(FRAME["text"]), Columns("Classifier"), learn=True)


def test_a_column_behind_the_padding_is_warned_of():
    transformer = ColumnTransformer([("text", FOUR, "text")], remainder="passthrough")
    X = transformer.fit_transform(FRAME)
    with pytest.warns(UserWarning, match=r"^X has zeros between the ids of 2 of 2 rows"):
        check_documents(X, Columns("Classifier"), learn=True)
    # Padding before the ids, behind them, none, and a gap that only few rows have.
    X = np.array([[0, 0, 3, 4], [3, 4, 0, 0], [3, 4, 5, 6], [0, 0, 0, 0], [3, 0, 4, 0]])
    assert check_documents(X, Columns("Classifier"), learn=True).kind == "token ids"


def test_ids_alone_are_taken():
    transformer = ColumnTransformer([("text", FOUR, "text")]).set_output(transform="pandas")
    X = transformer.fit_transform(FRAME)
    assert check_documents(X, Columns("Classifier"), learn=True).kind == "token ids"
    plain = pd.DataFrame({"first": [3, 1], "second": [2, 0]})
    assert check_documents(plain, Columns("Classifier"), learn=True).kind == "token ids"


@pytest.mark.parametrize(
    "X",
    [
        ["gold", "mine", "gold"],
        [b"gold", b"mine", b"gold"],
        [["gold", "mine"], ["mine"], ("gold", "mine")],
        [[1, 2], [2], [1, 2]],
        np.array([[1, 2], [2, 0], [1, 2]]),
        [np.array(document, dtype=object) for document in (["gold", "mine"], ["mine"])] * 2,
        [np.array([1, 2]), np.array([2]), np.array([1, 2], dtype=np.int16)],
        [[1, 2], [2], [0, 1, 2, 0]],
    ],
    ids=[
        "texts",
        "bytes",
        "tokens",
        "ids",
        "array",
        "arrays of tokens",
        "arrays of ids",
        "padding",
    ],
)
def test_copies_of_a_document(X):
    assert check_documents(X, Columns("Classifier"), learn=True).copies().tolist()[:3] == [0, 1, 0]


def test_rows_of_one_column_are_warned_of():
    rows = pd.DataFrame({"text": ["a fine tool", "it broke", "tool"]}).to_numpy().tolist()
    with pytest.warns(UserWarning, match=r"a list of one token.*\[row\[0\] for row in X\]"):
        check_documents(rows, Columns("Classifier"), learn=True)
    check_documents(rows, Columns("Classifier"), learn=False)
    # Lists of tokens, some of which are terms of several words.
    check_documents([["New York"], ["Paris"], ["Rome"]], Columns("Classifier"), learn=True)
    check_documents([["New York", "Paris"], ["a b"]], Columns("Classifier"), learn=True)


@pytest.mark.parametrize("container", [deque, UserList])
def test_a_sequence_is_a_list_of_its_documents(container):
    texts = check_documents(container(["a", "b" * 9]), Columns("Classifier"), learn=True)
    assert texts.content == ["a", "b" * 9]
    ids = check_documents(container([[1, 2], [3]]), Columns("Classifier"), learn=True)
    assert (ids.kind, ids.content) == ("token ids", [[1, 2], [3]])
    numbers = check_numbers(container([[0.5, 2.0], [3.0]]), Columns("Classifier"), learn=True)
    assert numbers.content.lengths.tolist() == [2, 1]


@pytest.mark.parametrize("dtype", [object, str])
def test_an_array_of_two_columns_of_texts_is_refused(dtype):
    X = np.array([["a b", "c"], ["d", "e"]], dtype=dtype)
    with pytest.raises(ValueError, match="one column of texts, got 2 columns"):
        check_documents(X, Columns("C"), learn=True)


def test_a_column_may_have_any_name():
    frame = pd.DataFrame({"_mask": ["wheat", "rose"]})
    assert len(check_documents(frame, Columns("C"), learn=True)) == 2
    ids = pd.DataFrame({"token0": [1, 2], "column_names": [3, 4]})
    with pytest.raises(ValueError, match="beside those of another transformer"):
        check_documents(ids, Columns("C"), learn=True)


def test_lists_of_booleans_are_no_ids():
    with pytest.raises(ValueError, match="documents that hold bool"):
        check_documents([[True, False], [True]], Columns("C"), learn=True)


def test_gaps_are_no_matter_of_predictions():
    check_documents(np.array([[1, 0, 2]]), Columns("C"), learn=False)


def test_ids_of_every_block_have_their_own_lengths(monkeypatch):
    X = [[3, 4, 5, 6], [4, 5], [6], [3, 0, 4], [5, 9, 3]]
    whole = IdReader.learn(check_documents(X, Columns("reader"), learn=True))[1]
    monkeypatch.setattr("skrnn._data.sequences.BLOCK_STEPS", 4)
    in_blocks = IdReader.learn(check_documents(X, Columns("reader"), learn=True))[1]
    assert in_blocks.values.tolist() == whole.values.tolist()
    assert in_blocks.lengths.tolist() == whole.lengths.tolist() == [4, 2, 1, 2, 3]
