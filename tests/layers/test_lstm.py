import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from skrnn.layers import FusedLSTM

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def both_layers(units, **kwargs):
    seeds = {
        "kernel_initializer": keras.initializers.GlorotUniform(seed=1),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=2),
        "bias_initializer": keras.initializers.RandomNormal(seed=3),
        "unit_forget_bias": False,
        "seed": 0,
    }
    fused = FusedLSTM(units, right_padded=True, **seeds, **kwargs)
    return keras.layers.LSTM(units, **seeds, **kwargs), fused


def outputs_and_gradients(layer, x, **kwargs):
    """Return everything a layer computes, and the gradients of a loss that uses all of it."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = tf.nest.flatten(layer(x, **kwargs))
        loss = tf.add_n([tf.reduce_sum(tf.sin(3 * output)) for output in outputs])
    weights = [variable.value for variable in layer.trainable_variables]
    gradients = tape.gradient(loss, [x, *weights])
    return [np.asarray(value) for value in [*outputs, *gradients]]


def assert_same(plain, fused, x, **kwargs):
    expected = outputs_and_gradients(plain, x, **kwargs)
    got = outputs_and_gradients(fused, x, **kwargs)
    assert len(expected) == len(got)
    for one, other in zip(expected, got, strict=True):
        np.testing.assert_allclose(other, one, **TOLERANCE)


def count_fused_ops(layer, shape=(2, 3, 4), dtype="float32", mask=None, jit_compile=None):
    function = tf.function(lambda x: layer(x, mask=mask), jit_compile=jit_compile)
    graph = function.get_concrete_function(tf.TensorSpec(shape, dtype)).graph
    names = [op.type for op in graph.get_operations()]
    for inner in graph._functions.values():
        names += [node.op for node in inner.cached_definition.node_def]
    return names.count("BlockLSTM")


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_equals_keras(data):
    integers = st.integers
    batch, steps = data.draw(integers(1, 5)), data.draw(integers(1, 9))
    width, units = data.draw(integers(1, 6)), data.draw(integers(1, 7))
    rng = np.random.default_rng(data.draw(integers(0, 1000)))
    x = rng.normal(size=(batch, steps, width)).astype("float32")
    plain, fused = both_layers(
        units,
        return_sequences=data.draw(st.booleans()),
        return_state=data.draw(st.booleans()),
        go_backwards=data.draw(st.booleans()),
        zero_output_for_mask=data.draw(st.booleans()),
    )
    kwargs = {}
    kind = data.draw(st.sampled_from(["none", "ragged", "equal", "with an empty row"]))
    if kind != "none":
        lengths = rng.integers(1, steps + 1, size=batch)
        lengths[0] = {"equal": steps, "ragged": 1}.get(kind, 0)
        if kind == "equal":
            lengths[:] = steps
        kwargs["mask"] = np.arange(steps) < lengths[:, np.newaxis]
    if data.draw(st.booleans()):
        state = rng.normal(size=(2, batch, units)).astype("float32")
        kwargs["initial_state"] = [tf.constant(state[0]), tf.constant(state[1])]
    assert_same(plain, fused, x, **kwargs)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("is_masked", [False, True])
def test_equals_keras_in_both_directions(return_sequences, is_masked):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 7, 3)).astype("float32")
    mask = np.arange(7) < np.array([[7], [1], [4], [6]]) if is_masked else None
    plain, fused = (
        keras.layers.Bidirectional(layer)
        for layer in both_layers(5, return_sequences=return_sequences)
    )
    assert_same(plain, fused, x, mask=mask)


@pytest.mark.parametrize("mask", [None, np.array([[True, True, True], [True, False, False]])])
def test_runs_in_one_op(mask):
    _, fused = both_layers(5)
    assert count_fused_ops(fused, mask=mask) == 1


LEFT_PADDED = np.array([[False, True, True], [True, True, True]])


@pytest.mark.parametrize(
    ("kwargs", "call"),
    [
        ({"activation": "relu"}, {}),
        ({"recurrent_activation": "hard_sigmoid"}, {}),
        ({"use_bias": False}, {}),
        ({"unroll": True}, {}),
        ({"recurrent_dropout": 0.5}, {}),
        ({"dropout": 0.5}, {}),
        ({"dtype": "float64"}, {"dtype": "float64"}),
        ({"dtype": "mixed_bfloat16"}, {}),
        ({}, {"jit_compile": True}),
    ],
    ids=lambda value: str(value),
)
def test_leaves_to_the_parent_what_the_op_cannot_do(kwargs, call):
    plain, fused = both_layers(5, **kwargs)
    assert count_fused_ops(fused, **call) == 0
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_allclose(
        np.asarray(fused(x), "float32"), np.asarray(plain(x), "float32"), **TOLERANCE
    )


@pytest.mark.parametrize("kwargs", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}], ids=str)
def test_dropout_equals_keras_and_draws_in_training_only(kwargs):
    plain, fused = both_layers(5, **kwargs)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    without = fused(x, training=False)
    state = fused.cell.seed_generator.state
    drawn = np.asarray(state)
    fused(x, training=False)
    np.testing.assert_array_equal(state, drawn)
    with_dropout = tf.function(fused)(x, training=True)
    assert (np.asarray(state) != drawn).any()
    assert np.abs(with_dropout - without).max() > 1e-3
    expected = tf.function(plain)(x, training=True)
    np.testing.assert_allclose(with_dropout, expected, **TOLERANCE)


def test_a_mask_without_the_promise_goes_to_the_parent():
    plain, _ = both_layers(5)
    fused = FusedLSTM(5)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    plain.build(x.shape)
    fused.build(x.shape)
    fused.set_weights(plain.get_weights())
    assert count_fused_ops(fused, mask=LEFT_PADDED) == 0
    assert count_fused_ops(fused) == 1
    assert_same(plain, fused, x, mask=LEFT_PADDED)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_a_stateful_layer_goes_on_from_the_last_step_in_front_of_padding(go_backwards):
    plain, fused = both_layers(5, stateful=True, go_backwards=go_backwards)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    mask = np.array([[True, True, False], [True, False, False]])
    for _ in range(2):
        np.testing.assert_allclose(fused(x, mask=mask), plain(x, mask=mask), **TOLERANCE)


def test_leaves_a_gpu_to_the_parent(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    _, fused = both_layers(5)
    assert count_fused_ops(fused) == 0


def test_runs_under_xla():
    plain, fused = both_layers(5)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    compiled = tf.function(fused, jit_compile=True)
    np.testing.assert_allclose(compiled(x), plain(x), **TOLERANCE)


def test_half_precision_is_fused():
    _, fused = both_layers(5, dtype="float16")
    assert count_fused_ops(fused, dtype="float16") == 1
    plain, mixed = both_layers(5, dtype="mixed_float16")
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_allclose(
        np.asarray(mixed(x), "float32"), np.asarray(plain(x), "float32"), atol=2e-3
    )


def test_weights_go_both_ways(tmp_path):
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    plain, fused = (
        keras.Sequential([keras.Input((None, 4)), keras.layers.Bidirectional(layer, name="both")])
        for layer in both_layers(5)
    )
    plain.layers[0].set_weights([w + 0.1 for w in plain.layers[0].get_weights()])
    assert not np.allclose(plain(x), fused(x))
    plain.save_weights(tmp_path / "plain.weights.h5")
    fused.load_weights(tmp_path / "plain.weights.h5")
    np.testing.assert_allclose(fused(x), plain(x), **TOLERANCE)
    fused.layers[0].set_weights([w + 0.1 for w in fused.layers[0].get_weights()])
    fused.save_weights(tmp_path / "fused.weights.h5")
    plain.load_weights(tmp_path / "fused.weights.h5")
    np.testing.assert_allclose(fused(x), plain(x), **TOLERANCE)


def test_saves_and_loads_as_a_keras_model(tmp_path):
    model = keras.Sequential(
        [keras.Input((None, 4)), keras.layers.Bidirectional(FusedLSTM(3, right_padded=True))]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert loaded.layers[0].forward_layer.right_padded is True


@pytest.mark.parametrize(("width", "units"), [(1, 4), (2, 3), (3, 5)])
def test_odd_widths_are_quiet(width, units, capfd):
    _, fused = both_layers(units)
    fused(np.zeros((3, 2, width), dtype="float32"))
    assert "BlockLSTMOp" not in capfd.readouterr().err


def test_an_interrupted_trace_leaves_no_mask_behind():
    layer = FusedLSTM(3, recurrent_dropout=0.5, seed=0)
    x = np.ones((2, 4, 5), dtype="float32")
    layer(x)

    def interrupted(x):
        layer.cell.get_recurrent_dropout_mask(tf.ones((2, 3)))  # as in the middle of the loop
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tf.function(interrupted)(x)
    assert tf.function(lambda x: layer(x, training=True))(x).shape == (2, 3)
