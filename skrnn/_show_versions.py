"""`show_versions`: what a report of a bug has to say about the machine."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from ._backend import find_backend

_DEPENDENCIES = ("scikeras", "tensorflow", "keras", "scikit-learn", "numpy", "scipy", "joblib")
_OPTIONAL = ("matplotlib", "onnx", "onnxruntime", "optuna", "dask", "pandas", "pip")


def show_versions() -> None:
    """Print the versions of Python, of skrnn and of what it works with.

    A report of a bug needs them. Nothing is imported for it: versions come from the metadata
    of the installed packages.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn, with its libraries of threads.

    Examples
    --------
    >>> import skrnn
    >>> skrnn.show_versions()  # doctest: +SKIP
    """
    system: dict[str, str | None] = {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
    }
    backend, source = find_backend()
    sections: dict[str, dict[str, str | None]] = {
        "System": system,
        "Python dependencies": _versions("skrnn", *_DEPENDENCIES),
        "Optional": _versions(*_OPTIONAL),
        "Keras": {"backend": f"{backend} ({source})"},
    }
    for title, lines in sections.items():
        print(f"\n{title}:")
        for name, value in lines.items():
            print(f"{name:>13}: {value}")


def _versions(*packages: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found
