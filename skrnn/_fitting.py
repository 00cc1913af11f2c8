"""One fit, from raw X and y to a fitted twin of the estimator."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields
from numbers import Integral
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from ._batching import Batches, merge_equal_samples
from ._embeddings import ppmi_embeddings
from ._forks import check_not_forked
from ._inputs import TextReader, as_documents, check_kind, make_reader, read_numbers
from ._network import Architecture, Network, optimizer_config
from ._recycling import borrow
from ._seeds import Seeds
from ._sequences import FIRST_TOKEN, Sequences
from ._targets import Targets
from ._training import Schedule, Validation, train

if TYPE_CHECKING:
    from ._classifier import LSTMTextClassifier

_EPOCHS, _MORE_EPOCHS, _FEW_BATCHES = 10, 15, 100
_HELD_OUT = 0.1

_FITTED = (
    "classes_",
    "n_classes_",
    "n_features_in_",
    "feature_names_in_",
    "vectorizer_",
    "history_",
    "n_iter_",
    "_reader",
    "_targets",
    "_seeds",
    "_loan",
    "_model",
)


def fit_twin(
    clf: LSTMTextClassifier,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    go_on: bool,
    classes: Any = None,
    epochs: int | None = None,
) -> LSTMTextClassifier:
    """Return a twin of the classifier that is fitted, and leave the classifier alone.

    Parameters
    ----------
    clf : LSTMTextClassifier
        The classifier; its parameters are valid.
    X, y, sample_weight : see `LSTMTextClassifier.fit`
        Training data.
    go_on : bool
        Whether the twin goes on from where the classifier is.
    classes : array-like or None, default=None
        All labels; None means those of ``y``.
    epochs : int or None, default=None
        Epochs to train; None means what the parameters say.

    Returns
    -------
    twin : LSTMTextClassifier
        Shares the classifier's network where the architecture is the same. On an error
        the network is put back to where it was.
    """
    check_not_forked()
    twin = object.__new__(type(clf))
    left_behind = ("_model",) if go_on else _FITTED
    twin.__dict__ = {name: value for name, value in vars(clf).items() if name not in left_behind}

    sequences = read(twin, X, reset=not go_on)
    if go_on:
        _check_unchanged(twin, sequences, classes)
    else:
        twin._seeds = Seeds.from_random_state(clf.random_state)
        twin._targets = Targets(y, clf.multilabel, classes)
        twin.classes_ = twin._targets.classes
        twin.n_classes_ = len(twin.classes_)
        twin.history_ = {}
    targets = twin._targets.encode(y)
    check_consistent_length(sequences, targets)
    weights = _weights(twin, targets, sample_weight)

    used = np.flatnonzero(weights)
    if not len(used):
        raise ValueError("sample_weight is 0 for every sample: there is nothing to train on.")
    training, held_out = _split(twin, targets, used)
    data = _part(sequences, targets, weights, training)
    if len(training) <= clf.batch_size and clf.shuffle:
        data = merge_equal_samples(*data)
    data = (*data[:2], _with_mean_1(data[2]))
    validation = None
    if len(held_out):
        held_out_data = _part(sequences, targets, weights, held_out)
        validation = Validation(*held_out_data[:2], _with_mean_1(held_out_data[2]))

    if not go_on:
        architecture = _architecture(twin, sequences)
        own = vars(clf).get("_loan")
        has_one = own is not None and own.can_serve(architecture)
        twin._loan = own if has_one else borrow(architecture)
    network = twin._loan.network
    if clf.callbacks:
        twin._loan.keep()  # a callback may hold on to the model
    before = network.get_state() if twin._loan is vars(clf).get("_loan") else None
    try:
        if not go_on:
            network.reset(twin._seeds, twin._loan.used)
            _start_embeddings(twin, data[0])
        history = _train(twin, data, validation, epochs)
    except BaseException:
        if before is not None:
            network.set_state(before)
        raise
    twin.history_ = {
        name: [*twin.history_.get(name, []), *values] for name, values in history.items()
    }
    twin.n_iter_ = twin.current_epoch
    return twin


def read(clf: LSTMTextClassifier, X: Any, *, reset: bool = False) -> Sequences:
    """Read X as the classifier's kind of sequences; with ``reset`` learn that kind."""
    holds_numbers = clf.embedding_dim is None if reset else "_reader" not in vars(clf)
    if holds_numbers:
        n_features = None if reset else clf._loan.network.architecture.n_features
        return read_numbers(clf, X, reset=reset, n_features=n_features)
    documents = as_documents(clf, X, reset=reset)
    if not reset:
        check_kind(documents, clf._reader, type(clf).__name__)
        return Sequences.concatenate(clf._reader.blocks(documents))
    clf._reader = make_reader(documents, clf.vectorizer)
    sequences = clf._reader.fit(documents)
    if isinstance(clf._reader, TextReader):
        clf.vectorizer_ = clf._reader.vectorizer
    return sequences


def read_blocks(clf: LSTMTextClassifier, X: Any) -> tuple[int, Iterator[Sequences]]:
    """Return the number of documents, and their sequences a block at a time."""
    if "_reader" not in vars(clf):
        sequences = read(clf, X)
        return len(sequences), iter([sequences])
    documents = as_documents(clf, X, reset=False)
    check_kind(documents, clf._reader, type(clf).__name__)
    return len(documents), clf._reader.blocks(documents)


def _check_unchanged(clf: LSTMTextClassifier, sequences: Sequences, classes: Any) -> None:
    """Raise ValueError where training cannot go on with what is asked for now."""
    if classes is not None and not np.array_equal(np.unique(classes), clf.classes_):
        raise ValueError(
            f"classes={classes!r} is not the same as on last call to partial_fit, was:"
            f" {clf.classes_!r}"
        )
    now, before = _architecture(clf, sequences), clf._loan.used
    changed = [
        field.name
        for field in fields(now)
        if getattr(now, field.name) != getattr(before, field.name)
    ]
    if changed:
        raise ValueError(
            f"Training cannot go on with another network; changed since the last fit:"
            f" {', '.join(changed)}. Fit anew with warm_start=False."
        )


def _part(
    sequences: Sequences, targets: np.ndarray, weights: np.ndarray, rows: np.ndarray
) -> tuple[Sequences, np.ndarray, np.ndarray]:
    if len(rows) == len(sequences):  # all of them, in order: no need for a copy
        return sequences, targets, weights
    return sequences.take(rows), targets[rows], weights[rows]


def _with_mean_1(weights: np.ndarray) -> np.ndarray:
    """Scale weights so that a batch's mean loss is, on average, the weighted mean."""
    return (weights * (len(weights) / weights.sum())).astype(np.float32)


def _weights(clf: LSTMTextClassifier, targets: np.ndarray, sample_weight: Any) -> np.ndarray:
    weights = _check_sample_weight(
        sample_weight, targets, dtype=np.float64, ensure_non_negative=True, copy=True
    )
    if clf.class_weight is not None:
        labels = targets if clf._targets.multilabel else clf.classes_[targets]
        weights *= compute_sample_weight(clf.class_weight, labels)
    return weights


def _split(
    clf: LSTMTextClassifier, targets: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train with and a stratified share of rows to judge by.

    Rows are sorted by class, in random order within it, and taken at even distances:
    every class is represented to within one row, whatever its size. The only row of a
    class is not held out.
    """
    share = clf.validation_split or (_HELD_OUT if clf.early_stopping else 0.0)
    if not share:
        return used, used[:0]
    order = clf._seeds.generator("split").permutation(used)
    if targets.ndim == 1:
        order = order[np.argsort(targets[order], kind="stable")]
        order = order[np.bincount(targets[used])[targets[order]] > 1]
    size = round(share * len(used))
    if size == 0 or size > len(order) or size == len(used):
        raise ValueError(
            f"validation_split={share} of {len(used)} samples leaves nothing to train on or"
            " nothing to hold out."
        )
    held_out = order[((np.arange(size) + 0.5) * len(order) / size).astype(np.intp)]
    return np.setdiff1d(used, held_out), np.sort(held_out)


def _architecture(clf: LSTMTextClassifier, sequences: Sequences) -> Architecture:
    has_tokens = clf.embedding_dim is not None
    dropout = clf.dropout
    if dropout == "auto":
        dropout = 0.5 if has_tokens else 0.0
    return Architecture(
        n_outputs=len(clf.classes_),
        multilabel=clf._targets.multilabel,
        units=_units(clf),
        bidirectional=bool(clf.bidirectional),
        pooling=clf.pooling,
        vocabulary_size=clf._reader.vocabulary_size if has_tokens else None,
        embedding_dim=clf.embedding_dim,
        n_features=None if has_tokens else sequences.values.shape[1],
        word_dropout=float(clf.word_dropout) if has_tokens else 0.0,
        embedding_dropout=float(clf.embedding_dropout) if has_tokens else 0.0,
        recurrent_dropout=float(clf.recurrent_dropout),
        dropout=float(dropout),
        optimizer=optimizer_config(clf.optimizer, global_clipnorm=clf.global_clipnorm),
        dtype_policy=keras.config.dtype_policy().name,
    )


def _units(clf: LSTMTextClassifier) -> tuple[int, ...]:
    """Return the width of every layer."""
    if isinstance(clf.units, Integral):
        return (int(clf.units),) * clf.depth
    widths = np.asarray(clf.units).tolist()
    if len(widths) != clf.depth or not all(isinstance(w, int) and w > 0 for w in widths):
        raise ValueError(
            f"units must be a positive int or a list of depth={clf.depth} positive ints, got"
            f" {clf.units!r}."
        )
    return tuple(widths)


def _start_embeddings(clf: LSTMTextClassifier, sequences: Sequences) -> None:
    """Replace the random vectors by those that ``embeddings`` asks for."""
    if clf.embedding_dim is None or (
        isinstance(clf.embeddings, str) and clf.embeddings == "random"
    ):
        return
    layer = clf._loan.network.model.get_layer("embedding")
    table = np.zeros(layer.embeddings.shape, dtype=np.float32)
    size = clf._reader.vocabulary_size
    if isinstance(clf.embeddings, str):
        seed = clf._seeds.integer("embeddings")
        table[:size] = ppmi_embeddings(sequences, size, clf.embedding_dim, random_state=seed)
    else:
        expected = (size - FIRST_TOKEN, clf.embedding_dim)
        if clf.embeddings.shape != expected:
            raise ValueError(
                f"embeddings has shape {clf.embeddings.shape}, but a vocabulary of"
                f" {expected[0]} tokens and embedding_dim={expected[1]} need {expected}."
            )
        table[FIRST_TOKEN:size] = clf.embeddings
    layer.embeddings.assign(table)


def _train(
    clf: LSTMTextClassifier,
    data: tuple[Sequences, np.ndarray, np.ndarray],
    validation: Validation | None,
    epochs: int | None,
) -> dict[str, list[float]]:
    network: Network = clf._loan.network
    seeds = clf._seeds if clf.shuffle else None
    batches = Batches(*data, clf.batch_size, seeds, network.width_multiple)
    horizon = clf.epochs
    if horizon == "auto":
        horizon = _EPOCHS if len(batches) >= _FEW_BATCHES else _MORE_EPOCHS
    callbacks = clf.callbacks if clf.callbacks is not None else []
    callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else callbacks
    strangers = [item for item in callbacks if not isinstance(item, keras.callbacks.Callback)]
    if strangers:
        raise ValueError(
            f"callbacks must be instances of keras.callbacks.Callback, got {strangers[0]!r}."
        )
    callbacks = deepcopy(list(callbacks))
    if clf.early_stopping:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                "val_loss", patience=clf.patience, restore_best_weights=True
            )
        )
    return train(
        network,
        batches,
        first_epoch=clf.current_epoch,
        epochs=horizon if epochs is None else epochs,
        schedule=Schedule(clf.schedule, _peak_rate(clf), horizon),
        validation=validation,
        callbacks=callbacks,
        verbose=int(clf.verbose),
    )


def _peak_rate(clf: LSTMTextClassifier) -> float | None:
    """Return the learning rate to schedule; None: the optimizer has its own schedule."""
    if isinstance(clf.optimizer, str):
        return float(clf.learning_rate)
    rate = clf.optimizer.get_config()["learning_rate"]
    return float(rate) if isinstance(rate, float) else None
