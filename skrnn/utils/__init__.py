"""Tools for developers of estimators."""

from .estimator_checks import check_text_classifier, parametrize_with_text_checks

__all__ = ["check_text_classifier", "parametrize_with_text_checks"]
