"""All that a fit does before it needs a network: checks, the plan, and the documents read."""

from __future__ import annotations

import warnings
from collections.abc import Sized
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_consistent_length

from .._data.brief import brief
from .._data.inputs import Documents
from .._data.readers import (
    Reader,
    check_each_text,
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
from .._network.strategies import has_several_workers
from .checkpoint import Checkpoint
from .plan import Plan, fitting_frame_length, make_plan
from .unlabeled import are_alike

# The share that early stopping holds out where nothing else says how much.
_HELD_OUT = 0.1

# A fit says so where more than this share of the unlabelled documents is left out.
_LEFT_OUT = 0.1


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
class Prepared:
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


def prepare(
    params: Any,
    data: FitData,
    owner: str,
    last: Model | None,
    epochs: int | None,
    checkpoint: Checkpoint | None,
) -> Prepared:
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
    encoded = targets.encode(data.y)
    check_consistent_length(documents, encoded)
    labels = weigh(targets, encoded, data.sample_weight, **weighing)
    rows = np.flatnonzero(labels.counts)
    unlabeled_documents = held_out_rows = held_out_documents = None
    if data.X_unlabeled is not None and not _is_empty(data.X_unlabeled):
        unlabeled_documents = _check_alike("X_unlabeled", data.X_unlabeled, documents, params)
        if unlabeled_documents.are_uncut != documents.are_uncut:
            raise ValueError(
                "X_unlabeled is not like X: one of them holds texts, and the other lists."
            )
    if data.X_val is not None or data.y_val is not None:
        held_out_documents = _check_validation(params, data, documents)
        encoded = targets.encode(data.y_val, name="y_val")
        check_consistent_length(held_out_documents, encoded)
        name = "sample_weight_val"
        held_out = weigh(targets, encoded, data.sample_weight_val, name=name, **weighing)
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
        frame_length=_frame_length(documents, last),
    )
    n_unlabeled = 0 if unlabeled_documents is None else len(unlabeled_documents)
    plan = plan_for(n_samples=len(rows) + n_unlabeled)
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
    teachers = None
    if unlabeled is not None and last is None:
        unlabeled = _of_the_same_kind(sequences, unlabeled, reader, seeds)
        plan = plan_for(n_samples=len(rows) + len(unlabeled))
        # A part of a stream is labelled by what was learnt from the parts before it.
        if len(unlabeled) and epochs is None:
            teachers = plan_for(n_samples=len(rows))
    training = Samples(sequences, labels)
    if len(rows) <= plan.batch_size and plan.shuffle:
        training = training.merged()
    return Prepared(
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


def _frame_length(documents: Documents, last: Model | None) -> int:
    """Return how many steps of numbers become one, as in the last fit if there is one."""
    if last is not None:
        return last.loan.architecture.frame_length
    return fitting_frame_length(documents.content) if documents.kind == "numbers" else 1


def _of_the_same_kind(
    sequences: Sequences, unlabeled: Sequences, reader: Reader, seeds: Seeds
) -> Sequences:
    """Return the unlabelled documents that are like the labelled ones; numbers all are."""
    if reader.vocabulary_size is None or not len(unlabeled):
        return unlabeled
    seed = seeds.integer("embeddings")
    alike = are_alike(sequences, unlabeled, reader.vocabulary_size, random_state=seed)
    n_left_out = len(alike) - alike.sum()
    if n_left_out > _LEFT_OUT * len(alike):
        warnings.warn(
            f"{n_left_out} of the {len(alike)} documents of X_unlabeled are of another kind than"
            " all documents of X, and are left out: they would do harm.",
            UserWarning,
            stacklevel=2,
        )
    return unlabeled.take(np.flatnonzero(alike)) if n_left_out else unlabeled


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
    return _check_alike("X_val", data.X_val, documents, params)


def _is_empty(X: Any) -> bool:
    return isinstance(X, Sized) and not issparse(X) and len(X) == 0


def _check_alike(name: str, X: Any, documents: Documents, params: Any) -> Documents:
    """Validate an argument that has to be like X."""
    n_features = documents.content.values.shape[1] if documents.kind == "numbers" else None
    try:
        others = check_later_documents(X, documents.kind, documents.columns, n_features)
        check_each_text(others, params.vectorizer)
        return others
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
