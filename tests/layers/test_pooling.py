import keras
import numpy as np

from skrnn.layers import MaskedMaxPooling1D


def test_equals_keras_without_a_mask():
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    np.testing.assert_array_equal(MaskedMaxPooling1D()(x), keras.layers.GlobalMaxPooling1D()(x))


def test_padding_takes_no_part():
    x = -np.abs(np.random.default_rng(0).normal(size=(2, 4, 5))).astype("float32")
    x[0, 2:] = 0.0
    mask = np.array([[True, True, False, False], [True] * 4])
    pooled = np.asarray(MaskedMaxPooling1D()(x, mask=mask))
    np.testing.assert_array_equal(pooled[0], x[0, :2].max(axis=0))
    np.testing.assert_array_equal(pooled[1], x[1].max(axis=0))


def test_saves_and_loads(tmp_path):
    model = keras.Sequential([keras.Input((None, 2)), MaskedMaxPooling1D()])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((1, 2, 2), dtype="float32")
    np.testing.assert_array_equal(loaded(x), model(x))
