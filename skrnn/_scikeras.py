"""scikeras' base class, with scikit-learn's conventions put back."""

from __future__ import annotations

from typing import Any, NoReturn

from sklearn.base import BaseEstimator
from sklearn.metrics import accuracy_score

try:
    from scikeras.wrappers import BaseWrapper
except ImportError as error:
    raise ImportError(
        "skrnn is built on scikeras, which does not import here. Install a scikeras that goes"
        " with the installed scikit-learn and Keras: pip install --upgrade scikeras"
        " scikit-learn keras"
    ) from error


class _NotInherited:
    """A member of `BaseWrapper` that a subclass with its own `fit` does not have."""

    def __init__(self, remedy: str) -> None:
        self.remedy = remedy

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise AttributeError(f"{owner.__name__} has no {self.name}: {self.remedy}.")


class KerasWrapper(BaseWrapper):
    """`scikeras.wrappers.BaseWrapper` with scikit-learn's own conventions put back.

    scikeras 0.13 reads parameters from ``__dict__``, takes parameters that no
    constructor names, prints its own form of ``repr``, and runs every fit inside
    a context that seeds the global generators and switches TensorFlow's op
    determinism on for the whole process. A subclass names its parameters and brings
    its own ``fit``, ``partial_fit``, ``initialize`` and ``predict``; what else scikeras'
    own ``fit`` needs is taken away, because it could not work.
    """

    _get_param_names: Any = classmethod(BaseEstimator._get_param_names.__func__)
    set_params = BaseEstimator.set_params
    __repr__ = BaseEstimator.__repr__
    __getstate__ = BaseEstimator.__getstate__
    scorer = staticmethod(accuracy_score)

    target_encoder = _NotInherited("y is read by rules of its own; see classes_")
    feature_encoder = _NotInherited("X is read by rules of its own; see vectorizer_")
    _fit = _NotInherited("call fit")
    _fit_keras_model = _NotInherited("call fit")
    _initialize = _NotInherited("call initialize")
    _predict_raw = _NotInherited("call predict_proba")
    _build_keras_model = _NotInherited("see model_")
    _ensure_compiled_model = _NotInherited("see model_")

    # Every subclass names its parameters; scikeras' constructor would add its own.
    def __init__(self) -> None:
        pass
