"""Both columns of the migration page run, and every parameter of scikeras is on it."""

import re
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest
from scikeras.wrappers import KerasClassifier

from skrnn import LSTMTextClassifier

PAGE = Path(__file__).parents[1] / "docs" / "migration.md"
BLOCK = re.compile(r"<!-- (\w+) -->\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GONE = "from keras.wrappers.scikit_learn import KerasClassifier\n"

# scikeras pickles models through arrays that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def fitted(page):
    """Run the page from top to bottom and return the classifiers of both columns."""
    namespace, classifiers = {}, {"before": [], "after": []}
    own = {"before": {}, "after": {}}
    for column, code in BLOCK.findall(page):
        # An epoch is enough to see that it runs.
        code = re.sub(r"(epochs\W+)(?:200|10)\b", r"\g<1>1", code)
        code = code.replace(GONE, "from scikeras.wrappers import KerasClassifier\n")
        # ``clf`` is the one of the same column.
        namespace |= own.get(column, {})
        exec(compile(code, PAGE.name, "exec"), namespace)
        if column in own:
            own[column] = {"clf": namespace["clf"]}
            classifiers[column].append(namespace["clf"])
    return classifiers


def test_every_block_is_marked(page):
    assert len(BLOCK.findall(page)) == page.count("```python")
    columns = [column for column, _ in BLOCK.findall(page)]
    assert columns == ["shared", *["before", "after"] * (len(columns) // 2)]
    assert len(columns) >= 15


def test_import_of_the_article_fails(page):
    assert page.count(GONE) == 1
    with pytest.raises(ModuleNotFoundError):
        import_module("keras.wrappers.scikit_learn")


def test_both_columns_run(fitted):
    assert all(isinstance(clf, KerasClassifier) for clf in fitted["before"])
    assert all(isinstance(clf, LSTMTextClassifier) for clf in fitted["after"])


@pytest.mark.parametrize("index", range(3), ids=["deep", "bidirectional", "deep bidirectional"])
def test_models_of_the_article_are_the_same(fitted, index):
    shapes = [
        [weights.shape for weights in fitted[column][index].model_.get_weights()]
        for column in ("before", "after")
    ]
    assert shapes[0] == shapes[1]


def test_every_parameter_of_scikeras_is_on_the_page(page):
    parameters = set(signature(KerasClassifier).parameters) - {"kwargs"}
    named = set(re.findall(r"\w+", page))
    assert parameters <= named
