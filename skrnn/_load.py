"""Loading: from a file to a fitted classifier."""

from __future__ import annotations

import os
from zipfile import BadZipFile

from ._classifier import LSTMTextClassifier
from ._files.archive import ArchiveReader
from ._files.fields import DOCUMENT
from ._files.persistence import load_model
from ._network.forks import check_not_forked
from .ensemble import NgramTextClassifier, WideAndDeepTextClassifier
from .ensemble._ensemble_files import load_ensemble
from .ensemble._ngram_files import load_ngrams


def load(
    path: str | os.PathLike,
) -> LSTMTextClassifier | WideAndDeepTextClassifier | NgramTextClassifier:
    """Read a classifier that its method ``save`` wrote.

    The file may come from anybody: no part of it is ever executed or looked up outside
    of fixed tables, and the memory that loading takes is in proportion to its size.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    clf : LSTMTextClassifier, WideAndDeepTextClassifier or NgramTextClassifier
        A fitted classifier with the same predictions, in the last bit on the same
        machine and versions.

    Raises
    ------
    ValueError
        The file is damaged, made by a later version, not of this kind at all, or of a
        network that was trained under another ``keras.config.dtype_policy()``.
    OSError
        There is no such file, or it cannot be opened.
    RuntimeError
        The process was forked from one in which TensorFlow had run, and the file holds a
        network.

    See Also
    --------
    LSTMTextClassifier.save : Write the file.
    WideAndDeepTextClassifier.save : Write the file.
    skrnn.ensemble.NgramTextClassifier.save : Write the file.
    """
    with open(path, "rb") as file:
        try:
            archive = ArchiveReader(file)
            document = archive.document(DOCUMENT)
            clf: LSTMTextClassifier | WideAndDeepTextClassifier | NgramTextClassifier
            kind = document.get("class") if isinstance(document, dict) else None
            if kind == "WideAndDeepTextClassifier":
                clf = WideAndDeepTextClassifier._of(*load_ensemble(archive, document))
            elif kind == "NgramTextClassifier":
                clf = NgramTextClassifier._of(*load_ngrams(archive, document))
            else:
                clf = LSTMTextClassifier._of(*load_model(archive, document))
            archive.check_all_read()
            return clf
        # What can go wrong in a file that anybody made up is beyond listing: zipfile
        # alone raises eight kinds of errors.
        except Exception as error:
            check_not_forked()  # then that is what went wrong
            reason = str(error) if isinstance(error, ValueError) else repr(error)
            if isinstance(error, BadZipFile):
                reason += ". A pickle is loaded by pickle or joblib."
            raise ValueError(f"{os.fspath(path)!r} cannot be loaded: {reason}") from error
