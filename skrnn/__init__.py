"""LSTM text classification that behaves like any other scikit-learn classifier."""

from importlib import import_module as _import_module

from ._version import __version__ as __version__

# Loaded on first use: TensorFlow takes seconds to import, the vectorizer needs none of it.
_HOMES = {
    "LSTMTextClassifier": "._classifier",
    "SequenceVectorizer": "._data.vectorizer",
    "WideAndDeepTextClassifier": ".ensemble",
    "config_context": "._config",
    "get_config": "._config",
    "datasets": ".datasets",
    "ensemble": ".ensemble",
    "export": ".export",
    "inspection": ".inspection",
    "layers": ".layers",
    "load": "._load",
    "model_selection": ".model_selection",
    "show_versions": "._show_versions",
    "utils": ".utils",
}

__all__ = [
    "LSTMTextClassifier",
    "SequenceVectorizer",
    "WideAndDeepTextClassifier",
    "config_context",
    "datasets",
    "ensemble",
    "export",
    "get_config",
    "inspection",
    "layers",
    "load",
    "model_selection",
    "show_versions",
    "utils",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _import_module(_HOMES[name], __name__)
    return getattr(module, name, module)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
