import keras
import numpy as np

from skrnn.layers import WordDropout

IDS = np.tile(np.array([[7, 8, 9, 0, 0]], dtype="int32"), (4000, 1))


def test_drops_a_share_of_the_words_in_training_only():
    layer = WordDropout(0.2, token=1, seed=0)
    np.testing.assert_array_equal(layer(IDS), IDS)
    dropped = np.asarray(layer(IDS, training=True))
    assert set(np.unique(dropped)) == {0, 1, 7, 8, 9}
    np.testing.assert_array_equal(dropped == 0, IDS == 0)
    # 12,000 draws: five standard errors are 0.018.
    assert abs((dropped == 1).sum() / (IDS != 0).sum() - 0.2) < 0.018


def test_draws_anew_in_every_step_and_follows_its_seed():
    first, second = WordDropout(0.5, seed=3), WordDropout(0.5, seed=3)
    one, two = (np.asarray(first(IDS, training=True)) for _ in range(2))
    assert (one != two).any()
    np.testing.assert_array_equal(second(IDS, training=True), one)
    np.testing.assert_array_equal(second(IDS, training=True), two)


def test_any_token_can_stand_in_place():
    dropped = np.asarray(WordDropout(0.5, token=2, seed=0)(IDS, training=True))
    assert set(np.unique(dropped)) == {0, 2, 7, 8, 9}


def test_keeps_dtype_and_config():
    layer = WordDropout(0.5, token=2, seed=3, name="words")
    assert layer(IDS, training=True).dtype == "int32"
    config = WordDropout.from_config(layer.get_config()).get_config()
    assert config == layer.get_config()
    assert (config["rate"], config["token"], config["seed"]) == (0.5, 2, 3)
    spec = layer.compute_output_spec(keras.KerasTensor((None, None), dtype="int32"))
    assert (spec.shape, spec.dtype) == ((None, None), "int32")
