"""From a fitted classifier to a Keras model of stock layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from .._data.readers import IdReader
from .._data.sequences import PADDING
from .._network.architecture import ATTENTION_HEADS, Architecture
from .._network.network import Network
from ..layers._pooling import SHARPNESS

if TYPE_CHECKING:
    from .._classifier import LSTMTextClassifier

# What the layers compute in; Keras takes it from a global setting otherwise.
_DTYPE = "float32"


def to_keras(clf: LSTMTextClassifier) -> keras.Model:
    """Return a fitted classifier as a Keras model; see `LSTMTextClassifier.to_keras`."""
    own_ids = clf._reader.ids if isinstance(getattr(clf, "_reader", None), IdReader) else None
    model = _build(clf._loan.used, own_ids)
    _copy_weights(clf._loan.network, model)
    return model


def _build(a: Architecture, own_ids: Any) -> keras.Model:
    """Build the layers of `_architecture.build_model`, by the same names, without dropout."""
    if a.embedding_dim is None:
        inputs = steps = keras.Input((None, a.n_features), dtype=_DTYPE, name="steps")
        is_step = None
    else:
        dtype = "int32" if own_ids is None else "int64"
        inputs = ids = keras.Input((None,), dtype=dtype, name="ids")
        if own_ids is not None:
            # Numbers as `_inputs.IdReader` does: 1 is unknown, the known ids follow.
            ids = keras.layers.IntegerLookup(
                vocabulary=own_ids, mask_token=PADDING, oov_token=-1, name="lookup"
            )(ids)
        is_step = ops.expand_dims(ops.not_equal(ids, PADDING), -1)
        steps = keras.layers.Embedding(
            a.vocabulary_size, a.embedding_dim, mask_zero=True, dtype=_DTYPE, name="embedding"
        )(ids)
    for index, units in enumerate(a.units):
        returns_steps = index < len(a.units) - 1 or a.pooling != "last"
        layer = keras.layers.LSTM(
            units, return_sequences=returns_steps, dtype=_DTYPE, name=f"lstm_{index}"
        )
        if a.bidirectional:
            layer = keras.layers.Bidirectional(layer, dtype=_DTYPE, name=f"bidirectional_{index}")
        steps = layer(steps)
    outputs = keras.layers.Dense(
        a.n_outputs,
        activation="sigmoid" if a.multilabel or a.n_outputs == 1 else "softmax",
        dtype=_DTYPE,
        name="output",
    )(_pool(steps, is_step, a.pooling))
    if a.n_outputs == 1 and not a.multilabel:
        outputs = keras.layers.UnitNormalization(dtype=_DTYPE, name="certain")(outputs)
    return keras.Model(inputs, outputs, name="lstm_text_classifier")


def _pool(steps: Any, is_step: Any, pooling: str) -> Any:
    pooled = []
    if "max" in pooling:
        # No output of an LSTM is below -1: padding is never the only largest value.
        visible = steps if is_step is None else ops.where(is_step, steps, -1.0)
        pooled.append(keras.layers.GlobalMaxPooling1D(dtype=_DTYPE, name="max")(visible))
    if "mean" in pooling:
        pooled.append(keras.layers.GlobalAveragePooling1D(dtype=_DTYPE, name="mean")(steps))
    if "attention" in pooling:
        scores = SHARPNESS * keras.layers.Dense(
            ATTENTION_HEADS, use_bias=False, dtype=_DTYPE, name="attention"
        )(steps)
        if is_step is not None:
            scores = ops.where(is_step, scores, -float("inf"))
        shares = ops.softmax(scores, axis=1)
        means = ops.matmul(ops.transpose(shares, (0, 2, 1)), steps)
        pooled.append(ops.reshape(means, (-1, ATTENTION_HEADS * steps.shape[-1])))
    if len(pooled) > 1:
        return keras.layers.Concatenate(dtype=_DTYPE, name="pooled")(pooled)
    return pooled[0] if pooled else steps


def _copy_weights(network: Network, model: keras.Model) -> None:
    """Fill a model from the layers of the same names, without the room in them."""
    for layer in model.layers:
        if layer.weights:
            source = network.model.get_layer(layer.name)
            for variable, value in zip(layer.weights, source.weights, strict=True):
                variable.assign(value.numpy()[tuple(map(slice, variable.shape))])
