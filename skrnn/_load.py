"""Loading: from a file to a fitted classifier."""

from __future__ import annotations

import os

from ._classifier import LSTMTextClassifier
from ._files import persistence


def load(path: str | os.PathLike) -> LSTMTextClassifier:
    """Read a classifier that `LSTMTextClassifier.save` wrote.

    The file may come from anybody: no part of it is ever executed or looked up outside
    of fixed tables, and the memory that loading takes is in proportion to its size.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    clf : LSTMTextClassifier
        A fitted classifier with the same predictions, in the last bit on the same
        machine and versions.

    Raises
    ------
    ValueError
        The file is damaged, made by a later version, or not of this kind at all.
    OSError
        There is no such file, or it cannot be read.

    See Also
    --------
    LSTMTextClassifier.save : Write the file.
    """
    try:
        parameters, model = persistence.load(path)
        return LSTMTextClassifier._of(parameters, model)
    except OSError:
        raise
    # What can go wrong in a file that anybody made up is beyond listing: zipfile
    # alone raises eight kinds of errors.
    except Exception as error:
        reason = str(error) if isinstance(error, ValueError) else repr(error)
        raise ValueError(f"{os.fspath(path)!r} cannot be loaded: {reason}") from error
