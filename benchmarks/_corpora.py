"""The corpora on which accuracy is measured."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from _data import read_labelled
from sklearn.model_selection import train_test_split

from skrnn.datasets import load_docstrings, load_reuters

# Of the packages with the most documented modules.
N_PACKAGES, MOST_MODULES = 20, 200
LEAST_WORDS, MOST_WORDS = 150, 1500

# Of the messages.
LANGUAGES = ("en", "de", "ru", "ko", "zh", "ja")

_PROSE = re.compile(r'"""(.*?)"""|#([^\n]*)', re.DOTALL)


def load_corpora(data: Path, parts_of_names: list[str] | None = None) -> dict[str, tuple]:
    """Return (training texts, training labels, test texts, test labels) by name.

    Only the corpora are read whose name holds one of the parts, in any case; without parts all.
    """
    readers: dict[str, Callable[[], tuple]] = {
        "R8": partial(_read_files, data, "r8"),
        "Reuters newswires": partial(_reuters, num_words=30_000, maxlen=50, test_split=0.3),
        "Reuters, 46 topics": partial(_reuters, maxlen=None, test_split=0.2),
        "docstrings": _docstrings,
        "MR": partial(_read_files, data, "mr"),
    }
    for language in LANGUAGES:
        readers[f"messages {language}"] = partial(_read_files, data, f"messages-{language}")
    for part in parts_of_names or []:
        if not any(part.lower() in name.lower() for name in readers):
            raise SystemExit(f"No corpus is named like {part!r}; there are {', '.join(readers)}.")
    return {
        name: read()
        for name, read in readers.items()
        if not parts_of_names or any(part.lower() in name.lower() for part in parts_of_names)
    }


def _read_files(data: Path, name: str) -> tuple:
    paths = [data / f"{name}-{part}.tsv.gz" for part in ("train", "test")]
    for path in paths:
        if not path.exists():
            raise SystemExit(f"There is no {path}: docs/accuracy.md says what is needed.")
    return tuple(column for path in paths for column in read_labelled(path))


def _reuters(**which: Any) -> tuple:
    corpus = load_reuters(**which)
    return corpus.texts_train, corpus.y_train, corpus.texts_test, corpus.y_test


def _docstrings() -> tuple:
    texts, labels = load_docstrings(return_X_y=True)
    parts = train_test_split(texts, labels, test_size=0.3, stratify=labels, random_state=0)
    X_train, X_test, y_train, y_test = parts
    return X_train, y_train, X_test, y_test


def load_modules() -> tuple[list[str], np.ndarray]:
    """Return what Python modules say in words, and the package that each belongs to.

    Long texts of many classes, from whatever is installed: the strings in triple quotes and
    the comments of a module, without the name of the package.
    """
    site_packages = Path(sysconfig.get_paths()["purelib"])
    texts: dict[str, list[str]] = {}
    for path in sorted(site_packages.glob("*/**/*.py")):
        package = path.relative_to(site_packages).parts[0]
        source = path.read_text(encoding="utf-8", errors="ignore")
        prose = " ".join(map("".join, _PROSE.findall(source)))
        words = re.sub(re.escape(package), "", prose, flags=re.IGNORECASE).split()
        if len(words) >= LEAST_WORDS:
            texts.setdefault(package, []).append(" ".join(words[:MOST_WORDS]))
    packages = sorted(texts, key=lambda package: -len(texts[package]))[:N_PACKAGES]
    rng = np.random.default_rng(0)
    X, y = [], []
    for package in packages:
        rows = rng.permutation(len(texts[package]))[:MOST_MODULES]
        X += [texts[package][row] for row in rows]
        y += [package] * len(rows)
    return X, np.array(y)
