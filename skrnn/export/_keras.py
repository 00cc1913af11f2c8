"""From a fitted model to a Keras model of stock layers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from .._data.readers import IdReader
from .._data.sequences import PADDING, UNKNOWN
from .._model import Model
from .._network.build import names_from_the_start
from .._network.flow import Flow
from .._network.stages import first_stage_of, stages_of

# Added to the place of padding, it comes behind every id.
_BEHIND_ALL = 2**30


@names_from_the_start()
def to_keras(model: Model) -> keras.Model:
    """Return a fitted model as a Keras model; see `LSTMTextClassifier.to_keras`."""
    network = model.loan.network
    weights = network.stock_weights()
    variance = weights.get("normalization/variance", np.ones(1))
    if np.sqrt(variance.min()) < keras.config.epsilon():
        raise ValueError(
            "A feature of X has a standard deviation of"
            f" {np.sqrt(variance.min()):.1g}, and Keras' Normalization takes less than"
            f" {keras.config.epsilon()} for that: fit on numbers of a larger scale."
        )
    inputs, values = _inputs(model)
    flow = Flow(values)
    for stage in stages_of(network.architecture):
        flow = stage.stock(flow)
    stock = keras.Model(inputs, flow.values, name="lstm_text_classifier")
    for variable in stock.weights:
        if variable.path in weights:
            variable.assign(weights[variable.path])
    for layer in stock.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with a copy of its weights
    return stock


def _inputs(model: Model) -> tuple[Any, Any]:
    """Return the input of the Keras model, and what the first stage takes."""
    if not isinstance(model.reader, IdReader):
        inputs = first_stage_of(model.loan.architecture).input()
        return inputs, inputs
    inputs = keras.Input((None,), dtype="int64", name="ids")
    # Numbers as `IdReader` does: 1 is unknown, the known ids follow.
    if len(model.reader.ids):
        ids = keras.layers.IntegerLookup(
            vocabulary=model.reader.ids, mask_token=PADDING, oov_token=-1, name="lookup"
        )(inputs)
    else:  # the layer refuses an empty vocabulary: every id is unknown
        ids = ops.where(ops.equal(inputs, PADDING), PADDING, UNKNOWN)
    return inputs, _without_gaps(ids)


def _without_gaps(ids: Any) -> Any:
    """Move padding to the right, as cuDNN asks for; a row of padding is one unknown token."""
    places = ops.cumsum(ops.ones_like(ids), axis=1)
    is_padding = ops.cast(ops.equal(ids, PADDING), ids.dtype)
    ids = ops.take_along_axis(ids, ops.argsort(places + _BEHIND_ALL * is_padding, axis=1), axis=1)
    return ops.where(ops.equal(places, 1), ops.maximum(ids, UNKNOWN), ids)
