"""Search spaces for grid, randomized and Optuna searches."""

from __future__ import annotations

from typing import Any, Literal

from scipy import stats
from sklearn.utils._param_validation import StrOptions, validate_params

from .._optional import import_optional

# The defaults of three parameters, each with an alternative; docs/accuracy.md has figures of them
# in "What each part does". Every combination compiles a network, which takes longer than a small
# fit.
_GRID: dict[str, list] = {
    "depth": [1, 2],
    "pooling": ["last", "max+mean+attention"],
    "dropout": [0.0, 0.5],
}

_CHOICES: dict[str, list] = {
    "units": [32, 64, 128, 256],
    "depth": [1, 2],
    "embedding_dim": [64, 128, 256],
    "pooling": ["last", "max", "attention", "max+mean", "max+mean+attention"],
}
_SHARES = {"dropout": (0.0, 0.6), "embedding_dropout": (0.0, 0.6), "word_dropout": (0.0, 0.3)}
_RATES = {"learning_rate": (1e-3, 1e-2)}
_COUNTS = {"epochs": (5, 20)}


@validate_params(
    {"kind": [StrOptions({"grid", "random", "optuna"})], "prefix": [str]},
    prefer_skip_nested_validation=True,
)
def default_search_space(
    kind: Literal["grid", "random", "optuna"] = "grid", *, prefix: str = ""
) -> dict[str, Any]:
    """Return parameters of `LSTMTextClassifier` that are worth a search, with their ranges.

    The ranges are for texts and token ids. They contain the defaults, but for
    ``epochs``, whose default depends on the size of the data.

    Parameters
    ----------
    kind : {"grid", "random", "optuna"}, default="grid"
        What the result is for:

        - "grid": lists for :class:`~sklearn.model_selection.GridSearchCV`, with 8
          combinations of the defaults of three parameters with another value of each;
        - "random": lists and distributions of scipy for
          :class:`~sklearn.model_selection.RandomizedSearchCV`;
        - "optuna": the same as distributions of Optuna for
          ``optuna_integration.OptunaSearchCV`` and ``optuna.Study.ask``.
    prefix : str, default=""
        What comes before every name; ``"lstmtextclassifier__"`` for a pipeline of
        `make_pipeline`.

    Returns
    -------
    space : dict of str to object
        A new dictionary: add parameters, or delete those that should keep their value.

    Raises
    ------
    ImportError
        The package optuna is missing; the extra ``skrnn[optuna]`` installs it.

    Notes
    -----
    Take ``embedding_dim`` out where ``embeddings`` brings vectors, and ``epochs`` where
    it is the resource of a halving search.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV, ParameterGrid
    >>> from skrnn import LSTMTextClassifier
    >>> from skrnn.model_selection import default_search_space
    >>> search = GridSearchCV(LSTMTextClassifier(), default_search_space())
    >>> len(ParameterGrid(search.param_grid))
    8
    >>> space = default_search_space("random")
    >>> sorted(space)  # doctest: +NORMALIZE_WHITESPACE
    ['depth', 'dropout', 'embedding_dim', 'embedding_dropout', 'epochs', 'learning_rate',
     'pooling', 'units', 'word_dropout']
    """
    space: dict[str, Any]
    if kind == "grid":
        space = {name: list(values) for name, values in _GRID.items()}
    elif kind == "random":
        space = {
            **{name: list(values) for name, values in _CHOICES.items()},
            **{name: stats.uniform(low, high - low) for name, (low, high) in _SHARES.items()},
            **{name: stats.loguniform(low, high) for name, (low, high) in _RATES.items()},
            **{name: stats.randint(low, high + 1) for name, (low, high) in _COUNTS.items()},
        }
    else:
        optuna = import_optional(
            "optuna.distributions", extra="optuna", needed_by="default_search_space"
        )
        continuous, whole = optuna.FloatDistribution, optuna.IntDistribution
        space = {
            **{name: optuna.CategoricalDistribution(list(v)) for name, v in _CHOICES.items()},
            **{name: continuous(*limits) for name, limits in _SHARES.items()},
            **{name: continuous(*limits, log=True) for name, limits in _RATES.items()},
            **{name: whole(*limits) for name, limits in _COUNTS.items()},
        }
    return {prefix + name: values for name, values in space.items()}
