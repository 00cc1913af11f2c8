"""The private names of other packages that skrnn uses: they are there, and no others are used.

docs/architecture.md has the table, with what to do when one goes.
"""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "skrnn"

# Module, name in it, and what stops working without it.
PRIVATE = [
    ("keras.src.backend.common.global_state", "get_global_attribute", "names of layers"),
    ("keras.src.backend.common.global_state", "set_global_attribute", "names of layers"),
    ("keras.optimizers", "Optimizer._clip_gradients", "the row-wise Adam"),
    ("keras.optimizers", "Optimizer._get_variable_index", "the row-wise Adam"),
    ("keras.src.backend.tensorflow.optimizer", "TFOptimizer._all_reduce_sum_gradients",
     "the row-wise Adam on one device"),
    ("tensorflow.python.eager.context", "context_safe", "the error after a fork"),
    ("tensorflow.python.eager.context", "Context._context_handle", "the error after a fork"),
    ("tensorflow.python.framework.ops", "get_default_graph", "the fused LSTM beside XLA"),
    ("tensorflow.python.ops.control_flow_util", "GraphOrParentsInXlaContext",
     "the fused LSTM beside XLA"),
    ("sklearn.base", "_fit_context", "the validation of parameters"),
    ("sklearn.base", "BaseEstimator._validate_params", "the validation of parameters"),
    ("sklearn.base", "BaseEstimator._get_param_names", "get_params beside scikeras"),
    ("sklearn.utils._param_validation", "HasMethods", "the validation of parameters"),
    ("sklearn.utils._param_validation", "Interval", "the validation of parameters"),
    ("sklearn.utils._param_validation", "StrOptions", "the validation of parameters"),
    ("sklearn.utils._param_validation", "validate_params", "the validation of arguments"),
    ("sklearn.utils._param_validation", "validate_parameter_constraints", "skrnn.load"),
    ("sklearn.utils.validation", "_check_sample_weight", "the validation of sample_weight"),
    ("sklearn.utils", "_safe_indexing", "rows of any X in the ensemble"),
    ("sklearn.feature_extraction.text", "CountVectorizer._parameter_constraints",
     "the validation of the vectorizer"),
    ("sklearn.feature_extraction.text", "CountVectorizer._validate_ngram_range",
     "the validation of the vectorizer"),
    ("sklearn.feature_extraction.text", "CountVectorizer._warn_for_unused_params",
     "the warning about parameters of the vectorizer without effect"),
    ("sklearn.feature_extraction.text", "CountVectorizer._validate_vocabulary",
     "a vocabulary that the user brings"),
    ("sklearn.feature_extraction.text", "CountVectorizer._check_vocabulary",
     "the error of a vectorizer that is not fitted"),
    ("sklearn.feature_extraction.text", "CountVectorizer._word_ngrams", "ngrams of token lists"),
]  # fmt: skip

# `BaseWrapper` of scikeras is public; what skrnn._scikeras takes out of it is not.
SCIKERAS = [
    "_fit", "_fit_keras_model", "_initialize", "_predict_raw", "_build_keras_model",
    "_ensure_compiled_model", "target_encoder", "feature_encoder", "scorer",
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "what"), PRIVATE)
def test_it_is_there(module, name, what):
    gone = (
        f"{module}.{name} is private and gone in this version: {what} needs another way. See"
        ' "Private APIs" in docs/architecture.md.'
    )
    try:
        owner = import_module(module)
        for part in name.split("."):
            # An attribute of instances is found in the source of the class.
            if part == "_context_handle":
                assert part in owner.__init__.__code__.co_names, gone
            else:
                owner = getattr(owner, part)
    except (ImportError, AttributeError):
        pytest.fail(gone)


@pytest.mark.parametrize("name", SCIKERAS)
def test_scikeras_has_what_is_taken_away(name):
    wrapper = import_module("scikeras.wrappers").BaseWrapper
    assert hasattr(wrapper, name), (
        f"scikeras has no {name} any more: skrnn._scikeras need not mend it."
    )


def private_imports():
    """Yield the private modules and names of other packages that are imported anywhere."""
    private = re.compile(r"tensorflow\.python|keras\.src|(sklearn|scikeras)\.(.*\.)?_")
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    if private.match(f"{node.module}.{alias.name}"):
                        yield node.module, alias.name


def test_the_table_is_complete():
    listed = {module for module, *_ in PRIVATE} | {(module, name) for module, name, _ in PRIVATE}
    # A module is imported by its name, or a name out of it.
    missing = {
        f"{module}.{name}"
        for module, name in private_imports()
        if (module, name) not in listed and f"{module}.{name}" not in listed
    }
    assert missing == set()
