import numpy as np
import pytest

from skrnn._data.samples import Labels, Samples, split, weigh
from skrnn._data.seeds import Seeds
from skrnn._data.sequences import Sequences
from skrnn._data.targets import Targets


def test_equal_samples_merge_whatever_their_order():
    rows, targets = [[1, 2], [3], [1, 2], [1, 2], [3]], np.array([0, 1, 0, 1, 1])

    def merged(order, *weights):
        values = np.concatenate([rows[i] for i in order]).astype(np.int32)
        lengths = np.array([len(rows[i]) for i in order])
        sequences = Sequences.from_lengths(values, lengths)
        return Samples(sequences, Labels(targets[order], *np.array(weights))).merged()

    once = merged([0, 1, 3], [2, 2, 1], [20, 6, 10])
    repeated = merged([4, 3, 2, 1, 0], np.ones(5), [3, 10, 10, 3, 10])
    for one, other in zip(once.labels, repeated.labels, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(once.sequences.padded(), repeated.sequences.padded())
    assert sorted(np.transpose(once.labels).tolist()) == [[0, 2, 20], [1, 1, 10], [1, 2, 6]]


def test_the_only_row_of_a_class_is_not_held_out():
    targets = np.array([0] * 10 + list(range(1, 11)))
    _, held_out = split(Labels(targets, *np.ones((2, 20))), 0.25, Seeds(0))
    assert targets[held_out].tolist() == [0] * 5


def test_weights_of_labels_have_a_mean_of_1():
    weights = np.array([[0.0, 3.0], [1.0, 2.0]])
    labels = Labels(np.eye(2), weights, 2 * weights)
    one_each = Sequences.from_lengths(np.array([2, 3], np.int32), np.array([1, 1]))
    scaled = Samples(one_each, labels).with_mean_weight_1().labels
    assert scaled.weights.mean() == scaled.late_weights.mean() == 1
    assert labels.counts.all()


def test_the_held_out_part_is_stratified_and_keeps_single_samples():
    targets = np.repeat(np.arange(4), [50, 30, 19, 1])
    labels = Labels(targets, *np.ones((2, 100)))
    held_out_rows = []
    for seed in range(5):
        training, held_out = split(labels, 0.2, Seeds(seed))
        np.testing.assert_array_equal(np.sort(np.concatenate([training, held_out])), range(100))
        counts = np.bincount(targets[held_out], minlength=4)
        assert counts.sum() == 20
        assert counts[3] == 0
        assert np.abs(counts[:3] - np.array([50, 30, 19]) * 20 / 99).max() < 1
        held_out_rows.append(tuple(held_out))
    assert len(set(held_out_rows)) == 5


INDICATORS = np.array([[1, 0], [0, 0], [0, 1], [0, 0], [0, 0], [0, 1]])
OF_COLUMNS = Targets.learn(INDICATORS, multilabel=True)
OF_LABELS = Targets.learn(["a", "b", "b"], multilabel="auto")


def test_balanced_weights_give_the_sides_of_every_label_the_same_sum():
    weights = weigh(OF_COLUMNS, INDICATORS, None, "balanced", balance_late=False).weights
    for column, indicators in zip(weights.T, INDICATORS.T, strict=True):
        assert column[indicators == 1].sum() == pytest.approx(3)
        assert column[indicators == 0].sum() == pytest.approx(3)


@pytest.mark.parametrize(
    ("targets", "y"), [(OF_COLUMNS, INDICATORS), (OF_LABELS, np.array([0, 1, 1, 0, 1, 1]))]
)
def test_balanced_weights_do_not_count_samples_without_a_weight(targets, y):
    sample_weight = np.array([1, 1, 1, 0, 0, 2])
    here = sample_weight > 0
    labels = weigh(targets, y, sample_weight, "balanced", balance_late=False)
    expected = weigh(targets, y[here], sample_weight[here], "balanced", balance_late=False)
    np.testing.assert_array_equal(labels.weights[here], expected.weights)
    assert not labels.weights[~here].any()


@pytest.mark.parametrize("scale", [1e308, 1e-310])
def test_only_the_ratios_of_weights_count(scale):
    weights = np.array([1.0, 0.5, 0.0])
    sequences = Sequences.from_lengths(np.array([2, 3, 4], dtype=np.int32), np.ones(3, int))
    scaled, plain = (
        Samples(sequences, Labels(np.zeros(3, np.int32), own, own)).with_mean_weight_1()
        for own in (scale * weights, weights)
    )
    np.testing.assert_allclose(scaled.labels.weights, plain.labels.weights)


@pytest.mark.parametrize(
    "class_weight", [{1: 5}, {1: {1: 5}}, {1: {0: 1, 1: 5}}, [{}, {1: 5}], [{0: 1, 1: 1}, {1: 5}]]
)
def test_weights_of_columns(class_weight):
    sample_weight = np.arange(1, 7)
    labels = weigh(OF_COLUMNS, INDICATORS, sample_weight, class_weight, balance_late=True)
    expected = np.where(INDICATORS * [0, 1], 5, 1) * sample_weight[:, np.newaxis]
    np.testing.assert_array_equal(labels.weights, expected)


@pytest.mark.parametrize("bad", [[1.0], ["much", "little"]], ids=repr)
def test_bad_weights_are_named(bad):
    name = "sample_weight_val"
    message = f"^{name} must hold a number for every sample, of which one at least is not 0, got "
    with pytest.raises(ValueError, match=message):
        weigh(OF_LABELS, np.array([1, 1]), bad, None, balance_late=False, name=name)


def test_weights_that_are_all_zero_are_named():
    name, codes = "sample_weight_val", np.array([1, 1])
    # scikit-learn finds them by itself, in later versions than the lowest.
    message = f"^{name} (must hold .* one at least is not 0, got |is 0 for every .* to judge by)"
    with pytest.raises(ValueError, match=message):
        weigh(OF_LABELS, codes, [0.0, 0.0], None, balance_late=False, name=name)


def test_weights_of_classes_that_are_all_zero_are_named():
    with pytest.raises(ValueError, match=r"^class_weight is 0 for every sample.*train on"):
        weigh(OF_LABELS, np.array([0, 0]), None, {"a": 0}, balance_late=False)


def test_labels_may_look_like_numbers():
    targets = Targets.learn(["0", "1"], multilabel="auto")
    labels = weigh(targets, np.array([0, 1]), None, {"1": 5}, balance_late=False)
    np.testing.assert_array_equal(labels.weights, [1, 5])


def test_a_part_of_the_data_may_lack_a_class_that_has_a_weight():
    labels = weigh(OF_LABELS, np.array([1, 1]), None, {"a": 3}, balance_late=False)
    np.testing.assert_array_equal(labels.weights, [1, 1])


@pytest.mark.parametrize(
    ("targets", "y", "class_weight", "message"),
    [
        (OF_LABELS, ["a"], {"a": np.nan}, r"class_weight\['a'\] must be a finite number .* nan"),
        (OF_LABELS, ["a"], {"a": np.inf}, "must be a finite number"),
        (OF_LABELS, ["a"], {"b": -1}, "not negative, got -1"),
        (OF_LABELS, ["a"], {"a": "much"}, "got 'much'"),
        (OF_LABELS, ["a"], {"c": 1}, r"The classes, .* are not in class_weight"),
        (OF_LABELS, ["a"], [{"a": 1}], "a list, which is for a multi-label y"),
        (OF_COLUMNS, INDICATORS, {0: {1: np.nan}}, r"class_weight\[0\]\[1\] must be a finite"),
        (OF_COLUMNS, INDICATORS, {0: {2: 1}}, "sides 0 and 1 of a column, got 2"),
        (OF_COLUMNS, INDICATORS, {2: 1}, r"names 2, but y has the columns \[0, 1\]"),
        (OF_COLUMNS, INDICATORS, [{1: 1}], "a list of 2 dicts"),
        (OF_COLUMNS, INDICATORS, [1, 2], "a list of 2 dicts"),
    ],
    ids=repr,
)
def test_bad_class_weights_are_refused(targets, y, class_weight, message):
    with pytest.raises(ValueError, match=message):
        weigh(targets, targets.encode(y), None, class_weight, balance_late=False)


def test_a_single_row_to_hold_out_is_of_the_class_in_the_middle():
    labels = Labels(np.repeat([0, 1, 2], [2, 6, 2]), *np.ones((2, 10)))
    for seed in range(5):
        _, (row,) = split(labels, 0.1, Seeds(seed))
        assert labels.targets[row] == 1


@pytest.mark.parametrize("class_weight", [{"a": 1e200}, {"a": 1, "b": 1e200}])
def test_a_product_of_weights_that_no_float_holds_is_refused(class_weight):
    with pytest.raises(ValueError, match="sample_weight times class_weight is too large"):
        weigh(OF_LABELS, np.array([0, 1]), np.full(2, 1e200), class_weight, balance_late=False)
