import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from skrnn.layers import AttentionPooling1D, MaskedMaxPooling1D


def test_equals_keras_without_a_mask():
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    np.testing.assert_array_equal(MaskedMaxPooling1D()(x), keras.layers.GlobalMaxPooling1D()(x))


def test_the_steps_come_first_in_any_layout_of_images(channels_first):
    assert MaskedMaxPooling1D()(keras.Input((None, 5))).shape == (None, 5)


def test_padding_takes_no_part():
    x = -np.abs(np.random.default_rng(0).normal(size=(2, 4, 5))).astype("float32")
    x[0, 2:] = 0.0
    mask = np.array([[True, True, False, False], [True] * 4])
    pooled = np.asarray(MaskedMaxPooling1D()(x, mask=mask))
    np.testing.assert_array_equal(pooled[0], x[0, :2].max(axis=0))
    np.testing.assert_array_equal(pooled[1], x[1].max(axis=0))


def test_numbers_of_any_size_are_above_padding():
    steps, mask = np.array([[[-1e6], [0.0]]], "float32"), np.array([[True, False]])
    assert MaskedMaxPooling1D()(steps, mask=mask).numpy().tolist() == [[-1e6]]
    layer = AttentionPooling1D(1, kernel_initializer="ones")
    assert layer(steps, mask=mask).numpy().tolist() == [[-1e6]]


def test_attention_is_a_weighted_mean():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 5)).astype("float32")
    mask = np.array([[True, True, False, False], [True] * 4])
    layer = AttentionPooling1D(heads=3)
    pooled = np.asarray(layer(x, mask=mask))
    assert pooled.shape == (2, 15)
    for row, length in enumerate([2, 4]):
        steps = x[row, :length]
        for head, kernel in enumerate(np.asarray(layer.kernel).T):
            # Not @: kernels of BLAS may set floating-point flags for lanes that they do not use.
            shares = softmax(4 * (steps * kernel).sum(axis=1))
            part = pooled[row, 5 * head : 5 * (head + 1)]
            expected = (shares[:, np.newaxis] * steps).sum(axis=0)
            np.testing.assert_allclose(part, expected, rtol=1e-4, atol=1e-6)


def test_attention_without_a_mask():
    x = np.random.default_rng(0).normal(size=(2, 4, 5)).astype("float32")
    layer = AttentionPooling1D(heads=2)
    np.testing.assert_array_equal(layer(x), layer(x, mask=np.ones((2, 4), bool)))


@pytest.mark.parametrize("layer", [MaskedMaxPooling1D(), AttentionPooling1D(heads=2)])
def test_saves_and_loads(tmp_path, layer):
    model = keras.Sequential([keras.Input((None, 2)), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((1, 2, 2), dtype="float32")
    np.testing.assert_array_equal(loaded(x), model(x))


def test_config_keeps_the_initializer():
    layer = AttentionPooling1D(heads=2, kernel_initializer="zeros")
    again = AttentionPooling1D.from_config(layer.get_config())
    assert isinstance(again.kernel_initializer, keras.initializers.Zeros)


def test_the_time_axis_may_stay():
    layer = MaskedMaxPooling1D(keepdims=True)
    steps = np.arange(24, dtype="float32").reshape(2, 3, 4)
    assert layer(steps).shape == (2, 1, 4) == layer.compute_output_shape(steps.shape)


@pytest.mark.parametrize("layer", [MaskedMaxPooling1D(), AttentionPooling1D(2)])
def test_what_follows_has_no_mask_of_steps(layer):
    steps, mask = np.ones((1, 2, 3), "float32"), np.array([[True, False]])
    assert layer.compute_mask(steps, mask) is None


def test_another_layout_is_refused():
    with pytest.raises(ValueError, match="data_format must be 'channels_last'"):
        MaskedMaxPooling1D(data_format="channels_first")


@pytest.mark.parametrize("layer", [MaskedMaxPooling1D(), AttentionPooling1D(2)])
def test_masked_steps_are_finite(layer):
    """So that `tf.debugging.enable_check_numerics` finds what a user looks for."""
    steps, mask = np.ones((1, 2, 3), "float32"), np.array([[True, False]])
    graph = tf.function(lambda x: layer(x, mask=mask)).get_concrete_function(steps).graph
    constants = [op.outputs[0] for op in graph.get_operations() if op.type == "Const"]
    values = [tf.get_static_value(c) for c in constants if c.dtype == tf.float32]
    assert all(np.isfinite(value).all() for value in values)
    assert any((value < -1e4).any() for value in values)
