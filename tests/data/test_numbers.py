"""Reading sequences of numbers."""

from array import array
from collections import deque

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from skrnn._data.columns import Columns
from skrnn._data.moments import moments
from skrnn._data.numbers import read_numbers
from skrnn._data.sequences import Sequences

UNEVEN = [[1.0, 2.0, 3.0], [4.0]]
NESTED = [[[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]]


def read(X, **kwargs):
    return read_numbers(X, Columns("Owner"), **{"learn": True, **kwargs})[0]


def as_lists(sequences):
    return [part.tolist() for part in np.split(sequences.values, sequences.offsets[1:-1])]


@pytest.mark.parametrize(
    "convert",
    [
        list,
        tuple,
        lambda X: [np.array(row) for row in X],
        lambda X: [pd.Series(row) for row in X],
        lambda X: np.array(X, dtype=object),
        pd.Series,
        pl.Series,
        pa.array,
        lambda X: pa.chunked_array([X]),
        lambda X: pd.DataFrame({"steps": X}),
        lambda X: pl.DataFrame({"steps": X}),
        lambda X: pa.table({"steps": X}),
    ],
)
def test_uneven_lengths(convert):
    sequences = read(convert(UNEVEN))
    assert sequences.values.dtype == np.float32
    assert as_lists(sequences) == [[[1.0], [2.0], [3.0]], [[4.0]]]


@pytest.mark.parametrize(
    "convert", [list, lambda X: [np.array(row) for row in X], pd.Series, pl.Series, pa.array]
)
def test_several_features(convert):
    assert as_lists(read(convert(NESTED))) == NESTED


def test_lists_of_one_length_are_an_array():
    sequences, columns = read_numbers([[1, 2], [3, 4]], Columns("Owner"), learn=True)
    assert columns.n_features_in == 2
    assert as_lists(sequences) == [[[1.0], [2.0]], [[3.0], [4.0]]]


def test_arrays_of_one_length_in_a_list_have_no_number_of_columns():
    _, columns = read_numbers([np.ones(3), np.ones(3)], Columns("Owner"), learn=True)
    assert columns.n_features_in is None
    assert len(read([np.ones(5)], learn=False, n_features=1)) == 1


@pytest.mark.parametrize(
    "kind", [deque, lambda steps: array("d", steps), range], ids=["deque", "array", "range"]
)
def test_sequences_of_other_kinds(kind):
    rows = [range(3), range(2)]
    X = rows if kind is range else [kind(map(float, row)) for row in rows]
    assert as_lists(read(X)) == [[[0], [1], [2]], [[0], [1]]]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([np.ones(2), np.ones(0)], "row 1 has 0 steps"),
        ([np.ones((2, 1)), np.ones((2, 0))], "row 1 has 0 features a step"),
        ([np.ones((2, 1)), np.ones((2, 3))], "3 features a step in row 1, where row 0 has 1"),
        ([np.ones(2), [1.0, np.nan, 2.0]], "Input X contains NaN in row 1"),
        ([np.ones(2), [1e300]], "too large for float32 in row 1"),
        ([np.ones(2), np.ma.masked_greater(np.ones(3), 0)], "X is masked in row 1"),
        ([np.ones(2), [1.0, "two"]], "else than numbers in row 1"),
        ([np.ones(2), ["1", "2"]], "else than numbers in row 1"),
        ([np.ones(2), [1.0, None]], "else than numbers in row 1"),
        ([[10**400, 1], [2, 3]], "a number that is too large"),
        ([np.ones(2), 3.0], r"shape \(\) in row 1"),
        ([np.ones(2), np.ones((1, 1, 1))], r"shape \(1, 1, 1\) in row 1"),
        ([[[1.0], [1.0, 2.0]], [[1.0]]], "row 0 differ in their number of features"),
        (["good day", "bad"], "text in row 0: 'good day'. .* the default, reads texts"),
        (np.array(["good day", "bad"]), "text in row 0: 'good day'"),
        ([[1.0, 2.0], [1.0, "two"]], "text in row 1: 'two'"),
        (np.zeros((2, 3), "datetime64[D]"), r"else than numbers: datetime64\[D\]"),
        (pd.DataFrame({"a": pd.to_timedelta([1, None])}), "else than numbers: timedelta64"),
    ],
)
def test_the_row_is_named(X, message):
    with pytest.raises(ValueError, match=message):
        read(X)


def test_other_features_than_in_fit():
    with pytest.raises(ValueError, match="2 features a step in row 0, where the sequences of fit"):
        read([np.ones((3, 2))], learn=False, n_features=1)
    with pytest.raises(ValueError, match="X has 2 features a step, but Owner is expecting 1"):
        read(np.ones((1, 3, 2)), learn=False, n_features=1)


def test_swapped_axes_are_warned_of():
    with pytest.warns(UserWarning, match=r"X.transpose\(0, 2, 1\)"):
        read(np.ones((4, 6, 100)))


AT_1E12 = 1_700_000_000_000 + np.arange(12).reshape(3, 4) * 1000


@pytest.mark.parametrize(
    "X",
    [
        AT_1E12,
        AT_1E12.astype(float),
        AT_1E12.tolist(),
        pd.DataFrame(AT_1E12).astype("Int64"),
        AT_1E12[:, :, np.newaxis],
        list(AT_1E12),
        [AT_1E12[0], AT_1E12[1, :2]],
        [AT_1E12[0].tolist(), AT_1E12[1, :2].tolist()],
        pd.Series(list(AT_1E12)),
        -AT_1E12,
    ],
)
def test_digits_that_float32_loses_are_warned_of(X):
    with pytest.warns(UserWarning, match=r"^Feature 0 of X lies between -?1.* float32"):
        read(X)


def test_the_feature_whose_digits_are_lost_is_named():
    X = np.stack([AT_1E12 - AT_1E12.min(), AT_1E12], axis=2)
    message = r"^Feature 1 of X lies between 1700000000000\.0 and 1700000011000\.0, and X is read"
    for steps in (X, list(X)):
        with pytest.warns(UserWarning, match=message):
            read(steps)


@pytest.mark.parametrize(
    "X",
    [
        np.full((3, 4), 1.7e12),
        [np.full(2, -1e9), np.full(3, -1e9)],
        np.zeros((3, 4)),
        np.stack([np.full((3, 4), 1.7e12), np.ones((3, 4))], axis=2),
        AT_1E12 - AT_1E12.min(),
        [row - AT_1E12.min() for row in AT_1E12],
        np.arange(12).reshape(3, 4) + 1e5,
        np.arange(12).reshape(3, 4) * 1e-30,
    ],
)
def test_no_warning_of_constant_features_and_sound_scales(X):
    assert len(read(X)) == len(X)


def test_lost_digits_are_no_matter_of_predictions():
    assert len(read(AT_1E12, learn=False, n_features=1)) == 3


def test_moments():
    sequences = Sequences.from_lengths(
        np.array([[0, 7], [2, 7], [9, 7]], dtype=np.float32), np.array([2, 1])
    )
    mean, variance = moments(sequences, np.array([2.0, 0.0]))
    np.testing.assert_array_equal(mean, [1, 7])
    np.testing.assert_array_equal(variance, [1, 1])  # that of a constant feature, too


def test_arrays_of_another_number_of_steps():
    X = np.zeros((4, 5, 3))
    _, columns = read_numbers(X, Columns("Owner"), learn=True)
    with pytest.raises(ValueError, match="X has sequences of 2 steps, but Owner is expecting 5"):
        read_numbers(X[:, :2], columns, learn=False)


@pytest.mark.parametrize("wild", [-9999.0, 1e30])
def test_few_wild_values_do_not_set_the_scale(wild):
    values = np.random.default_rng(0).normal(20, 2, size=(10_000, 2))
    tame = values.astype(np.float32)
    values[::200, 1] = wild
    sequences = Sequences.from_lengths(values.astype(np.float32), np.full(100, 100))
    mean, variance = moments(sequences, np.ones(100))
    np.testing.assert_allclose(mean, tame.mean(axis=0), rtol=0.01)
    np.testing.assert_allclose(variance, tame.var(axis=0), rtol=0.05)


def test_the_scale_is_that_of_all_places():
    """Every 16th of 2**20 steps is the first one of a sequence: here, nearly 0."""
    values = np.random.default_rng(0).normal(size=(2**16, 16)).cumsum(axis=1)
    values[:, 0] *= 1e-3
    sequences = Sequences.from_lengths(
        values.astype(np.float32).reshape(-1, 1), np.full(2**16, 16)
    )
    _, variance = moments(sequences, np.ones(2**16))
    np.testing.assert_allclose(variance, values.var(), rtol=0.01)


@pytest.mark.parametrize("size", [1.0, None], ids=["events", "amounts"])
def test_wild_values_among_values_of_which_most_are_equal(size):
    rng = np.random.default_rng(0)
    values = np.where(rng.random((10_000, 1)) < 0.1, size or rng.gamma(2, 1, (10_000, 1)), 0)
    expected = values.mean(), values.var()
    values[::200] = -9999
    sequences = Sequences.from_lengths(values.astype(np.float32), np.full(100, 100))
    np.testing.assert_allclose(np.ravel(moments(sequences, np.ones(100))), expected, rtol=0.15)


def test_weights_that_single_precision_lacks_leave_the_moments_of_all():
    values = np.random.default_rng(0).normal(size=(20, 1)).astype(np.float32)
    values[18:, 0] = 1e6, -1e6
    weights = np.where(np.arange(20) < 18, 1e-60, 1.0).astype(np.float32)
    mean, variance = moments(Sequences.from_lengths(values, np.ones(20, int)), weights)
    assert np.isfinite([mean, variance]).all()


def test_values_of_which_most_are_equal_count():
    values = np.zeros((10_000, 1), dtype=np.float32)
    values[::10] = 1000
    sequences = Sequences.from_lengths(values, np.full(100, 100))
    np.testing.assert_allclose(np.ravel(moments(sequences, np.ones(100))), [100, 90_000])


def test_values_that_are_large_but_not_wild_count():
    values = np.random.default_rng(0).normal(size=(10_000, 1))
    values[::100] = 300
    sequences = Sequences.from_lengths(values.astype(np.float32), np.full(100, 100))
    _, variance = moments(sequences, np.ones(100))
    np.testing.assert_allclose(variance, values.var(), rtol=1e-3)


@pytest.mark.parametrize(("shift", "scale"), [(1000, 1), (0, 1e-10), (0, 1e-30), (0, 1e18)])
def test_moments_of_many_numbers(shift, scale):
    values = np.random.default_rng(0).normal(shift, scale, size=(2_000_000, 1))
    sequences = Sequences.from_lengths(values.astype(np.float32), np.full(20_000, 100))
    with np.errstate(all="raise", under="ignore"):
        mean, variance = moments(sequences, np.ones(20_000))
    np.testing.assert_allclose(mean, values.mean(), atol=1e-5 * scale)
    np.testing.assert_allclose(np.sqrt(variance), max(values.std(), 1e-19), rtol=0.1)


@pytest.mark.parametrize("dtype", [str, object])
def test_numbers_of_another_dtype_may_have_a_constant_feature(dtype):
    steps = np.array([[[1, step] for step in range(4)]] * 3).astype(dtype)
    assert read(steps).values[:4].tolist() == [[1, 0], [1, 1], [1, 2], [1, 3]]


def test_vectors_in_a_table_may_have_a_constant_feature():
    steps = np.empty(2, dtype=object)
    steps[:] = [np.array([1.0, 1.0]), np.array([1.0, 2.0])]
    sequences, _ = read_numbers(pd.Series([steps, steps]), Columns("C"), learn=True)
    assert sequences.values.tolist() == [[1, 1], [1, 2]] * 2


def test_a_column_of_sequences_has_a_name():
    X = pd.DataFrame({"steps": [[1.0, 2.0], [3.0]]})
    _, columns = read_numbers(X, Columns("C"), learn=True)
    assert columns.feature_names_in.tolist() == ["steps"]


FRAMES = [pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), pd.DataFrame({"a": [5], "b": [6]})]


def test_the_features_of_frames_have_names():
    sequences, columns = read_numbers(FRAMES, Columns("C"), learn=True)
    assert as_lists(sequences) == [[[1, 3], [2, 4]], [[5, 6]]]
    assert (columns.n_features_in, columns.feature_names_in.tolist()) == (None, ["a", "b"])
    for X in (FRAMES[:1], [np.ones((3, 2))]):
        assert read_numbers(X, columns, learn=False, n_features=2)[1] == columns


@pytest.mark.parametrize("learn", [True, False])
def test_features_in_another_order_are_refused(learn):
    _, columns = read_numbers(FRAMES, Columns("C"), learn=True)
    with pytest.raises(ValueError, match="Feature names must be in the same order"):
        read_numbers([FRAMES[0], FRAMES[1][["b", "a"]]], columns, learn=learn)


def test_features_without_names():
    X = [pd.DataFrame(np.ones((2, 3))), np.zeros((1, 3)), pd.DataFrame(np.ones((4, 3)))]
    assert read_numbers(X, Columns("C"), learn=True)[1] == Columns("C")


def test_booleans_are_numbers():
    sequences = read([np.array([True, False]), np.array([True])])
    assert sequences.values.ravel().tolist() == [1, 0, 1]


def test_wild_values_leave_the_weights_in_force():
    values = np.random.default_rng(0).normal(20, 2, size=(10_000, 1))
    values[5_000:] += 30
    values[::200] = 1e30
    sequences = Sequences.from_lengths(values.astype(np.float32), np.full(100, 100))
    mean, variance = moments(sequences, np.repeat([1.0, 0.01], 50))
    np.testing.assert_allclose(mean, 20.3, rtol=0.01)
    assert variance[0] < 20


def test_a_feature_that_is_constant_but_for_rounding():
    values = np.full((1000, 1), 0.1, dtype=np.float32)
    values[::2] = np.nextafter(values[0], np.float32(1))
    _, variance = moments(Sequences.from_lengths(values, np.full(10, 100)), np.ones(10))
    assert variance == [1]


def test_every_block_of_sequences_has_its_own_weights(monkeypatch):
    monkeypatch.setattr("skrnn._data.sequences.BLOCK_STEPS", 6)
    values, weights = np.arange(12, dtype=np.float32), np.array([1.0, 2.0, 3.0, 4.0])
    mean, variance = moments(Sequences.from_lengths(values[:, np.newaxis], np.full(4, 3)), weights)
    weights = np.repeat(weights, 3)
    np.testing.assert_allclose(mean, [np.average(values, weights=weights)])
    np.testing.assert_allclose(variance, [np.average((values - mean) ** 2, weights=weights)])


def test_finite_numbers_may_have_a_sum_beyond_float32():
    X = np.tile([-1.0, 3e38, 3e38], (4, 1))
    assert read(X).values.ravel().tolist() == X.astype(np.float32).ravel().tolist()
