"""The checks of a fit: invalid arguments are refused here, before anything takes time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_consistent_length

from .._data.brief import brief
from .._data.inputs import Documents, collected
from .._data.readers import check_each_text, check_first_documents, check_later_documents
from .._data.samples import Labels, split, weigh
from .._data.seeds import Seeds
from .._data.targets import Targets
from .._data.vectorizer import SequenceVectorizer
from .._model import Model
from .._network.architecture import Architecture
from .._network.strategies import has_several_workers
from .._vectors.pretrained import check_source
from .callbacks import check_weights_stay, copy_callbacks
from .checkpoint import Checkpoint
from .plan import Plan, fitting_frame_length, make_plan

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


class Validation(NamedTuple):
    """What a network is judged with: documents of X_val, or rows of X."""

    documents: Documents | np.ndarray
    labels: Labels


@dataclass(frozen=True)
class Checked:
    """The arguments of a fit, valid and not read yet.

    Parameters
    ----------
    last : Model or None
        The model that training goes on from.
    documents : Documents
        X.
    targets : Targets
        The labels.
    seeds : Seeds
        Where random numbers come from.
    labels : Labels
        Targets and weights of all of X.
    rows : ndarray of shape (n_training_samples,)
        The rows of X to train with.
    unlabeled : Documents or None
        X_unlabeled.
    held_out : Validation or None
        What to judge with.
    weighing : dict
        Arguments of `weigh` beside the samples.
    plan : Plan
        What to do if all of X_unlabeled is taken.
    plan_for : callable
        Returns the plan for a number of samples, ``n_samples``.
    callbacks : tuple of keras.callbacks.Callback
        Copies of the user's.
    checkpoint : Checkpoint or None
        The file of the training.
    """

    last: Model | None
    documents: Documents
    targets: Targets
    seeds: Seeds
    labels: Labels
    rows: np.ndarray
    unlabeled: Documents | None
    held_out: Validation | None
    weighing: dict[str, Any]
    plan: Plan
    plan_for: Callable[..., Plan]
    callbacks: tuple[keras.callbacks.Callback, ...]
    checkpoint: Checkpoint | None


def check_fit(
    params: Any, data: FitData, owner: str, last: Model | None, epochs: int | None
) -> Checked:
    """Check all arguments of a fit against each other, and plan it; see `fit_model`."""
    callbacks = tuple(copy_callbacks(params.callbacks))
    checkpoint = None
    if params.checkpoint is not None and epochs is None:
        checkpoint = Checkpoint(params.checkpoint)
        check_weights_stay(callbacks, "checkpoint")
    if params.on_interrupt == "keep":
        check_weights_stay(callbacks, "on_interrupt='keep'")
    if last is None:
        documents = check_first_documents(data.X, owner, are_numbers=params.embedding_dim is None)
        targets = Targets.learn(data.y, params.multilabel, data.classes)
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
    unlabeled = held_out = None
    vectorizer = getattr(last.reader if last else None, "vectorizer", params.vectorizer)
    if last is None and documents.kind != "numbers":
        vectorizer._check_params()
        check_source(params.embeddings, documents.kind == "token ids", params.embedding_dim)
    kind = documents.kind if last is None else last.reader.kind  # lists of nothing have none
    check_alike = partial(_check_alike, kind=kind, documents=documents, vectorizer=vectorizer)
    X_unlabeled = collected(data.X_unlabeled)
    if X_unlabeled is not None and not _is_empty(X_unlabeled):
        unlabeled = check_alike("X_unlabeled", X_unlabeled)
        if unlabeled.are_raw_texts != documents.are_raw_texts:
            raise ValueError(
                "X_unlabeled is not like X: one of them holds texts, and the other lists."
            )
    if data.sample_weight_val is not None and data.X_val is None:
        raise ValueError("sample_weight_val is given without X_val and y_val.")
    if data.X_val is not None or data.y_val is not None:
        _check_validation(params, data)
        X_val = check_alike("X_val", data.X_val)
        encoded = targets.encode(data.y_val, name="y_val")
        check_consistent_length(X_val, encoded)
        name = "sample_weight_val"
        of_X_val = weigh(targets, encoded, data.sample_weight_val, name=name, **weighing)
        held_out = Validation(X_val, of_X_val)
    elif share := params.validation_split or (_HELD_OUT if params.early_stopping else 0.0):
        asked = "" if params.validation_split else f"early_stopping=True: holding out {share}"
        first, second = split(labels.take(rows), share, seeds, asked=asked)
        held_out = Validation(rows[second], labels.take(rows[second]))
        rows = rows[first]
    plan_for = partial(
        make_plan,
        params,
        kind=kind,
        first_epoch=0 if last is None else last.n_epochs,
        epochs=epochs,
        frame_length=_frame_length(documents, rows, last),
        positive_rate=float(labels.targets[rows].mean()) if targets.multilabel else 1.0,
    )
    n_samples = len(rows)
    if unlabeled is not None:
        has_learnt = last is not None and last.n_epochs > 0
        if last is not None and not has_learnt and epochs is None:
            raise ValueError(
                "X_unlabeled is given, and the network that is trained further has learnt nothing"
                " that could label it: fit anew with warm_start=False."
            )
        # Training uses them, except in the first part of a stream: nothing can label them there.
        if has_learnt or epochs is None:
            n_samples += len(unlabeled)
    plan = plan_for(n_samples=n_samples)
    if last is not None:
        _check_same_architecture(plan.architecture(last.reader, targets), last.loan.architecture)
    return Checked(
        last=last,
        documents=documents,
        targets=targets,
        seeds=seeds,
        labels=labels,
        rows=rows,
        unlabeled=unlabeled,
        held_out=held_out,
        weighing=weighing,
        plan=plan,
        plan_for=plan_for,
        callbacks=callbacks,
        checkpoint=checkpoint,
    )


def _frame_length(documents: Documents, rows: np.ndarray, last: Model | None) -> int:
    """Return how many steps of numbers become one, as in the last fit if there is one."""
    if last is not None:
        return last.loan.architecture.frame_length
    if documents.kind != "numbers":
        return 1
    return fitting_frame_length(documents.content.lengths[rows], documents.content.values.shape[1])


def _first_seeds(random_state: Any, checkpoint: Checkpoint | None) -> Seeds:
    if random_state is None and has_several_workers():
        raise ValueError(
            "random_state=None would draw something else on every worker of the strategy"
            " in scope: give all of them the same int."
        )
    if random_state is None and checkpoint is not None and checkpoint.entropy is not None:
        return Seeds(checkpoint.entropy)
    return Seeds.from_random_state(random_state)


def _check_validation(params: Any, data: FitData) -> None:
    if data.X_val is None or data.y_val is None:
        given, missing = ("X_val", "y_val") if data.y_val is None else ("y_val", "X_val")
        raise ValueError(f"{given} is given without {missing}.")
    if params.validation_split:
        raise ValueError(
            f"X_val and y_val are given, and validation_split={params.validation_split} would"
            " hold out others: set it to 0."
        )


def _is_empty(X: Any) -> bool:
    has_length = isinstance(X, Sized) and not issparse(X) and getattr(X, "ndim", 1) > 0
    return has_length and len(X) == 0


def _check_alike(
    name: str, X: Any, kind: str, documents: Documents, vectorizer: SequenceVectorizer
) -> Documents:
    """Validate an argument that has to be like X."""
    n_features = documents.content.values.shape[1] if kind == "numbers" else None
    try:
        others = check_later_documents(X, kind, documents.columns, n_features)
        check_each_text(others, vectorizer)
        return others
    except (TypeError, ValueError) as error:
        if type(error) not in (TypeError, ValueError):  # of a file that it is read from
            raise
        found = re.sub(r"\bX\b", name, str(error), count=1)  # not in a text that it quotes
        raise type(error)(
            f"{name} is not like X: {found} In a Pipeline, transform_input=[{name!r}] transforms"
            " it as X, with metadata routing enabled."
        ) from error


def _check_same_classes(targets: Targets, classes: Any) -> None:
    if classes is not None and not targets.have_classes(classes):
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
