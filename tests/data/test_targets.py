import numpy as np
import pandas as pd
import pytest

from skrnn._data.targets import Targets, as_list


def learn(y):
    return Targets.learn(y, multilabel="auto")


@pytest.mark.parametrize(
    "y",
    [
        pd.array([0, 1, 0], dtype="Int64"),
        pd.DataFrame({"y": pd.array([0, 1, 0], dtype="Int64")}),
        pd.Series([0, 1, 0], dtype="Int64"),
    ],
    ids=["array", "frame", "Series"],
)
def test_nullable_integers_stay_integers(y):
    targets = learn(y)
    assert targets.classes.tolist() == [0, 1]
    assert targets.classes.dtype.kind == "i"
    assert targets.encode(y).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (["a", float("nan"), "b"], ValueError, "contains NaN"),
        ([1, "a"], TypeError, "labels of one type, got int, str"),
        (("a", None), TypeError, "labels of one type, got NoneType, str"),
    ],
    ids=repr,
)
def test_no_label_becomes_a_string(y, error, message):
    with pytest.raises(error, match=message):
        learn(y)


def test_large_integers_of_either_kind_are_told_apart():
    y = np.array([2**62 + 1, 2**62 + 2])
    targets = learn(y.astype(np.uint64))
    assert targets.encode(y).tolist() == [0, 1]
    for unknown in (2**62, -1):
        with pytest.raises(ValueError, match=rf"not in classes: \[{unknown}\]"):
            targets.encode(np.array([y[0], unknown]))


@pytest.mark.parametrize("n_classes", [3, 46])
@pytest.mark.parametrize("other", ["U", "O", "M8[D]"])
def test_labels_of_another_type_are_unknown(other, n_classes):
    """However many: numpy would make strings of numbers beside many strings."""
    numbers = np.arange(2 * n_classes) % n_classes
    others = numbers.astype("U").astype(other) if other == "O" else numbers.astype(other)
    for y, unknown in ((numbers, others), (others, numbers)):
        with pytest.raises(ValueError, match="labels that are not in classes"):
            learn(y).encode(unknown)


def test_a_one_hot_row_of_many_classes_takes_no_square_of_them():
    targets = Targets(np.arange(200_000), is_matrix=True, multilabel=False)
    row = np.zeros((1, 200_000))
    row[0, 7] = 1
    assert targets.decode(row)[0, :9].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_dates_stay_dates():
    dates = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[ns]")
    assert as_list(learn(dates).classes) == list(dates)


def test_a_label_that_is_as_probable_as_not_is_not_predicted():
    targets = Targets.learn([[1, 1], [0, 0]], multilabel=True)
    assert targets.decode(np.array([[0.5, 0.51]])).tolist() == [[0, 1]]
