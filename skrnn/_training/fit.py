"""One fit, from raw X and y to a fitted twin of the estimator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from numbers import Integral
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from .._data.batches import Batches
from .._data.readers import TextReader, as_documents, check_kind, make_reader, read_numbers
from .._data.samples import Samples, for_training, split, weighted
from .._data.seeds import Seeds
from .._data.sequences import Sequences
from .._data.targets import Targets
from .._network.architecture import Architecture, optimizer_config
from .._network.forks import check_not_forked
from .._network.network import Network
from .._network.pool import borrow
from .._network.strategies import has_several_workers
from .._vectors.ppmi import ppmi_embeddings
from .._vectors.pretrained import pretrained_embeddings
from .callbacks import LastEpoch, ScikitLearnTasks, copy_callbacks
from .checkpoint import Checkpoint, digest, versions
from .epochs import Schedule, Validation, train

if TYPE_CHECKING:
    from .._classifier import LSTMTextClassifier

# Automatic epochs of passes with at least so many batches: small data takes more of them to
# come to enough steps.
_EPOCHS = ((100, 10), (30, 15), (0, 30))

# Below so many batches a pass has the automatic weight of consistency.
_FEW_BATCHES, _CONSISTENCY = 100, 1.0

_FITTED = (
    "classes_",
    "n_classes_",
    "n_features_in_",
    "feature_names_in_",
    "vectorizer_",
    "embedding_coverage_",
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
    checkpoint: Any = None,
    validation: tuple[Any, Any, Any] | None = None,
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
    checkpoint : str, path-like or None, default=None
        Where the state of the training is kept.
    validation : tuple of X_val, y_val and sample_weight_val, or None, default=None
        Data to judge by; None means what the parameters say.

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
    saved = None if checkpoint is None else Checkpoint(checkpoint)

    sequences = read(twin, X, reset=not go_on)
    if go_on:
        _check_unchanged(twin, sequences, classes)
        twin.history_ = {name: list(values) for name, values in clf.history_.items()}
    else:
        if clf.random_state is None and has_several_workers():
            raise ValueError(
                "random_state=None would draw something else on every worker of the strategy"
                " in scope: give all of them the same int."
            )
        twin._seeds = Seeds.from_random_state(clf.random_state)
        if clf.random_state is None and saved is not None and saved.entropy is not None:
            twin._seeds = Seeds(saved.entropy)
        twin._targets = Targets(y, clf.multilabel, classes)
        twin.classes_ = twin._targets.classes
        twin.n_classes_ = len(twin.classes_)
        twin.history_ = {}
    samples = weighted(twin, sequences, y, sample_weight).with_weight()
    if not go_on:
        architecture = _architecture(twin, sequences)
        own = vars(clf).get("_loan")
        has_one = own is not None and own.can_serve(architecture)
        twin._loan = own if has_one else borrow(architecture)
    if validation is None:
        samples, held_out = split(twin, samples)
    else:
        held_out = _read_validation(twin, *validation)
    training = for_training(twin, samples)
    held_out = None if held_out is None else held_out.with_mean_weight_1()
    network = twin._loan.network
    if clf.callbacks:
        twin._loan.keep()  # a callback may hold on to the model
    before = network.get_state() if twin._loan is vars(clf).get("_loan") else None
    try:
        if not go_on:
            network.reset(twin._seeds, twin._loan.used)
            _start_embeddings(twin, training.sequences)
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        given = {"X": X, "y": y, "metadata": metadata}
        _train(clf, twin, training, held_out, epochs, saved, given)
    except BaseException:
        if before is not None:
            network.set_state(before)
        raise
    twin.n_iter_ = twin.current_epoch
    return twin


def read(clf: LSTMTextClassifier, X: Any, *, reset: bool = False) -> Sequences:
    """Read X as the classifier's kind of sequences; with ``reset`` learn that kind."""
    holds_numbers = clf.embedding_dim is None if reset else "_reader" not in vars(clf)
    if holds_numbers:
        n_features = None if reset else clf._loan.network.architecture.n_features
        return read_numbers(clf, X, reset=reset, n_features=n_features)
    if not reset:
        return Sequences.concatenate(read_blocks(clf, X)[1])
    documents = as_documents(clf, X, reset=True)
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


def _read_validation(
    clf: LSTMTextClassifier, X_val: Any, y_val: Any, sample_weight_val: Any
) -> Samples:
    if X_val is None or y_val is None:
        given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
        raise ValueError(f"{given} is given without {missing}.")
    if clf.validation_split:
        raise ValueError(
            f"X_val and y_val are given, and validation_split={clf.validation_split} would hold"
            " out others: set it to 0."
        )
    names = "y_val", "sample_weight_val"
    return weighted(clf, read(clf, X_val), y_val, sample_weight_val, names)


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
        trainable_embeddings=bool(clf.trainable_embeddings) or not has_tokens,
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
    if isinstance(clf.embeddings, str) and clf.embeddings == "ppmi":
        seed = clf._seeds.integer("embeddings")
        table[:size] = ppmi_embeddings(sequences, size, clf.embedding_dim, random_state=seed)
    else:
        table[:size], clf.embedding_coverage_ = pretrained_embeddings(
            clf.embeddings,
            clf._reader.tokens,
            clf.embedding_dim,
            random_state=clf._seeds.generator("embeddings"),
        )
    layer.embeddings.assign(table)


def _train(
    clf: LSTMTextClassifier,
    twin: LSTMTextClassifier,
    training: Samples,
    held_out: Samples | None,
    epochs: int | None,
    saved: Checkpoint | None,
    given: dict[str, Any],
) -> None:
    """Train the twin's network; what it has behind it shows in the twin's ``history_``."""
    network: Network = twin._loan.network
    seeds = twin._seeds if clf.shuffle else None
    batches = Batches(
        training.sequences,
        training.targets,
        training.weights,
        clf.batch_size,
        seeds,
        late_weights=training.late_weights,
        width_multiple=network.width_multiple,
    )
    horizon = clf.epochs
    if horizon == "auto":
        horizon = next(epochs for least, epochs in _EPOCHS if len(batches) >= least)
    consistency = clf.consistency
    if consistency == "auto":
        # Two equal answers have nothing to agree on, and a part of a stream is not small data.
        pays = len(batches) < _FEW_BATCHES and twin._loan.used.has_dropout and epochs is None
        consistency = _CONSISTENCY if pays else 0.0
    consistency = float(consistency)
    last_epoch = twin.current_epoch + int(horizon if epochs is None else epochs)
    schedule = Schedule(clf.schedule, _peak_rate(clf), int(horizon))

    callbacks = copy_callbacks(clf.callbacks)
    early_stopping = None
    if clf.early_stopping:
        early_stopping = keras.callbacks.EarlyStopping(
            "val_loss", patience=clf.patience, restore_best_weights=True
        )
        callbacks.append(early_stopping)
    if epochs is None and vars(clf).get("_skl_callbacks"):
        callbacks.append(ScikitLearnTasks(clf, twin, int(horizon), given))
    if saved is not None:
        fingerprint = _fingerprint(
            clf, twin, (training, held_out), schedule, last_epoch, consistency
        )
        saved.attach(fingerprint, network, twin.history_, early_stopping)
        callbacks.append(saved)
        if saved.has_ended:
            last_epoch = twin.current_epoch
    keeper = None
    if clf.on_interrupt == "keep":
        keeper = LastEpoch(network, twin.history_)
        callbacks.append(keeper)
    train(
        network,
        batches,
        history=twin.history_,
        first_epoch=twin.current_epoch,
        last_epoch=last_epoch,
        schedule=schedule,
        consistency=consistency,
        validation=None
        if held_out is None
        else Validation(held_out.sequences, held_out.targets, held_out.late_weights),
        callbacks=callbacks,
        keeper=keeper,
        verbose=int(clf.verbose),
    )


def _fingerprint(
    clf: LSTMTextClassifier,
    twin: LSTMTextClassifier,
    parts: tuple[Samples | None, ...],
    schedule: Schedule,
    last_epoch: int,
    consistency: float,
) -> dict[str, Any]:
    """Return all that a training depends on, by the name that a message gives it."""
    arrays = [
        array
        for part in parts
        if part is not None
        for array in (part.sequences.values, part.sequences.offsets, *part[1:])
    ]
    return {
        "X, y, sample_weight or held-out data": digest(*arrays),
        "the network": digest(asdict(twin._loan.used)),
        "the state before the fit": digest(*twin._loan.network.get_state()),
        "random_state": twin._seeds.entropy,
        "epochs": last_epoch,
        "learning_rate or schedule": [schedule.kind, schedule.peak, int(schedule.epochs)],
        "consistency": consistency,
        "batch_size or shuffle": [int(clf.batch_size), bool(clf.shuffle)],
        "early_stopping or patience": [bool(clf.early_stopping), int(clf.patience)],
        "the versions": versions(),
    }


def _peak_rate(clf: LSTMTextClassifier) -> float | None:
    """Return the learning rate to schedule; None: the optimizer has its own schedule."""
    if isinstance(clf.optimizer, str):
        return float(clf.learning_rate)
    rate = clf.optimizer.get_config()["learning_rate"]
    return float(rate) if isinstance(rate, float) else None
