"""One fit, from raw X and y to a model."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Any

import keras
import numpy as np

from .._data.batches import Batches
from .._data.moments import moments
from .._data.parts import without_parts
from .._data.pseudo_labels import add_pseudo_labels
from .._data.readers import TextReader
from .._data.seeds import Seeds
from .._data.sequences import Sequences
from .._model import Model
from .._network.build import build_metrics
from .._network.forks import check_not_forked
from .._network.inference import predict_probabilities
from .._network.network import Network
from .._network.pool import Loan, borrow
from .._vectors.parts import part_vectors
from .._vectors.ppmi import ppmi_embeddings
from .._vectors.pretrained import pretrained_embeddings
from .callbacks import LastEpoch, ScikitLearnTasks, sets_every_rate
from .check import FitData, check_fit
from .checkpoint import Checkpoint, digest, versions
from .epochs import History, train
from .prepare import Prepared, prepare
from .unlabeled import linear_probabilities

# Where so few words have a vector of the user's, something is wrong with most of them.
_LITTLE_COVERAGE = 0.05

# Networks that learn from the labelled samples alone, and with a linear model label the others.
_N_TEACHERS = 2


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
        same and no copy of the classifier holds it; on an error the network is put back to
        where it was.
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
    last = before if go_on else None
    checked = check_fit(params, data, owner, last, epochs)
    prepared = prepare(params, checked, is_part=epochs is not None)

    if last is not None:
        loan, is_own = last.loan.unshared(), True
    elif before is not None and before.loan.can_serve(prepared.architecture):
        loan, is_own = before.loan, True
    else:
        loan, is_own = borrow(prepared.architecture), False
    network = loan.network
    if checked.callbacks:
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
        elif prepared.unlabeled is not None and len(prepared.unlabeled) and last.n_epochs:
            prepared = _pseudo_labeled(prepared, _predict(network, prepared.unlabeled))

        def fitted(loan: Loan, history: History) -> Model:
            return Model(
                prepared.reader,
                prepared.targets,
                loan,
                prepared.seeds,
                history,
                coverage,
                0 if prepared.unlabeled is None else len(prepared.unlabeled),
            )

        history = _train(
            prepared,
            network,
            {} if last is None else last.history,
            callbacks=checked.callbacks,
            checkpoint=checked.checkpoint,
            begin_tasks=begin_tasks,
            snapshot=lambda history: fitted(loan.copy(), history),
            keeps_on_interrupt=params.on_interrupt == "keep",
            verbose=int(params.verbose),
        )
    return replace(fitted(loan, history), callbacks=checked.callbacks)


def _start_vectors(params: Any, prepared: Prepared) -> tuple[dict[str, np.ndarray], float | None]:
    """Return the weights that ``embeddings`` asks for, by path.

    The share of the tokens that have a vector in the user's is returned, too.
    """
    reader, source, coverage = prepared.reader, params.embeddings, None
    if reader.vocabulary_size is None or (isinstance(source, str) and source == "random"):
        return {}, None
    if isinstance(source, str) and source == "ppmi":
        parts = (prepared.training.sequences, prepared.unlabeled)
        table = ppmi_embeddings(
            without_parts(Sequences.concatenate(part for part in parts if part is not None)),
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
        if coverage < _LITTLE_COVERAGE:
            warnings.warn(
                f"{coverage:.1%} of the vocabulary have a vector in embeddings. Perhaps its words"
                " are of another language, or in capitals.",
                UserWarning,
                stacklevel=2,
            )
    return {"embedding/embeddings": table}, coverage


def _start_network(network: Network, prepared: Prepared, vectors: dict[str, np.ndarray]) -> None:
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
        mean, variance = moments(sequences, labels.sums)
        network.set_weights({"normalization/mean": mean, "normalization/variance": variance})
    network.start_optimizer()


def _ask_teachers(
    prepared: Prepared, network: Network, vectors: dict[str, np.ndarray]
) -> Prepared:
    """Train teachers on the labelled samples, and let their mean label the others.

    A linear teacher weighs as much as the networks together: it errs on other texts than they.
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
    mean, table = np.mean(probabilities, axis=0), vectors.get("embedding/embeddings")
    targets = prepared.targets
    n_learnt = len(np.unique(prepared.training.labels.targets))
    if table is not None and not targets.multilabel and n_learnt > 1:
        linear = linear_probabilities(
            prepared.training, prepared.unlabeled, table, len(targets.classes)
        )
        mean = (mean + linear) / 2
    return _pseudo_labeled(prepared, mean)


def _predict(network: Network, sequences: Sequences) -> np.ndarray:
    return predict_probabilities(network, len(sequences), [sequences])


def _pseudo_labeled(prepared: Prepared, probabilities: np.ndarray) -> Prepared:
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
    prepared: Prepared,
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
    early_stopping = last_complete = None
    if plan.early_stopping:
        early_stopping = keras.callbacks.EarlyStopping(
            "val_loss", patience=plan.patience, restore_best_weights=True
        )
        callbacks.append(early_stopping)
    if checkpoint is not None:
        fingerprint = _fingerprint(prepared, network)
        history |= checkpoint.attach(fingerprint, network, history, early_stopping)
        if checkpoint.has_ended:
            plan = replace(plan, last_epoch=len(history["loss"]))
    if keeps_on_interrupt:
        # An epoch ends here: what comes after may take long, and be interrupted.
        last_complete = LastEpoch(network, len(history.get("loss", ())))
        callbacks.append(last_complete)
    if begin_tasks is not None and snapshot is not None:
        tasks = begin_tasks(plan.schedule.epochs)
        callbacks.append(ScikitLearnTasks(*tasks, snapshot=lambda: snapshot(_copied(history))))
    if checkpoint is not None:
        callbacks.append(checkpoint)
    batches = Batches(
        training.sequences,
        *training.labels,
        batch_size=plan.batch_size,
        seeds=prepared.seeds if plan.shuffle else None,
        width_multiple=network.width_multiple,
        window=plan.window,
        frame_length=network.architecture.frame_length,
    )
    schedule, rate = plan.schedule, float(network.model.optimizer.learning_rate)
    if sets_every_rate(callbacks):
        # It begins with the rate that it finds, and goes on from the last one that it set.
        # The optimizer of the first files has none.
        peak = None if history and rate > 0 else schedule.peak
        plan = replace(plan, schedule=replace(schedule, kind=None, peak=peak))
    elif checkpoint is not None and checkpoint.goes_on:
        last = len(history["loss"]) - 1
        if not schedule.has_set(rate, last, len(batches)):  # a callback has set it: it stays
            plan = replace(plan, schedule=replace(schedule, kind=None, peak=None))
    train(
        network,
        batches,
        plan,
        history=history,
        validation=validation,
        callbacks=callbacks,
        last_complete=last_complete,
        verbose=verbose,
    )
    return history


def _copied(history: History) -> History:
    return {name: list(values) for name, values in history.items()}


def _fingerprint(prepared: Prepared, network: Network) -> dict[str, Any]:
    """Return all that a training depends on, by the name that a message gives it."""
    plan = prepared.plan
    arrays = [
        array
        for part in (prepared.training, prepared.validation)
        if part is not None
        for array in (part.sequences.values, part.sequences.offsets, *part.labels)
    ]
    unlabeled, cycle = prepared.unlabeled, asdict(plan.schedule)
    if not plan.schedule.begin:
        del cycle["begin"]  # the first files do not have it
    return {
        "X, y, sample_weight or held-out data": digest(*arrays),
        "X_unlabeled": None if unlabeled is None else digest(unlabeled.values, unlabeled.offsets),
        "the network": digest(asdict(network.architecture)),
        "the state before the fit": digest(*network.get_state()),
        "random_state": prepared.seeds.entropy,
        "epochs": plan.last_epoch,
        "learning_rate or schedule": cycle,
        "consistency": plan.consistency,
        "label_smoothing": plan.label_smoothing,
        "batch_size or shuffle": [plan.batch_size, plan.shuffle],
        "early_stopping or patience": [plan.early_stopping, plan.patience],
        "the versions": versions(),
    }
