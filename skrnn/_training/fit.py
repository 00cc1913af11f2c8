"""One fit, from raw X and y to a model."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

import keras
import numpy as np
from sklearn.utils import check_consistent_length

from .._data.batches import Batches
from .._data.brief import brief
from .._data.inputs import Documents
from .._data.numbers import moments
from .._data.pseudo_labels import add_pseudo_labels
from .._data.readers import (
    Reader,
    TextReader,
    check_first_documents,
    check_later_documents,
    learn_reader,
)
from .._data.samples import Samples, split, weigh
from .._data.seeds import Seeds
from .._data.sequences import Sequences
from .._data.targets import Targets
from .._model import Model
from .._network.architecture import Architecture
from .._network.build import build_metrics
from .._network.forks import check_not_forked
from .._network.inference import predict_probabilities
from .._network.network import Network
from .._network.pool import Loan, borrow
from .._network.strategies import has_several_workers
from .._vectors.parts import part_vectors
from .._vectors.ppmi import ppmi_embeddings
from .._vectors.pretrained import pretrained_embeddings
from .callbacks import ScikitLearnTasks, copy_callbacks
from .checkpoint import Checkpoint, digest, versions
from .epochs import History, train
from .plan import Plan, make_plan

# Networks that learn from the labelled samples alone, and together label the others.
_N_TEACHERS = 2

# The share that early stopping holds out where nothing else says how much.
_HELD_OUT = 0.1


@dataclass(frozen=True)
class FitData:
    """The arguments of a fit, as the user passed them."""

    X: Any
    y: Any
    sample_weight: Any = None
    classes: Any = None
    X_val: Any = None
    y_val: Any = None
    sample_weight_val: Any = None
    X_unlabeled: Any = None


@dataclass(frozen=True)
class _Prepared:
    """What there is before a network is needed.

    ``teachers`` is the plan of the trainings whose predictions label the unlabelled
    sequences; None where the network at hand labels them, or none are there.
    """

    plan: Plan
    teachers: Plan | None
    reader: Reader
    targets: Targets
    seeds: Seeds
    training: Samples
    unlabeled: Sequences | None
    validation: Samples | None
    weighing: dict[str, Any]

    @property
    def architecture(self) -> Architecture:
        return self.plan.architecture(self.reader, self.targets)


def fit_model(
    params: Any,
    data: FitData,
    *,
    owner: str,
    before: Model | None,
    go_on: bool,
    epochs: int | None = None,
    begin_tasks: Callable[[int], tuple[Any, dict[str, Any]]] | None = None,
) -> Model:
    """Fit a model.

    Parameters
    ----------
    params : namespace
        The parameters of `LSTMTextClassifier`; each is valid by itself.
    data : FitData
        Training data.
    owner : str
        Name of the estimator, for messages.
    before : Model or None
        What the last fit made. Its network is used again where the architecture is the
        same; on an error the network is put back to where it was.
    go_on : bool
        Whether training goes on from there.
    epochs : int or None, default=None
        Epochs to train; None means what the parameters say. A checkpoint is kept only
        then.
    begin_tasks : callable or None, default=None
        Called with the number of epochs; returns the context of scikit-learn's callbacks
        and the arguments of their hooks.

    Returns
    -------
    model : Model
        The fitted model.
    """
    check_not_forked()
    callbacks = tuple(copy_callbacks(params.callbacks))
    checkpoint = None
    if params.checkpoint is not None and epochs is None:
        checkpoint = Checkpoint(params.checkpoint)
    last = before if go_on else None
    prepared = _prepare(params, data, owner, last, epochs, checkpoint)

    if before is not None and (go_on or before.loan.can_serve(prepared.architecture)):
        loan, is_own = before.loan, True
    else:
        loan, is_own = borrow(prepared.architecture), False
    network = loan.network
    if callbacks:
        loan.keep()
        build_metrics(network.model)
    coverage = None if last is None else last.embedding_coverage
    with network.unchanged_on_error() if is_own else nullcontext():
        if last is None:
            network.architecture = prepared.architecture
            vectors, coverage = _start_vectors(params, prepared)
            if prepared.teachers is not None:
                prepared = _ask_teachers(prepared, network, vectors)
            _start_network(network, prepared, vectors)
        elif prepared.unlabeled is not None:
            prepared = _pseudo_labeled(prepared, _predict(network, prepared.unlabeled))

        def model_of(loan: Loan, history: History) -> Model:
            return Model(
                prepared.reader, prepared.targets, loan, prepared.seeds, history, coverage
            )

        history = _train(
            prepared,
            network,
            {} if last is None else last.history,
            callbacks=list(callbacks),
            checkpoint=checkpoint,
            begin_tasks=begin_tasks,
            snapshot=lambda history: model_of(loan.copy(), history),
            keeps_on_interrupt=params.on_interrupt == "keep",
            verbose=int(params.verbose),
        )
    return replace(model_of(loan, history), callbacks=callbacks)


def _prepare(
    params: Any,
    data: FitData,
    owner: str,
    last: Model | None,
    epochs: int | None,
    checkpoint: Checkpoint | None,
) -> _Prepared:
    """Check all arguments, plan the fit, and only then read the documents."""
    if last is None:
        documents = check_first_documents(data.X, owner, are_numbers=params.embedding_dim is None)
        targets = Targets.learn(data.y, params.multilabel, data.classes)
        if len(targets.classes) == 1 and not targets.multilabel:
            warnings.warn(
                f"y holds the single class {brief(targets.classes.tolist()[0])}, which the"
                " classifier is going to predict for everything. Where this is a part of a"
                " larger y, shuffle it (learning_curve has shuffle=True) or stratify the parts.",
                UserWarning,
                stacklevel=2,
            )
        seeds = _first_seeds(params.random_state, checkpoint)
    else:
        documents, targets, seeds = last.reader.check(data.X), last.targets, last.seeds
        _check_same_classes(targets, data.classes)
    weighing = {
        "class_weight": params.class_weight,
        # Not where training may stop before a cycle ends, or where there is no cycle.
        "balance_late": bool(params.schedule) and not params.early_stopping,
    }
    check_consistent_length(documents, targets.encode(data.y))
    labels = weigh(targets, data.y, data.sample_weight, **weighing)
    rows = np.flatnonzero(labels.counts)
    unlabeled_documents = held_out_rows = held_out_documents = None
    if data.X_unlabeled is not None:
        unlabeled_documents = _check_alike("X_unlabeled", data.X_unlabeled, documents)
    if data.X_val is not None or data.y_val is not None:
        held_out_documents = _check_validation(params, data, documents)
        names = ("y_val", "sample_weight_val")
        check_consistent_length(held_out_documents, targets.encode(data.y_val, name="y_val"))
        held_out = weigh(targets, data.y_val, data.sample_weight_val, names=names, **weighing)
    elif share := params.validation_split or (_HELD_OUT if params.early_stopping else 0.0):
        asked = "" if params.validation_split else f"early_stopping=True: holding out {share}"
        first, second = split(labels.take(rows), share, seeds, asked=asked)
        rows, held_out_rows = rows[first], rows[second]
        held_out = labels.take(held_out_rows)
    plan_for = partial(
        make_plan,
        params,
        kind=documents.kind if last is None else last.reader.kind,
        first_epoch=0 if last is None else last.n_epochs,
        epochs=epochs,
    )
    n_unlabeled = 0 if unlabeled_documents is None else len(unlabeled_documents)
    plan = plan_for(n_samples=len(rows) + n_unlabeled)
    # A part of a stream is labelled by what was learnt from the parts before it.
    needs_teachers = n_unlabeled and last is None and epochs is None
    teachers = plan_for(n_samples=len(rows)) if needs_teachers else None
    if last is not None:
        _check_same_architecture(plan.architecture(last.reader, targets), last.loan.architecture)

    n_labeled = len(documents)
    if unlabeled_documents is not None:
        documents = documents.followed_by(unlabeled_documents)
    if last is None:
        reader, sequences = learn_reader(documents, params.vectorizer, params.subwords)
    else:
        reader = last.reader
        sequences = Sequences.concatenate(reader.read(documents))
    unlabeled = None
    if unlabeled_documents is not None:
        sequences, unlabeled = sequences.cut(n_labeled)
    validation = None
    if held_out_documents is not None:
        steps = Sequences.concatenate(reader.read(held_out_documents))
        validation = Samples(steps, held_out).with_mean_weight_1()
    elif held_out_rows is not None:
        validation = Samples(sequences.take(held_out_rows), held_out).with_mean_weight_1()
    if len(rows) < len(sequences):
        sequences, labels = sequences.take(rows), labels.take(rows)
    training = Samples(sequences, labels)
    if len(rows) <= plan.batch_size and plan.shuffle:
        training = training.merged()
    return _Prepared(
        plan=plan,
        teachers=teachers,
        reader=reader,
        targets=targets,
        seeds=seeds,
        training=training.with_mean_weight_1(),
        unlabeled=unlabeled,
        validation=validation,
        weighing=weighing,
    )


def _first_seeds(random_state: Any, checkpoint: Checkpoint | None) -> Seeds:
    if random_state is None and has_several_workers():
        raise ValueError(
            "random_state=None would draw something else on every worker of the strategy"
            " in scope: give all of them the same int."
        )
    if random_state is None and checkpoint is not None and checkpoint.entropy is not None:
        return Seeds(checkpoint.entropy)
    return Seeds.from_random_state(random_state)


def _check_validation(params: Any, data: FitData, documents: Documents) -> Documents:
    """Validate ``X_val``, which has to be like X."""
    if data.X_val is None or data.y_val is None:
        given, missing = ("X_val", "y_val") if data.y_val is None else ("y_val", "X_val")
        raise ValueError(f"{given} is given without {missing}.")
    if params.validation_split:
        raise ValueError(
            f"X_val and y_val are given, and validation_split={params.validation_split} would"
            " hold out others: set it to 0."
        )
    return _check_alike("X_val", data.X_val, documents)


def _check_alike(name: str, X: Any, documents: Documents) -> Documents:
    """Validate an argument that has to be like X."""
    n_features = documents.content.values.shape[1] if documents.kind == "numbers" else None
    try:
        return check_later_documents(X, documents.kind, documents.columns, n_features)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name} is not like X: {error} In a Pipeline, transform_input=[{name!r}] transforms"
            " it as X."
        ) from error


def _check_same_classes(targets: Targets, classes: Any) -> None:
    if classes is not None and not np.array_equal(np.unique(classes), targets.classes):
        raise ValueError(
            f"classes={brief(classes)} is not the same as on last call to partial_fit, was:"
            f" {brief(targets.classes)}"
        )


def _check_same_architecture(now: Architecture, before: Architecture) -> None:
    """Raise ValueError where training cannot go on with what is asked for now."""
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


def _start_vectors(params: Any, prepared: _Prepared) -> tuple[dict[str, np.ndarray], float | None]:
    """Return the weights that ``embeddings`` asks for, by path.

    The share of the tokens that have a vector in the user's is returned, too.
    """
    reader, source, coverage = prepared.reader, params.embeddings, None
    if reader.vocabulary_size is None or (isinstance(source, str) and source == "random"):
        return {}, None
    if isinstance(source, str) and source == "ppmi":
        parts = (prepared.training.sequences, prepared.unlabeled)
        table = ppmi_embeddings(
            Sequences.concatenate(part for part in parts if part is not None),
            reader.vocabulary_size,
            params.embedding_dim,
            random_state=prepared.seeds.integer("embeddings"),
        )
    else:
        table, coverage = pretrained_embeddings(
            source,
            reader.tokens,
            params.embedding_dim,
            random_state=prepared.seeds.generator("embeddings"),
        )
    return {"embedding/embeddings": table}, coverage


def _start_network(network: Network, prepared: _Prepared, vectors: dict[str, np.ndarray]) -> None:
    """Put a network to the start of a training."""
    network.reset(prepared.seeds)
    network.set_weights(vectors)
    reader = prepared.reader
    if isinstance(reader, TextReader) and reader.parts is not None:
        table, of_ids = network.get_weights()["embedding/embeddings"], reader.parts.of_ids
        network.set_parts(of_ids)
        network.set_weights({"parts/embeddings": part_vectors(table, of_ids, reader.n_parts)})
    if prepared.architecture.normalized:
        sequences, labels = prepared.training
        mean, variance = moments(sequences, labels.counts)
        network.set_weights({"normalization/mean": mean, "normalization/variance": variance})
    network.start_optimizer()


def _ask_teachers(
    prepared: _Prepared, network: Network, vectors: dict[str, np.ndarray]
) -> _Prepared:
    """Train teachers on the labelled samples, and let their mean label the others.

    The network is where the last teacher left it. No callback follows these trainings: they
    are short, and a fit that goes on from a checkpoint repeats them.
    """
    assert prepared.teachers is not None
    assert prepared.unlabeled is not None
    probabilities = []
    for index in range(_N_TEACHERS):
        seeds = Seeds(prepared.seeds.integer("teachers", index))
        teacher = replace(prepared, plan=prepared.teachers, seeds=seeds)
        _start_network(network, teacher, vectors)
        _train(teacher, network, {})
        probabilities.append(_predict(network, prepared.unlabeled))
    return _pseudo_labeled(prepared, np.mean(probabilities, axis=0))


def _predict(network: Network, sequences: Sequences) -> np.ndarray:
    return predict_probabilities(network, len(sequences), [sequences])


def _pseudo_labeled(prepared: _Prepared, probabilities: np.ndarray) -> _Prepared:
    """Return the same with the unlabelled sequences among the training samples."""
    assert prepared.unlabeled is not None
    training = add_pseudo_labels(
        prepared.training,
        prepared.unlabeled,
        probabilities,
        prepared.targets,
        **prepared.weighing,
    )
    return replace(prepared, training=training)


def _train(
    prepared: _Prepared,
    network: Network,
    history: History,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint: Checkpoint | None = None,
    begin_tasks: Callable[[int], tuple[Any, dict[str, Any]]] | None = None,
    snapshot: Callable[[History], Model] | None = None,
    keeps_on_interrupt: bool = False,
    verbose: int = 0,
) -> History:
    """Train the network and return the history, which goes on from the one given."""
    plan, training, validation = prepared.plan, prepared.training, prepared.validation
    history, callbacks = _copied(history), list(callbacks)
    last_epoch = plan.last_epoch
    early_stopping = None
    if plan.early_stopping:
        early_stopping = keras.callbacks.EarlyStopping(
            "val_loss", patience=plan.patience, restore_best_weights=True
        )
        callbacks.append(early_stopping)
    if begin_tasks is not None and snapshot is not None:
        tasks = begin_tasks(plan.horizon)
        callbacks.append(ScikitLearnTasks(*tasks, snapshot=lambda: snapshot(_copied(history))))
    if checkpoint is not None:
        fingerprint = _fingerprint(prepared, network)
        history |= checkpoint.attach(fingerprint, network, history, early_stopping)
        callbacks.append(checkpoint)
        if checkpoint.has_ended:
            last_epoch = len(history["loss"])
    train(
        network,
        Batches(
            training.sequences,
            *training.labels,
            batch_size=plan.batch_size,
            seeds=prepared.seeds if plan.shuffle else None,
            width_multiple=network.width_multiple,
        ),
        history=history,
        last_epoch=last_epoch,
        schedule=plan.schedule,
        consistency=plan.consistency,
        validation=validation,
        callbacks=callbacks,
        keeps_on_interrupt=keeps_on_interrupt,
        verbose=verbose,
    )
    return history


def _copied(history: History) -> History:
    return {name: list(values) for name, values in history.items()}


def _fingerprint(prepared: _Prepared, network: Network) -> dict[str, Any]:
    """Return all that a training depends on, by the name that a message gives it."""
    plan = prepared.plan
    arrays = [
        array
        for part in (prepared.training, prepared.validation)
        if part is not None
        for array in (part.sequences.values, part.sequences.offsets, *part.labels)
    ]
    schedule, unlabeled = plan.schedule, prepared.unlabeled
    return {
        "X, y, sample_weight or held-out data": digest(*arrays),
        "X_unlabeled": None if unlabeled is None else digest(unlabeled.values, unlabeled.offsets),
        "the network": digest(asdict(network.architecture)),
        "the state before the fit": digest(*network.get_state()),
        "random_state": prepared.seeds.entropy,
        "epochs": plan.last_epoch,
        "learning_rate or schedule": [schedule.kind, schedule.peak, schedule.epochs],
        "consistency": plan.consistency,
        "batch_size or shuffle": [plan.batch_size, plan.shuffle],
        "early_stopping or patience": [plan.early_stopping, plan.patience],
        "the versions": versions(),
    }
