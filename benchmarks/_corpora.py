"""The corpora on which accuracy is measured."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

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


def load_corpora(data: Path) -> dict[str, tuple]:
    """Return (training texts, training labels, test texts, test labels) by name."""
    reuters = load_reuters(num_words=30_000, maxlen=50, test_split=0.3)
    all_of_reuters = load_reuters(maxlen=None, test_split=0.2)
    docstrings = load_docstrings()
    parts = train_test_split(
        docstrings.data,
        docstrings.target,
        test_size=0.3,
        stratify=docstrings.target,
        random_state=0,
    )
    files = {"R8": "r8", "MR": "mr"} | {
        f"messages {language}": f"messages-{language}" for language in LANGUAGES
    }
    of_files = {
        name: tuple(
            part
            for which in ("train", "test")
            for part in read_labelled(data / f"{file}-{which}.tsv.gz")
        )
        for name, file in files.items()
    }
    return {
        "R8": of_files.pop("R8"),
        "Reuters newswires": (
            reuters.texts_train,
            reuters.y_train,
            reuters.texts_test,
            reuters.y_test,
        ),
        "Reuters, 46 topics": (
            all_of_reuters.texts_train,
            all_of_reuters.y_train,
            all_of_reuters.texts_test,
            all_of_reuters.y_test,
        ),
        "docstrings": (parts[0], parts[2], parts[1], parts[3]),
        **of_files,
    }


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
