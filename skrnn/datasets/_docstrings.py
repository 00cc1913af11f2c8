"""A corpus that every installation already holds: the docstrings of its own dependencies."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch, resample
from sklearn.utils._param_validation import Interval, validate_params

# The name that is imported and the label, in the order of the labels.
PACKAGES = {"keras": "keras", "numpy": "numpy", "sklearn": "scikit-learn", "scipy": "scipy"}

# Tests are not documentation, and vendored code was written for another package.
SKIPPED_DIRECTORIES = {"tests", "externals", "array_api_compat"}
SKIPPED_FILES = re.compile(r"conftest\.py|test_.*|.*_test\.py")

PACKAGE_NAMES = re.compile(r"(numpy|scipy|sklearn|scikit[-_ ]?learn|keras)\.?", re.IGNORECASE)
SECTION = re.compile(r"^[^\n]+\n-{3,}$", re.MULTILINE)
UNDERLINE = re.compile(r"^[=~*#^-]{3,}$", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]{2,}")
MIN_WORDS = 4

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

DESCR = """\
Docstrings of scientific Python packages
----------------------------------------

The summaries (first paragraphs) of the docstrings of all modules, classes,
functions and methods in the installed versions of Keras, NumPy, scikit-learn
and SciPy. The task is to tell which package a summary comes from. The source
files are parsed, never imported, and nothing is downloaded.

Tests and vendored code are left out, as are texts of fewer than {min_words} words. The
names of the packages are cut out of the texts. A text that occurs more than
once is kept once, and not at all if it occurs in several packages.

The texts are those of the installed versions, so counts and scores change a
little from one environment to the next.

:Number of texts: {n_samples}
:Number of classes: {n_classes} ({classes})
"""


@validate_params(
    {
        "return_X_y": ["boolean"],
        "max_samples": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def load_docstrings(
    *,
    return_X_y: bool = False,
    max_samples: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch | tuple[list[str], np.ndarray]:
    """Load the docstring summaries of scientific Python packages (classification).

    The corpus needs no download: it is read from the source files of the installed
    packages Keras, NumPy, scikit-learn and SciPy, without importing them. The texts
    depend on the installed versions; their order does not change between calls.

    =================   ===============
    Classes                           4
    Samples total       around 9,300
    Dimensionality      text
    =================   ===============

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    max_samples : int, default=None
        Return a random subset of at most this many texts, in which the classes keep
        their proportions. None returns all texts.

    random_state : int, RandomState instance or None, default=None
        Determines which texts are in the subset. Not used if all texts are returned.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        data : list of str of length n_samples
            The texts, ordered by class.
        target : ndarray of shape (n_samples,)
            The class of each text, an index into `target_names`.
        target_names : list of str of length n_classes
            The names of the packages.
        DESCR : str
            The description of the corpus.

    (data, target) : tuple if ``return_X_y=True``
        The texts and their classes as described above.

    Notes
    -----
    The first call in a process parses the sources, which takes a few seconds; later
    calls reuse the result.

    Examples
    --------
    >>> from skrnn.datasets import load_docstrings
    >>> docstrings = load_docstrings(max_samples=100, random_state=0)
    >>> len(docstrings.data)
    100
    >>> docstrings.target_names
    ['keras', 'numpy', 'scikit-learn', 'scipy']
    """
    texts, labels = _collect()
    data, target = list(texts), np.array(labels)
    if max_samples is not None and max_samples < len(data):
        rows = resample(
            np.arange(len(data)),
            replace=False,
            n_samples=max_samples,
            stratify=target,
            random_state=random_state,
        )
        rows.sort()
        data, target = [data[row] for row in rows], target[rows]
    if return_X_y:
        return data, target
    target_names = list(PACKAGES.values())
    description = DESCR.format(
        min_words=MIN_WORDS,
        n_samples=len(data),
        n_classes=len(target_names),
        classes=", ".join(target_names),
    )
    return Bunch(data=data, target=target, target_names=target_names, DESCR=description)


@cache
def _collect() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return all texts and their labels, each text once."""
    labels_of: dict[str, set[int]] = {}
    for label, package in enumerate(PACKAGES):
        for path in _source_files(_directory(package)):
            for docstring in _docstrings(path):
                text = _summary(docstring)
                if len(WORD.findall(text)) >= MIN_WORDS:
                    labels_of.setdefault(text, set()).add(label)
    unambiguous = [(text, *labels) for text, labels in labels_of.items() if len(labels) == 1]
    texts, labels = zip(*unambiguous, strict=True)
    return texts, labels


def _directory(package: str) -> Path:
    # The spec of a top-level package is found without running any of its code.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"load_docstrings reads the sources of {package!r}, which is not installed.",
            name=package,
        )
    return Path(spec.submodule_search_locations[0])


def _source_files(directory: Path) -> list[Path]:
    """Return the source files of a package, in an order that no file system decides."""
    return sorted(
        path
        for path in directory.rglob("*.py")
        if SKIPPED_DIRECTORIES.isdisjoint(path.relative_to(directory).parts)
        and not SKIPPED_FILES.fullmatch(path.name)
    )


def _docstrings(path: Path) -> Iterator[str]:
    """Yield the docstrings in a source file."""
    try:
        with warnings.catch_warnings():
            # Invalid escapes in other people's sources are not the user's business.
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except SyntaxError:
        # Packages ship templates and code for other versions of Python. An encoding that
        # cannot be decoded is a SyntaxError too when bytes are parsed.
        return
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)):
            yield docstring
        # Definitions are statements: not visiting expressions makes this several times
        # faster than ast.walk.
        for block in BLOCKS:
            pending.extend(getattr(node, block, ()))


def _summary(docstring: str) -> str:
    """Return the first paragraph on one line, without the names of the packages."""
    paragraph = re.split(r"\n\s*\n", docstring, maxsplit=1)[0]
    prose = SECTION.split(paragraph, maxsplit=1)[0]
    return " ".join(PACKAGE_NAMES.sub("", UNDERLINE.sub("", prose)).split())
