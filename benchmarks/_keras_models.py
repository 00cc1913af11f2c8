"""The peers' models in plain Keras, and in scikeras."""

from __future__ import annotations

from typing import Any

import keras


def lstm(
    input_shape: tuple,
    n_classes: int,
    units: int,
    depth: int,
    bidirectional: bool,
    n_words: int | None = None,
    embedding_dim: int | None = None,
) -> keras.Model:
    """Build and compile LSTM layers and a softmax, behind an embedding or not."""
    model = keras.Sequential([keras.Input(input_shape)])
    if n_words is not None:
        model.add(keras.layers.Embedding(n_words, embedding_dim, mask_zero=True))
    for index in range(depth):
        layer = keras.layers.LSTM(units, return_sequences=index < depth - 1)
        model.add(keras.layers.Bidirectional(layer) if bidirectional else layer)
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile(
        keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def scikeras_classifier(epochs: int, **layers: Any) -> Any:
    """Wrap the same model; the classes are those of the data."""
    from scikeras.wrappers import KerasClassifier

    return KerasClassifier(_build, epochs=epochs, batch_size=50, verbose=0, **layers)


def _build(meta: dict, units: int, depth: int, bidirectional: bool) -> keras.Model:
    return lstm(meta["X_shape_"][1:], meta["n_classes_"], units, depth, bidirectional)
