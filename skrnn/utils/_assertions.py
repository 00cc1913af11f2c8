"""What the checks ask an estimator, and what they assert of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone

_METHODS = ("predict", "predict_proba", "decision_function")

# What single precision leaves of a probability when the shape of a batch changes.
TOLERANCE = 1e-5


def seeded(estimator: BaseEstimator) -> Any:
    """Return a clone whose every ``random_state`` is an int."""
    estimator = clone(estimator)
    names = [name for name in estimator.get_params() if name.endswith("random_state")]
    estimator.set_params(**dict.fromkeys(names, 0))
    return estimator


def methods_of(estimator: BaseEstimator) -> list[str]:
    return [method for method in _METHODS if hasattr(estimator, method)]


def outputs_of(estimator: BaseEstimator, X: Any) -> dict[str, np.ndarray]:
    """Return what each method says, and assert that it is an array."""
    outputs = {method: getattr(estimator, method)(X) for method in methods_of(estimator)}
    for method, output in outputs.items():
        assert isinstance(output, np.ndarray), (
            f"{type(estimator).__name__}.{method} should return an ndarray, got"
            f" {type(output).__name__}."
        )
    return outputs


def assert_same(
    expected: dict[str, np.ndarray], result: dict[str, np.ndarray], message: str
) -> None:
    for method, output in expected.items():
        other = result[method]
        assert output.shape == other.shape, (
            f"{message}, but {method} has shape {other.shape} instead of {output.shape}."
        )
        if output.dtype.kind == "f":
            difference = np.abs(output - other).max()
            assert difference <= TOLERANCE, f"{message}, but {method} differs by {difference:.2g}."
        else:
            share = np.mean(output != other)
            assert share == 0, f"{message}, but {method} differs in {share:.0%} of the documents."


def assert_finite(name: str, outputs: dict[str, np.ndarray], what: str) -> None:
    for method, output in outputs.items():
        assert output.dtype.kind != "f" or np.isfinite(output).all(), (
            f"{name}.{method} of {what} should be finite, got {output}."
        )


@contextmanager
def refusal(name: str, what: str, *errors: type[Exception]) -> Iterator[None]:
    errors = errors or (ValueError, TypeError)
    expected = f"{name} should refuse {what} with {' or '.join(e.__name__ for e in errors)}"
    try:
        yield
    except errors:
        return
    except Exception as error:
        raise AssertionError(f"{expected}, but raised {error!r}.") from error
    raise AssertionError(f"{expected}, but accepted it.")


@contextmanager
def success(message: str) -> Iterator[None]:
    """Assert that the block raises nothing."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{message}, but raised {error!r}.") from error


@contextmanager
def unchanged(name: str, estimator: BaseEstimator, X: Any) -> Iterator[None]:
    """Assert that a fitted estimator predicts afterwards as it did before."""
    before = outputs_of(estimator, X)
    yield
    message = f"{name} should predict as before once predict has refused its input"
    with success(message):
        after = outputs_of(estimator, X)
    assert_same(before, after, message)
