"""All that a fit does between its checks and the network: the documents are read."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._data.inputs import Documents
from .._data.readers import Reader, TextReader, learn_reader, numbered
from .._data.samples import Samples
from .._data.seeds import Seeds
from .._data.sequences import Sequences
from .._data.targets import Targets
from .._data.vectorizer import SequenceVectorizer
from .._network.architecture import Architecture
from .check import Checked
from .plan import Plan
from .unlabeled import are_alike

# A fit says so where more than this share of the unlabelled documents is left out.
_LEFT_OUT = 0.1


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


def prepare(params: Any, checked: Checked, *, is_part: bool) -> Prepared:
    """Read the documents of a fit.

    Parameters
    ----------
    params : namespace
        The parameters of `LSTMTextClassifier`.
    checked : Checked
        The arguments of the fit.
    is_part : bool
        Whether the documents are a part of a stream, which is labelled by what was learnt
        from the parts before it.

    Returns
    -------
    prepared : Prepared
        Samples, and what to do with them.
    """
    last, targets, seeds = checked.last, checked.targets, checked.seeds
    labels, rows, plan = checked.labels, checked.rows, checked.plan
    if last is None:
        targets.warn_of_single_class()
    documents, others = checked.documents, checked.unlabeled
    if others is not None:
        if last is None or not is_part:
            others = _of_the_same_kind(documents, rows, others, params.vectorizer, seeds)
        documents = documents.followed_by(others)
    if last is None:
        reader, sequences = learn_reader(documents, params.vectorizer, params.subwords)
    else:
        reader = last.reader
        sequences = Sequences.concatenate(reader.read(documents))
    unlabeled = validation = teachers = None
    if others is not None:
        sequences, unlabeled = sequences.split_at(len(checked.documents))
    if checked.held_out is not None:
        held_out, of_held_out = checked.held_out
        if isinstance(held_out, Documents):
            judged = Sequences.concatenate(reader.read(held_out))
        else:
            judged = sequences.take(held_out)
        validation = Samples(judged, of_held_out).with_mean_weight_1()
    if len(rows) < len(sequences):
        sequences, labels = sequences.take(rows), labels.take(rows)
    if unlabeled is not None and not is_part:
        plan = checked.plan_for(n_samples=len(rows) + len(unlabeled))
        if last is None and len(unlabeled):
            teachers = checked.plan_for(n_samples=len(rows))
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
        weighing=checked.weighing,
    )


def _of_the_same_kind(
    documents: Documents,
    rows: np.ndarray,
    unlabeled: Documents,
    vectorizer: SequenceVectorizer,
    seeds: Seeds,
) -> Documents:
    """Return the unlabelled documents that are like the labelled rows; numbers all are.

    Before a reader learns from them: words of another kind would take places in the vocabulary.
    """
    if documents.kind == "numbers":
        return unlabeled
    labeled = documents.take(rows)
    both = numbered(labeled.followed_by(unlabeled), vectorizer)
    alike = are_alike(
        *both.split_at(len(labeled)),
        has_all_words=documents.kind == TextReader.kind,
        random_state=seeds.integer("embeddings"),
    )
    n_left_out = len(alike) - alike.sum()
    if n_left_out > _LEFT_OUT * len(alike):
        warnings.warn(
            f"{n_left_out} of the {len(alike)} documents of X_unlabeled are of another kind than"
            " all documents of X, and are left out: they would do harm.",
            UserWarning,
            stacklevel=2,
        )
    return unlabeled.take(np.flatnonzero(alike)) if n_left_out else unlabeled
