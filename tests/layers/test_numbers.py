import keras
import numpy as np
import pytest
import tensorflow as tf

from skrnn.layers import FeatureNormalization, Framing1D, NaNMasking

STEPS = np.random.default_rng(0).normal(3, 2, size=(4, 5, 2)).astype("float32")


def test_equals_keras():
    own, stock = FeatureNormalization(), keras.layers.Normalization()
    own.adapt(STEPS)
    stock.adapt(STEPS)
    np.testing.assert_allclose(own(STEPS), stock(STEPS), rtol=1e-6)


def test_compiled_functions_see_new_statistics():
    layer = FeatureNormalization()
    layer.adapt(STEPS)
    compiled = tf.function(layer, autograph=False)
    before = compiled(STEPS).numpy()
    layer.adapt(STEPS + 100)
    np.testing.assert_allclose(compiled(STEPS + 100).numpy(), before, atol=1e-4)


def test_nan_is_hidden():
    steps = np.array([[[0.0, 0.0], [np.nan, np.nan]]], dtype="float32")
    pooled = keras.layers.GlobalAveragePooling1D()(NaNMasking()(steps + 1))
    np.testing.assert_array_equal(pooled, [[1.0, 1.0]])


def test_a_step_with_a_gap_is_hidden():
    steps = np.array([[[1.0, np.nan], [1.0, 2.0]]], dtype="float32")
    np.testing.assert_array_equal(NaNMasking().compute_mask(steps), [[False, True]])


@pytest.mark.parametrize(("n_steps", "frame_length"), [(6, 3), (7, 3), (2, 5), (1, 1)])
def test_frames_hold_steps_side_by_side(n_steps, frame_length):
    steps = np.arange(2 * n_steps * 2, dtype="float32").reshape(2, n_steps, 2)
    frames = np.asarray(Framing1D(frame_length)(steps))
    n_frames = -(-n_steps // frame_length)
    filled = np.zeros((2, n_frames * frame_length, 2), dtype="float32")
    filled[:, :n_steps] = steps
    np.testing.assert_array_equal(frames, filled.reshape(2, n_frames, -1))


def test_a_frame_of_padding_is_hidden():
    steps = np.ones((2, 5, 1), dtype="float32")
    steps[0, 3:] = steps[1, 2:] = np.nan
    layer = Framing1D(2)
    frames = layer(NaNMasking()(steps))
    np.testing.assert_array_equal(frames._keras_mask, [[1, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(frames[0], [[1, 1], [1, 0], [0, 0]])
    assert layer.compute_output_shape((2, 5, 1)) == (2, 3, 2)
    assert layer.compute_output_shape((2, None, 1)) == (2, None, 2)


def test_a_model_with_frames_is_saved(tmp_path):
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, Framing1D(3)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(STEPS), model(STEPS))


@pytest.mark.parametrize("argument", [{"mean": 1.0, "variance": 4.0}, {"invert": True}])
def test_given_statistics_are_refused(argument):
    with pytest.raises(ValueError, match="takes neither mean, variance nor invert"):
        FeatureNormalization(**argument)
