"""The private names of other packages that skrnn uses: they are there, and no others are used.

docs/architecture.md has the table, with what to do when one goes.
"""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "skrnn"

# Module, name in it, and what stops working without it. An attribute of instances comes after the
# function that uses it.
PRIVATE = [
    ("keras.src.backend.common.global_state", "get_global_attribute", "names of layers"),
    ("keras.src.backend.common.global_state", "set_global_attribute", "names of layers"),
    ("keras.optimizers", "Optimizer._clip_gradients", "the row-wise Adam"),
    ("keras.optimizers", "Optimizer._get_variable_index", "the row-wise Adam"),
    ("keras.src.backend.tensorflow.optimizer", "TFOptimizer._all_reduce_sum_gradients",
     "the row-wise Adam on one device"),
    ("keras.optimizers", "Adam.update_step._momentums", "the row-wise Adam"),
    ("keras.optimizers", "Adam.update_step._velocities", "the row-wise Adam"),
    ("keras.optimizers", "Optimizer.get_config._learning_rate",
     "the refusal of a function as learning_rate"),
    ("keras.optimizers", "Optimizer.exclude_from_weight_decay._exclude_from_weight_decay",
     "the refusal of exclude_from_weight_decay"),
    ("keras.optimizers", "Optimizer.exclude_from_weight_decay._exclude_from_weight_decay_pattern",
     "the refusal of exclude_from_weight_decay"),
    ("keras", "Model.fit._initial_epoch", "the callback BackupAndRestore"),
    ("keras.layers", "LSTM._maybe_config_dropout_masks",
     "predictions with recurrent dropout that leave the random numbers of a training alone"),
    ("keras.layers", "LSTM._maybe_reset_dropout_masks", "fits after an interrupted one"),
    ("tensorflow.python.eager.context", "context_safe", "the error after a fork"),
    ("tensorflow.python.eager.context", "Context.__init__._context_handle",
     "the error after a fork"),
    ("tensorflow.python.framework.ops", "get_default_graph", "the fused LSTM beside XLA"),
    ("tensorflow.python.ops.control_flow_util", "GraphOrParentsInXlaContext",
     "the fused LSTM beside XLA"),
    ("sklearn.base", "_fit_context", "the validation of parameters"),
    ("sklearn.base", "BaseEstimator._validate_params", "the validation of parameters"),
    ("sklearn.base", "BaseEstimator._get_param_names", "get_params beside scikeras"),
    ("sklearn.callback", "CallbackSupportMixin._init_callback_context",
     "the callbacks of scikit-learn"),
    ("sklearn.callback", "CallbackSupportMixin.set_callbacks._skl_callbacks",
     "the callbacks of scikit-learn"),
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
    ("sklearn.feature_extraction.text", "CountVectorizer._check_stop_words_consistency",
     "the warning about stop words that are cut otherwise than texts"),
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
    if module == "sklearn.callback":
        pytest.importorskip(module, reason="scikit-learn < 1.9")
    try:
        owner = import_module(module)
        for part in name.split("."):
            if inspect.isfunction(owner):
                assert part in inspect.unwrap(owner).__code__.co_names, gone
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


@pytest.fixture(scope="module")
def sources():
    """Return all nodes of every module of the package."""
    paths = PACKAGE.rglob("*.py")
    return [list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))) for path in paths]


def private_imports(sources):
    """Yield the private modules and names of other packages that are imported anywhere."""
    private = re.compile(r"tensorflow\.python|keras\.src|(sklearn|scikeras)\.(.*\.)?_")
    for nodes in sources:
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    if private.match(f"{node.module}.{alias.name}"):
                        yield node.module, alias.name


def own_names(nodes):
    """Yield the names that a module defines."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) == "self"
        ):
            yield node.attr


def of_others(nodes):
    """Yield what is of others for certain: names that are imported, and the parents of a class."""
    yield "super()"
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from (alias.asname or alias.name for alias in node.names)


def private_attributes(sources):
    """Yield the private attributes of other packages, be they names or strings."""
    own = {name for nodes in sources for name in own_names(nodes)}
    for nodes in sources:
        others = set(of_others(nodes))
        # A part of an f-string is no name.
        f_strings = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        joined = {id(part) for f_string in f_strings for part in f_string.values}
        for node in nodes:
            name, is_own = "", False
            if isinstance(node, ast.Attribute):
                name = node.attr
                is_own = name in own and ast.unparse(node.value) not in others
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
                is_own = name in own or id(node) in joined
            if re.fullmatch("_[a-z][a-z_]*", name) and not is_own:
                yield name


def test_the_table_has_every_attribute(sources):
    # A method of named tuples, which is public, and the end of names.
    no_private_names = {"_replace", "_val"}
    listed = {name.rpartition(".")[2] for _, name, _ in PRIVATE if "." in name}
    assert set(private_attributes(sources)) - no_private_names == listed


def test_the_documentation_has_every_name():
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("## Private APIs")[2].partition("\n## ")[0]
    names = {name.rpartition(".")[2] for _, name, _ in PRIVATE}
    names |= {name for name in SCIKERAS if name.startswith("_")}
    assert {name for name in names if not re.search(rf"\b{name}\b", section)} == set()


def test_the_table_has_every_import(sources):
    listed = {module for module, *_ in PRIVATE} | {(module, name) for module, name, _ in PRIVATE}
    # A module is imported by its name, or a name out of it.
    missing = {
        f"{module}.{name}"
        for module, name in private_imports(sources)
        if (module, name) not in listed and f"{module}.{name}" not in listed
    }
    assert missing == set()
