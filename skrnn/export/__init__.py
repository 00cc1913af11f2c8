"""Fitted classifiers in the forms of other programs.

`LSTMTextClassifier.to_keras` is the counterpart for Keras and SavedModel.
"""

from .._backend import check_backend

check_backend()

from ._ids import to_ids
from ._onnx import to_onnx

__all__ = ["to_ids", "to_onnx"]
