import keras
import numpy as np
import tensorflow as tf

from skrnn.layers import FeatureNormalization, NaNMasking

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
