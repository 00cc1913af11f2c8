"""Parameters that are objects: instances, of which None may stand for one with its defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def check_instances(params: dict[str, Any]) -> None:
    """Raise ValueError where a parameter is a class in place of an instance."""
    for name, value in params.items():
        if isinstance(value, type):
            raise ValueError(
                f"{name} must be an instance, got the class {value.__name__}: give"
                f" {value.__name__}(...), with its arguments."
            )


def with_default_part(
    params: dict[str, Any], name: str, value: Any, default: Callable[[], Any]
) -> dict[str, Any]:
    """Return parameters in which those of a part that is None make it an estimator.

    Parameters
    ----------
    params : dict of str to object
        What a user sets, also parameters of the part (``name__parameter``).
    name : str
        The parameter that holds the part.
    value : estimator or None
        What it is now.
    default : callable
        Makes the estimator that None stands for.
    """
    prefix = f"{name}__"
    nested = {key: params[key] for key in params if key.startswith(prefix)}
    if not nested or params.get(name, value) is not None:
        return params
    part = default().set_params(
        **{key.removeprefix(prefix): value for key, value in nested.items()}
    )
    return {key: params[key] for key in params if key not in nested} | {name: part}
