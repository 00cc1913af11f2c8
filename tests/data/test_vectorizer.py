"""Tests of SequenceVectorizer, in the order of skrnn/_data/vectorizer.py."""

import copy
import io
import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn._data.sequences import Sequences
from skrnn._data.vectorizer import _TAKES_ALL, UNKNOWN_TERM, SequenceVectorizer

TEXTS = [
    "The cat sat on the mat; the CAT was fat.",
    "A dog and a cat are not a mat",
    "Café, naïve café: the déjà-vu of the dog",
    "",
    "to be or not to be",
    "dog dog dog",
]


# The way of CountVectorizer, in rows as wide as the longest text.
WORDS = {"analyzer": "word", "maxlen": None}


def split(text):
    return text.split()


def backwards(text):
    return text[::-1]


def name_of(case):
    """Name a case without the addresses of its functions, which every process has others of."""
    return re.sub(r" at 0x\w+", "", str(case))


def some_terms(n_terms=60, n_texts=40):
    """Make texts with many equally frequent terms."""
    rng = np.random.default_rng(0)
    terms = np.array([f"t{number}" for number in rng.permutation(n_terms)])
    return [" ".join(rng.choice(terms, size)) for size in rng.integers(0, 12, n_texts)]


with warnings.catch_warnings():
    # The suite warns that all but its first checks are for estimators of 2-D arrays.
    warnings.simplefilter("ignore", SkipTestWarning)
    scikit_learn_checks = parametrize_with_checks([SequenceVectorizer()])


@scikit_learn_checks
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_import_needs_no_tensorflow():
    code = (
        "import sys\n"
        "from skrnn import SequenceVectorizer\n"
        "SequenceVectorizer().fit_transform(['a text'])\n"
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Parameters


def test_parameters_are_those_of_count_vectorizer_and_three_more():
    ours, parents = SequenceVectorizer().get_params(), CountVectorizer().get_params()
    del parents["binary"], parents["dtype"]
    assert ours == {
        **parents,
        "analyzer": "unicode",
        "max_features": 50_000,
        "maxlen": "auto",
        "truncating": "post",
        "oov": "keep",
    }
    assert SequenceVectorizer._parameter_constraints.keys() == ours.keys()


@pytest.mark.parametrize("name", ["binary", "dtype"])
def test_parameters_about_counts_do_not_exist(name):
    with pytest.raises(TypeError, match=name):
        SequenceVectorizer(**{name: True})
    with pytest.raises(ValueError, match=f"Invalid parameter '{name}'"):
        SequenceVectorizer().set_params(**{name: True})


@pytest.mark.parametrize(
    "params",
    [
        {"maxlen": 0},
        {"maxlen": 2.0},
        {"truncating": "Pre"},
        {"oov": "ignore"},
        {"max_features": 0},
        {"min_df": -1},
        {"analyzer": "words"},
    ],
)
def test_invalid_parameters_raise_at_fit_and_transform(params):
    (name,) = params
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of SequenceVec"):
        SequenceVectorizer(**params).fit(TEXTS)
    fitted = SequenceVectorizer().fit(TEXTS).set_params(**params)
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of SequenceVec"):
        fitted.transform(TEXTS)


def test_transform_validates_nothing_where_validation_is_skipped():
    vectorizer = SequenceVectorizer(maxlen=3).fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    vectorizer.set_params(min_df=-1)  # of fit alone
    with config_context(skip_parameter_validation=True):
        assert_array_equal(vectorizer.transform(TEXTS), expected)


def test_tags_and_routing_are_those_of_count_vectorizer():
    ours, parents = SequenceVectorizer().__sklearn_tags__(), CountVectorizer().__sklearn_tags__()
    assert ours.input_tags == parents.input_tags
    assert ours.requires_fit == parents.requires_fit
    routing = SequenceVectorizer().get_metadata_routing()
    assert str(routing) == str(CountVectorizer().get_metadata_routing())


# The vocabulary

SETTINGS = [
    {},
    {"min_df": 2},
    {"min_df": 0.3},
    {"max_df": 2},
    {"max_df": 0.3},
    {"min_df": 2, "max_df": 0.6, "max_features": 3},
    {"max_features": 4},
    {"stop_words": "english"},
    {"stop_words": ["the", "dog"], "ngram_range": (1, 2)},
    {"ngram_range": (2, 3)},
    {"analyzer": "char"},
    {"analyzer": "char", "ngram_range": (2, 3), "min_df": 2},
    {"analyzer": "char_wb", "ngram_range": (1, 4)},
    {"analyzer": split},
    {"tokenizer": split, "token_pattern": None},
    {"preprocessor": backwards},
    {"strip_accents": "ascii"},
    {"strip_accents": "unicode"},
    {"strip_accents": backwards, "lowercase": False},
    {"lowercase": False},
    {"token_pattern": r"\b(\w)\w*\b"},
]


@pytest.mark.parametrize("params", SETTINGS, ids=name_of)
def test_same_vocabulary_and_counts_as_count_vectorizer(params):
    parent = CountVectorizer(**{"max_features": 50_000, **params})
    expected = parent.fit_transform(TEXTS).toarray()
    vectorizer = SequenceVectorizer(**{**WORDS, **params}, oov="drop")
    X = vectorizer.fit_transform(TEXTS)

    assert vectorizer.vocabulary_.keys() == parent.vocabulary_.keys()
    assert vectorizer.fixed_vocabulary_ is False
    assert_array_equal(X, vectorizer.transform(TEXTS))
    for term, index in vectorizer.vocabulary_.items():
        counts = np.equal(X, index + 2).sum(axis=1)
        assert_array_equal(counts, expected[:, parent.vocabulary_[term]])


@pytest.mark.parametrize("max_features", [1, 7, 20, 59, 60, 100])
@pytest.mark.parametrize("min_df", [1, 3])
def test_max_features_breaks_ties_like_count_vectorizer(max_features, min_df):
    params = {"max_features": max_features, "min_df": min_df}
    texts = some_terms()
    expected = CountVectorizer(**params).fit(texts).vocabulary_
    assert SequenceVectorizer(**params).fit(texts).vocabulary_.keys() == expected.keys()


def test_vocabulary_in_order_of_frequency_then_alphabet():
    texts = some_terms()
    parent = CountVectorizer()
    totals = parent.fit_transform(texts).toarray().sum(axis=0)
    expected = sorted(
        parent.vocabulary_, key=lambda term: (-totals[parent.vocabulary_[term]], term)
    )
    assert len(set(totals.tolist())) < len(expected), "the texts should have ties"

    vectorizer = SequenceVectorizer().fit(texts)
    assert vectorizer.get_vocabulary(include_special_tokens=False) == expected
    assert vectorizer.get_vocabulary() == ["", UNKNOWN_TERM, *expected]
    assert vectorizer.vocabulary_ == {term: index for index, term in enumerate(expected)}


def test_document_frequency_counts_a_repeated_term_once():
    vectorizer = SequenceVectorizer(min_df=2).fit(["aa aa aa bb", "bb cc", "cc dd dd"])
    assert vectorizer.vocabulary_ == {"bb": 0, "cc": 1}


def test_texts_without_tokens_count_as_documents():
    vectorizer = SequenceVectorizer(min_df=0.5).fit(["aa bb", "aa", "", ""])
    assert vectorizer.vocabulary_ == {"aa": 0}


@pytest.mark.parametrize(
    ("params", "texts"),
    [
        ({}, "a bare string"),
        ({}, []),
        ({}, ["", "a"]),
        ({"stop_words": "english"}, ["the", "and the"]),
        ({"min_df": 3}, ["aa bb", "bb cc"]),
        ({"max_df": 1}, ["bb", "bb"]),
        ({"min_df": 2, "max_df": 1}, ["aa", "bb"]),
        ({"min_df": 0.9, "max_df": 0.1}, ["aa", "bb"]),
        ({"ngram_range": (2, 1)}, ["aa"]),
        ({"token_pattern": "(a)(b)"}, ["aa"]),
        ({"stop_words": "german"}, ["aa"]),
        ({"vocabulary": []}, ["aa"]),
        ({"vocabulary": ["aa", "aa"]}, ["aa"]),
        ({"vocabulary": {"aa": 0, "bb": 0}}, ["aa"]),
        ({"vocabulary": {"aa": 0, "bb": 2}}, ["aa"]),
        ({}, None),
        ({}, 3),
        ({"input": "filename"}, ["/no/such/file"]),
        ({"input": "file"}, ["not a file"]),
    ],
    ids=name_of,
)
def test_same_errors_as_count_vectorizer(params, texts):
    with pytest.raises(Exception) as expected:  # noqa: PT011
        CountVectorizer(**params).fit(texts)
    message = str(expected.value).replace("CountVectorizer", "SequenceVectorizer")
    for method in ("fit", "fit_transform"):
        with pytest.raises(
            expected.type, match=rf"^{re.escape(message)}({re.escape(_TAKES_ALL)})?$"
        ):
            getattr(SequenceVectorizer(**WORDS, **params), method)(texts)


@pytest.mark.parametrize(
    "params",
    [
        {"tokenizer": split},
        {"analyzer": split, "preprocessor": backwards},
        {"analyzer": split, "ngram_range": (1, 2)},
        {"analyzer": "char", "stop_words": ["the"]},
        {"stop_words": ["don't"]},
        {"vocabulary": ["Upper"]},
    ],
    ids=name_of,
)
def test_same_warnings_as_count_vectorizer(params):
    messages = []
    for vectorizer in (CountVectorizer(**params), SequenceVectorizer(**{**WORDS, **params})):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            vectorizer.fit(TEXTS)
        messages.append([(warning.category, str(warning.message)) for warning in caught])
    assert messages[0]
    assert messages[0] == messages[1]


def test_upper_case_vocabulary_is_fine_without_lowercasing():
    vectorizer = SequenceVectorizer(vocabulary=["Upper"], lowercase=False, maxlen=2)
    assert_array_equal(vectorizer.fit_transform(["Upper upper"]), [[2, 1]])


def test_a_vocabulary_that_is_spelt_otherwise_than_texts():
    vectorizer = SequenceVectorizer(vocabulary=["rose", "cafe\u0301", "\ufb01ne"])
    with pytest.warns(UserWarning, match=r"^2 entries of vocabulary are not spelt .* 'caf"):
        vectorizer.fit(["café rose ﬁne"])


@pytest.mark.parametrize("vocabulary", [{1: 0}, [("a", "b")], pd.Series({"wheat": 0})], ids=str)
def test_a_vocabulary_of_other_terms_than_strings_is_refused(vocabulary):
    vectorizer = SequenceVectorizer(vocabulary=vocabulary)
    for method in (vectorizer.fit, vectorizer.transform):
        with pytest.raises(TypeError, match=r"vocabulary must hold terms of type str, .* got"):
            method(["wheat"])


def test_failed_fit_keeps_the_vocabulary():
    vectorizer = SequenceVectorizer().fit(["aa bb"])
    with pytest.raises(ValueError, match="empty vocabulary"):
        vectorizer.fit([""])
    assert vectorizer.vocabulary_ == {"aa": 0, "bb": 1}


def test_transform_before_fit():
    for vectorizer in (CountVectorizer(), SequenceVectorizer()):
        with pytest.raises(NotFittedError, match=r"^Vocabulary not fitted or provided$"):
            vectorizer.transform(["aa"])
        with pytest.raises(NotFittedError, match=r"^Vocabulary not fitted or provided$"):
            vectorizer.inverse_transform([[0]])
        with pytest.raises(NotFittedError, match=r"^Vocabulary not fitted or provided$"):
            vectorizer.get_feature_names_out()
    with pytest.raises(NotFittedError, match=r"^Vocabulary not fitted or provided$"):
        SequenceVectorizer().get_vocabulary()


@pytest.mark.parametrize(
    "vocabulary",
    [
        ["bb", "aa"],
        {"bb": 0, "aa": 1},
        {"aa": 1, "bb": 0},
        np.array(["bb", "aa"]),
        iter(["bb", "aa"]),
    ],
    ids=lambda vocabulary: type(vocabulary).__name__,
)
def test_given_vocabulary(vocabulary):
    vectorizer = SequenceVectorizer(vocabulary=vocabulary, maxlen=4)
    assert_array_equal(vectorizer.transform(["aa bb cc aa"]), [[3, 2, 1, 3]])
    assert vectorizer.fixed_vocabulary_ is True
    assert vectorizer.get_vocabulary(include_special_tokens=False) == ["bb", "aa"]


def test_given_vocabulary_is_not_changed_by_fit():
    # Neither the documents' frequencies nor the limits for learning have a say.
    vectorizer = SequenceVectorizer(vocabulary={"bb", "aa"}, max_features=1, min_df=2, maxlen=3)
    assert_array_equal(vectorizer.fit_transform(["bb bb cc"]), [[3, 3, 1]])
    assert vectorizer.vocabulary_ == {"aa": 0, "bb": 1}


def test_vocabulary_of_another_vectorizer():
    fitted = SequenceVectorizer().fit(TEXTS)
    other = SequenceVectorizer(vocabulary=fitted.vocabulary_, maxlen=fitted.maxlen_)
    assert_array_equal(other.transform(TEXTS), fitted.transform(TEXTS))


# The output


def test_order_padding_and_unknown_tokens():
    vectorizer = SequenceVectorizer(maxlen=None).fit(["bb aa bb cc"])
    X = vectorizer.transform(["cc bb aa", "aa zz bb cc bb", "bb"])
    assert_array_equal(X, [[4, 2, 3, 0, 0], [3, 1, 2, 4, 2], [2, 0, 0, 0, 0]])
    assert X.dtype == np.int32


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"maxlen": 3}, [[4, 1, 2], [3, 0, 0], [1, 1, 0]]),
        ({"maxlen": 3, "truncating": "pre"}, [[2, 3, 3], [3, 0, 0], [1, 1, 0]]),
        ({"maxlen": 3, "oov": "drop"}, [[4, 2, 3], [3, 0, 0], [1, 0, 0]]),
        (
            {"maxlen": 3, "oov": "drop", "truncating": "pre"},
            [[2, 3, 3], [3, 0, 0], [1, 0, 0]],
        ),
        ({"maxlen": 1}, [[4], [3], [1]]),
        ({"maxlen": 1, "truncating": "pre"}, [[3], [3], [1]]),
        (
            {"maxlen": 7},
            [[4, 1, 2, 3, 3, 0, 0], [3, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0]],
        ),
        ({"oov": "drop"}, [[4, 2, 3, 3], [3, 0, 0, 0], [1, 0, 0, 0]]),
        ({"maxlen": np.int64(1)}, [[4], [3], [1]]),
    ],
    ids=name_of,
)
def test_maxlen_truncating_and_oov(params, expected):
    vectorizer = SequenceVectorizer(vocabulary=["aa", "bb", "cc"], **{"maxlen": None, **params})
    texts = ["cc xx aa bb bb", "bb", "yy zz"]
    assert_array_equal(vectorizer.transform(texts), expected)
    assert_array_equal(vectorizer.fit_transform(texts), expected)


def test_fit_transform_equals_fit_and_transform_with_pruned_terms():
    texts = some_terms()
    for oov in ("keep", "drop"):
        params = {"max_features": 9, "maxlen": 4, "truncating": "pre", "oov": oov}
        X = SequenceVectorizer(**params).fit_transform(texts)
        assert_array_equal(X, SequenceVectorizer(**params).fit(texts).transform(texts))
        assert (X == 1).any(axis=1).sum() > 0
        assert X.max() == 10


@pytest.mark.parametrize("oov", ["keep", "drop"])
def test_no_row_is_all_padding(oov):
    vectorizer = SequenceVectorizer(oov=oov, maxlen=None).fit(["aa bb"])
    texts = ["", "", "aa bb", " ", "\u200b", "\0", ""]
    X = vectorizer.transform(texts)
    assert_array_equal(X, [[1, 0], [1, 0], [2, 3], [1, 0], [1, 0], [1, 0], [1, 0]])
    assert_array_equal(vectorizer.transform([""]), [[1]])


@pytest.mark.parametrize(("maxlen", "width"), [(None, 1), (5, 5)])
def test_no_documents(maxlen, width):
    vectorizer = SequenceVectorizer(maxlen=maxlen).fit(["aa bb"])
    for documents in ([], np.array([]), pd.Series([], dtype=object)):
        X = vectorizer.transform(documents)
        assert X.shape == (0, width)
        assert X.dtype == np.int32


@pytest.mark.parametrize("method", ["_fit_sequences", "_transform_sequences"])
def test_sequences_are_the_rows_without_padding(method):
    vectorizer = SequenceVectorizer(maxlen=4)
    X = vectorizer.fit_transform(TEXTS)
    sequences = getattr(vectorizer, method)(TEXTS)
    assert isinstance(sequences, Sequences)
    assert sequences.values.dtype == np.int32
    assert_array_equal(sequences.values, X[X != 0])
    assert_array_equal(sequences.lengths, (X != 0).sum(axis=1))


# The length that "auto" learns


def of_lengths(lengths):
    return [["aa"] * length for length in lengths]


@pytest.mark.filterwarnings("ignore:.* texts have 1000 tokens or more")
@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([1, 2, 3], 400),
        ([500] * 76 + [2000] * 25, 500),
        ([5000], 1000),
    ],
)
@pytest.mark.parametrize("vocabulary", [None, ["aa"], ["zz"]])
@pytest.mark.parametrize("oov", ["keep", "drop"])
def test_auto_reads_three_quarters_of_the_texts_to_the_end(lengths, expected, vocabulary, oov):
    vectorizer = SequenceVectorizer(vocabulary=vocabulary, oov=oov)
    texts = of_lengths(lengths)
    X = vectorizer.fit_transform(texts)
    assert vectorizer.maxlen_ == expected
    assert vectorizer.maxlen == "auto"
    assert X.shape == (len(texts), expected)
    fitted = SequenceVectorizer(vocabulary=vocabulary, oov=oov).fit(iter(texts))
    assert fitted.maxlen_ == expected
    assert_array_equal(fitted.transform(texts), X)
    assert len(fitted.get_feature_names_out()) == expected


@pytest.mark.parametrize("maxlen", [3, None])
def test_maxlen_that_is_given_is_remembered(maxlen):
    assert SequenceVectorizer(maxlen=maxlen).fit(TEXTS).maxlen_ == maxlen


def test_auto_without_fit_is_the_most():
    X = SequenceVectorizer(vocabulary=["aa"]).transform(of_lengths([1, 2000]))
    assert X.shape == (2, 1000)


# The default analyzer


def test_default_analyzer_reads_signs_and_scripts():
    vectorizer = SequenceVectorizer(maxlen=8).fit(["अच्छा दिन! ÜBER"])
    expected = [["अच्छा", "दिन", "!", "über"]]
    X = vectorizer.transform(["\uff35\uff22\uff25\uff32 अच्छा दिन!", "u\u0308ber"])
    assert [row.tolist() for row in vectorizer.inverse_transform(X)] == [
        [UNKNOWN_TERM, *expected[0][:3]],
        ["über"],
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"tokenizer": split}, ["straße,", "tokyo!"]),
        ({"token_pattern": r"\w+"}, ["straße", "tokyo"]),
        ({"token_pattern": None}, ["straße", ",", "tokyo", "!"]),
        ({"token_pattern": r"(?u)\b\w\w+\b"}, ["straße", ",", "tokyo", "!"]),
        ({"lowercase": False}, ["Straße", ",", "TOKYO", "!"]),
        ({"preprocessor": str}, ["Straße", ",", "\uff34\uff2f\uff2b\uff39\uff2f", "!"]),
        ({"stop_words": [",", "!"]}, ["straße", "tokyo"]),
        ({"ngram_range": (2, 2)}, ["straße ,", ", tokyo", "tokyo !"]),
        ({"strip_accents": lambda text: text.replace("ß", "ss")}, ["strasse", ",", "tokyo", "!"]),
    ],
    ids=name_of,
)
def test_no_parameter_of_words_is_ignored(params, expected):
    vectorizer = SequenceVectorizer(maxlen=4, **params).fit(
        ["Straße, \uff34\uff2f\uff2b\uff39\uff2f!"]
    )
    assert sorted(vectorizer.vocabulary_) == sorted(expected)
    assert vectorizer.build_analyzer()("Straße, \uff34\uff2f\uff2b\uff39\uff2f!") == expected


def test_accents_are_stripped_from_whole_characters():
    vectorizer = SequenceVectorizer(strip_accents="unicode")
    assert vectorizer.build_analyzer()("Tiếng 한국어") == ["tieng", " 한", "한국", "국어", "어\n"]


def test_tokenizer_replaces_a_pattern_of_ones_own():
    vectorizer = SequenceVectorizer(tokenizer=split, token_pattern=r"\S")
    with pytest.warns(UserWarning, match=r"'token_pattern' will not be used since 'tokenizer'"):
        vectorizer.fit(["aa bb"])
    assert set(vectorizer.vocabulary_) == {"aa", "bb"}


# Tokens that tell nothing


@pytest.mark.parametrize(
    ("params", "texts", "message"),
    [
        ({"analyzer": "word"}, ["i", "u", "we"], r"^2 of 3 texts have no tokens: .*'unicode'"),
        (
            {"stop_words": ["the", "and"]},
            ["the", "and", "we"],
            r"^2 of 3 texts have no tokens: .*way: fewer stop_words, a segmenter of",
        ),
        (
            {"analyzer": str.split},
            [f"第{number}页的用户没有权限。" for number in range(300)],
            r"^100% of the tokens of a text are in no other text: .*tokenizer=\..*analyzer='char'",
        ),
    ],
)
def test_one_warning_of_tokens_that_tell_nothing(params, texts, message):
    with pytest.warns(UserWarning, match=message) as caught:
        SequenceVectorizer(**params).fit(texts)
    assert len(caught) == 1


def test_no_warning_of_few_texts_or_blank_texts_or_texts_that_share_tokens():
    texts = [f"第{number}页的用户没有权限。" for number in range(300)]
    SequenceVectorizer().fit(texts)
    SequenceVectorizer(analyzer="word").fit(texts[:299])
    SequenceVectorizer(analyzer="word").fit(["i", "we"])
    SequenceVectorizer().fit(["", " ", "we"])


# Kinds of documents


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        iter,
        lambda texts: (text for text in texts),
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pd.Series,
        lambda texts: pd.Series(texts, dtype=object, index=range(5, 5 + len(texts))),
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: pd.Series(texts, dtype="category"),
        pd.Index,
        lambda texts: pl.Series(values=texts),
        pa.array,
        lambda texts: pa.chunked_array([texts]),
        lambda texts: dict.fromkeys(texts).keys(),
        lambda texts: dict(enumerate(texts)).values(),
    ],
)
def test_containers_of_texts(container):
    expected = SequenceVectorizer().fit_transform(TEXTS)
    vectorizer = SequenceVectorizer()
    assert_array_equal(vectorizer.fit_transform(container(TEXTS)), expected)
    assert_array_equal(vectorizer.transform(container(TEXTS)), expected)


def test_generator_is_walked_through_once_and_not_stored():
    events = []

    def texts():
        for text in TEXTS:
            events.append(("made", text))
            yield text

    def analyzer(text):
        events.append(("analyzed", text))
        return text.split()

    SequenceVectorizer(analyzer=analyzer).fit_transform(texts())
    assert events == [(event, text) for text in TEXTS for event in ("made", "analyzed")]


TOKENISED = [["The", "cat"], ["cat,", "the", "THE", "a"], []]


@pytest.mark.parametrize(
    "container",
    [
        list,
        lambda documents: map(tuple, documents),
        lambda documents: [np.array(tokens, dtype=str) for tokens in documents],
        lambda documents: [np.array(tokens, dtype=object) for tokens in documents],
        pd.Series,
        lambda documents: pl.Series(values=documents),
        lambda documents: pa.array(documents),
        lambda documents: [TOKENISED[0], tuple(TOKENISED[1]), np.array([], dtype=object)],
        lambda documents: [[np.str_(token) for token in tokens] for tokens in documents],
    ],
)
def test_tokenised_texts_are_taken_as_they_are(container):
    vectorizer = SequenceVectorizer(maxlen=4)
    X = vectorizer.fit_transform(container(TOKENISED))
    assert vectorizer.get_vocabulary()[2:] == ["THE", "The", "a", "cat", "cat,", "the"]
    assert_array_equal(X, [[3, 5, 0, 0], [6, 7, 2, 4], [1, 0, 0, 0]])
    assert_array_equal(vectorizer.transform(container(TOKENISED)), X)


def test_tokenised_texts_equal_texts():
    params = {"stop_words": ["the"], "ngram_range": (1, 2)}
    texts = ["the cat saw the dog", "dog saw cat"]
    vectorizer = SequenceVectorizer(**params)
    expected = vectorizer.fit_transform(texts)
    assert "cat saw" in vectorizer.vocabulary_
    assert "the" not in vectorizer.vocabulary_
    assert_array_equal(vectorizer.transform(map(split, texts)), expected)
    assert_array_equal(SequenceVectorizer(**params).fit_transform(map(split, texts)), expected)


def test_callable_analyzer_gets_the_document_as_it_is():
    documents = [{"title": "Bb"}, {"title": "Aa"}, ["Bb"], "text", ("Bb",)]
    seen = []

    def analyzer(document):
        seen.append(document)
        return (document["title"] if isinstance(document, dict) else token for token in "x")

    SequenceVectorizer(analyzer=analyzer).fit(documents)
    assert all(given is got for given, got in zip(documents, seen, strict=True))


@pytest.mark.parametrize(
    ("tokens", "named"),
    [
        ([1, 2], "int: 1"),
        ([("the", "cat")], r"tuple: \('the', 'cat'\)"),
        ([b"cat"], "bytes: b'cat'"),
        (["cat", 3], "int: 3"),
        (["cat", None], "NoneType: None"),
        ([object()], "object: <object object"),
    ],
    ids=name_of,
)
@pytest.mark.parametrize("name", ["tokenizer", "analyzer"])
def test_tokens_that_are_no_str_are_named(name, tokens, named):
    params = {"token_pattern": None, name: lambda text: tokens}
    vectorizer = SequenceVectorizer(**params)
    for method in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises(TypeError, match=rf"must return tokens of type str, got {named}"):
            method(["the cat", "a dog"])
    assert not hasattr(vectorizer, "vocabulary_")


def test_bytes_are_decoded():
    texts = ["café au lait", "thé"]
    expected = SequenceVectorizer().fit_transform(texts)
    for encoding in ("utf-8", "latin-1"):
        documents = [text.encode(encoding) for text in texts]
        vectorizer = SequenceVectorizer(encoding=encoding)
        assert_array_equal(vectorizer.fit_transform(documents), expected)
    assert_array_equal(vectorizer.transform([texts[0], documents[1]]), expected)
    lenient = SequenceVectorizer(decode_error="ignore").fit(documents)
    assert lenient.vocabulary_.keys() == {"caf", "au", "lait", "th"}


@pytest.mark.parametrize("documents", [[b"tea", b"caf\xe9", b"milk"], [b"caf\xe9"]], ids=len)
def test_bytes_that_cannot_be_decoded_are_named(documents, tmp_path):
    message = f"can't decode byte 0xe9 in position 3: .*, in document {len(documents) // 2}$"
    vectorizer = SequenceVectorizer()
    for method in (vectorizer.fit, vectorizer.fit(["tea"]).transform):
        with pytest.raises(UnicodeDecodeError, match=message):
            method(documents)
    paths = [tmp_path / f"{number}.txt" for number in range(len(documents))]
    for path, content in zip(paths, documents, strict=True):
        path.write_bytes(content)
    with pytest.raises(UnicodeDecodeError, match=message):
        SequenceVectorizer(input="filename").fit(paths)


def test_files(tmp_path):
    expected = SequenceVectorizer().fit_transform(TEXTS)
    paths = [tmp_path / f"{number}.txt" for number in range(len(TEXTS))]
    for path, text in zip(paths, TEXTS, strict=True):
        path.write_text(text, encoding="utf-8")
    assert_array_equal(SequenceVectorizer(input="filename").fit_transform(paths), expected)
    files = [io.BytesIO(text.encode()) for text in TEXTS]
    assert_array_equal(SequenceVectorizer(input="file").fit_transform(files), expected)


def test_strange_texts():
    texts = ["lone\ud800 surrogate", "nul\0nul", "word " * 200_000, "\u202eright \U0001f600 left"]
    vectorizer = SequenceVectorizer(token_pattern=r"[^ ]+", strip_accents="unicode", maxlen=None)
    X = vectorizer.fit_transform(texts)
    assert X.shape == (4, 200_000)
    assert (X[2] == 2).all()
    tokens = vectorizer.inverse_transform(X[:, :3])
    assert tokens[0].tolist() == ["lone\ud800", "surrogate"]
    assert tokens[1].tolist() == ["nul\0nul"]
    assert tokens[3].tolist() == ["\u202eright", "\U0001f600", "left"]


# Bad documents


@pytest.mark.parametrize("analyzer", ["unicode", "word", "char", str.split])
@pytest.mark.parametrize(
    ("document", "got"),
    [
        (None, "None of type NoneType"),
        (float("nan"), "nan of type float"),
        (np.nan, "nan of type float"),
        (np.float32(1.5), f"{np.float32(1.5)!r} of type float32"),
        (7, "7 of type int"),
        (True, "True of type bool"),
        (pd.NA, "<NA> of type NAType"),
        (pd.NaT, "NaT of type NaTType"),
    ],
    ids=name_of,
)
def test_missing_documents_and_numbers(document, got, analyzer):
    expected = "a document for the analyzer" if callable(analyzer) else "a text (str or bytes)"
    pattern = rf"^Document 1: expected {re.escape(expected)}.*, got {re.escape(got)}\.$"
    vectorizer = SequenceVectorizer(analyzer=analyzer)
    for container in (list, lambda documents: np.array(documents, dtype=object)):
        with pytest.raises(ValueError, match=pattern):
            vectorizer.fit(container(["aa", document]))
    vectorizer.fit(["aa"])
    with pytest.raises(ValueError, match=pattern):
        vectorizer.transform(["aa", document])


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([{"a": 1}], "Document 0: expected a text (str or bytes) or a list of str tokens, got {"),
        ([["aa"], None], "Document 1: expected a text (str or bytes) or a list of str tokens, "),
        (
            ["aa", "bb", ["cc"]],
            "Document 2: expected a text (str or bytes) like the documents before it, "
            "got ['cc'] of type list.",
        ),
        (
            [("aa",), "bb"],
            "Document 1: expected a tokenised text like the documents before it, "
            "got 'bb' of type str.",
        ),
        (
            [["aa"], ["bb", 3]],
            "Document 1: expected every token to be a str, got 3 of type int.",
        ),
        (
            [np.array([1.5, 2.5])],
            "Document 0: expected every token to be a str, got 1.5 of type float.",
        ),
        ([["aa"], [b"bb"]], "Document 1: expected every token to be a str, got b'bb' of type byt"),
        ([["aa", None]], "Document 0: expected every token to be a str, got None of type NoneT"),
        (
            [np.array([["aa"]])],
            "Document 0: expected a one-dimensional array of str tokens, got ",
        ),
        (b"aa", "Iterable over raw text documents expected, bytes object received."),
        (
            pd.DataFrame({"text": ["aa"]}),
            "One-dimensional iterable over raw text documents expected, "
            "DataFrame of shape (1, 1) received.",
        ),
        (
            pl.DataFrame({"text": ["aa"]}),
            "One-dimensional iterable over raw text documents expected, "
            "DataFrame of shape (1, 1) received.",
        ),
        (
            np.array([["aa"], ["bb"]]),
            "One-dimensional iterable over raw text documents expected, "
            "ndarray of shape (2, 1) received.",
        ),
        (
            np.array("aa"),
            "One-dimensional iterable over raw text documents expected, "
            "ndarray of shape () received.",
        ),
        (pl.Series(["aa", None]), "Document 1: expected a text (str or bytes) or a list of str"),
        (pd.Series(["aa", None]), "Document 1: expected a text (str or bytes) or a list of str"),
    ],
    ids=name_of,
)
def test_bad_documents(documents, message):
    vectorizer = SequenceVectorizer()
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        vectorizer.fit(documents)
    vectorizer.fit(["aa"])
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        vectorizer.transform(documents)


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
def test_characters_of_tokenised_texts(analyzer):
    message = f"Document 0: expected a text (str or bytes), since analyzer='{analyzer}' cuts texts"
    with pytest.raises(ValueError, match=re.escape(message)):
        SequenceVectorizer(analyzer=analyzer).fit([["aa"]])


def test_transform_of_a_bare_string():
    for vectorizer in (CountVectorizer().fit(["aa"]), SequenceVectorizer().fit(["aa"])):
        with pytest.raises(
            ValueError,
            match=r"^Iterable over raw text documents expected, string object received\.$",
        ):
            vectorizer.transform("aa")


huge = st.recursive(
    st.one_of(
        st.none(),
        st.integers(),
        st.floats(),
        st.text(max_size=3).map(lambda text: text * 10_000),
        st.binary(max_size=3).map(lambda content: content * 10_000),
        st.integers(1, 3).map(lambda size: np.zeros((size, 10_000))),
    ),
    lambda parts: st.one_of(
        # Not more: lists within lists multiply, and the report of a failure repeats them all.
        st.lists(parts, max_size=3).map(lambda part: part * 10),
        st.lists(parts, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3).map(lambda text: text * 1000), parts, max_size=3),
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=30)
@given(documents=st.lists(huge, min_size=1, max_size=3).map(lambda part: part * 100))
def test_no_message_is_longer_than_a_screen(documents):
    vectorizer = SequenceVectorizer(vocabulary=["aa"])
    for method in (vectorizer.fit, vectorizer.transform, vectorizer.inverse_transform):
        message = ""
        try:
            method(documents)
        except (ValueError, TypeError) as error:
            message = str(error)
        assert len(message) < 1000


# The way back

documents = st.lists(st.text(alphabet="ab \0\ud800éÉß.", max_size=30), min_size=1, max_size=8)


@pytest.mark.filterwarnings("ignore:.* texts have no tokens")
@given(
    texts=documents,
    params=st.sampled_from(
        [
            {"token_pattern": r"\S"},
            {"token_pattern": r"\S+", "ngram_range": (1, 2)},
            {"analyzer": "char", "ngram_range": (1, 3)},
            {"analyzer": "char_wb", "strip_accents": "unicode"},
        ]
    ),
)
def test_round_trip(texts, params):
    texts = ["a", *texts]  # an empty vocabulary is an error of its own
    vectorizer = SequenceVectorizer(max_features=None, **{**WORDS, **params})
    X = vectorizer.fit_transform(texts)
    analyze = CountVectorizer(**params).build_analyzer()
    expected = [analyze(text) or [UNKNOWN_TERM] for text in texts]
    assert [tokens.tolist() for tokens in vectorizer.inverse_transform(X)] == expected
    assert X.shape == (len(texts), max(map(len, expected)))


@pytest.mark.filterwarnings("ignore:.* texts have no tokens")
@settings(deadline=None)
@given(texts=documents, maxlen=st.integers(1, 5), truncating=st.sampled_from(["pre", "post"]))
def test_cut_texts_are_slices_of_the_whole(texts, maxlen, truncating):
    texts = ["a", *texts]
    vectorizer = SequenceVectorizer(token_pattern=r"\S", max_features=3, maxlen=None)
    whole = vectorizer.fit(texts)._transform_sequences(texts)
    vectorizer.set_params(maxlen=maxlen, truncating=truncating)
    for row, (start, stop) in enumerate(zip(whole.offsets, whole.offsets[1:], strict=False)):
        ids = whole.values[start:stop]
        kept = ids[:maxlen] if truncating == "post" else ids[-maxlen:]
        expected = np.pad(kept, (0, maxlen - len(kept)))
        assert_array_equal(vectorizer.transform(texts)[row], expected)


def test_inverse_transform():
    vectorizer = SequenceVectorizer(vocabulary=["aa", "bb"])
    for X in ([[3, 1, 2], [2], []], [np.array([0, 3, 1, 0, 2], np.uint8), (2,), [0]]):
        tokens = vectorizer.inverse_transform(X)
        assert [row.tolist() for row in tokens] == [["bb", "[UNK]", "aa"], ["aa"], []]
        assert all(row.dtype == object for row in tokens)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[2], [0, 4]], "Row 1: expected ids from 0 to 3, got 4."),
        (np.array([[2, -1]]), "Row 0: expected ids from 0 to 3, got -1."),
        ([[1.0]], "Row 0: expected a one-dimensional row of integer ids, got [1.0]."),
        ([["aa"]], "Row 0: expected a one-dimensional row of integer ids, got ['aa']."),
        ([[True]], "Row 0: expected a one-dimensional row of integer ids, got [True]."),
        ([2, 3], "Row 0: expected a one-dimensional row of integer ids, got 2."),
        ([[[2]]], "Row 0: expected a one-dimensional row of integer ids, got [[2]]."),
    ],
    ids=name_of,
)
def test_inverse_transform_of_anything_but_ids(X, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        SequenceVectorizer(vocabulary=["aa", "bb"]).inverse_transform(X)


# Life in scikit-learn


def test_copies_behave_the_same():
    vectorizer = SequenceVectorizer(maxlen=5, stop_words=["the"], max_features=6).fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    for copied in (
        pickle.loads(pickle.dumps(vectorizer)),
        copy.deepcopy(vectorizer),
        clone(vectorizer).fit(TEXTS),
    ):
        assert copied.get_params() == vectorizer.get_params()
        assert copied.vocabulary_ == vectorizer.vocabulary_
        assert_array_equal(copied.transform(TEXTS), expected)
    assert not hasattr(clone(vectorizer), "vocabulary_")


def test_refit_forgets():
    vectorizer = SequenceVectorizer(vocabulary=["aa"]).fit(["aa"])
    vectorizer.set_params(vocabulary=None).fit(["bb"])
    assert vectorizer.vocabulary_ == {"bb": 0}
    assert vectorizer.fixed_vocabulary_ is False


PANDAS = pytest.mark.parametrize("container", ["default", "pandas", "polars"])


@PANDAS
@pytest.mark.parametrize("maxlen", [3, "auto"])
def test_columns_have_names(container, maxlen):
    vectorizer = SequenceVectorizer(maxlen=maxlen).set_output(transform=container)
    expected = SequenceVectorizer(maxlen=maxlen).fit_transform(TEXTS)
    for X in (vectorizer.fit_transform(TEXTS), vectorizer.transform(TEXTS)):
        assert_array_equal(X, expected)
        if container != "default":
            assert list(X.columns) == [f"token{column}" for column in range(expected.shape[1])]
        tokens = vectorizer.inverse_transform(X)
        assert tokens[5].tolist() == ["dog", "dog", "dog"]


def test_columns_of_a_column_transformer():
    frame = pd.DataFrame({"title": ["aa bb", "cc"], "text": ["dd ee ff", "dd"], "stars": [5, 1]})
    transformer = ColumnTransformer(
        [
            ("title", SequenceVectorizer(maxlen=2), "title"),
            ("text", SequenceVectorizer(maxlen=3), "text"),
        ]
    ).set_output(transform="pandas")
    X = transformer.fit_transform(frame)
    names = ["title__token0", "title__token1", "text__token0", "text__token1", "text__token2"]
    assert list(X.columns) == names
    assert transformer.get_feature_names_out().tolist() == names
    assert_array_equal(X, [[2, 3, 2, 3, 4], [4, 0, 2, 0, 0]])


def test_without_maxlen_columns_have_no_names():
    vectorizer = SequenceVectorizer(maxlen=None).fit(TEXTS)
    with pytest.raises(ValueError, match=r"^With maxlen=None .* Set maxlen .* get_vocabulary"):
        vectorizer.get_feature_names_out()


def test_pipeline():
    pipeline = Pipeline(
        [("vec", SequenceVectorizer()), ("double", FunctionTransformer(np.negative))]
    )
    pipeline.set_params(vec__maxlen=2, vec__truncating="pre")
    assert_array_equal(pipeline.fit_transform(["aa bb aa", "cc"]), [[-3, -2], [-4, 0]])
    assert_array_equal(pipeline.transform(["cc zz aa"]), [[-1, -2]])


@pytest.mark.parametrize(("truncating", "end"), [("post", "first"), ("pre", "last")])
def test_a_limit_that_cuts_most_texts_is_warned_of(truncating, end):
    texts = ["a " * 1200] * 2 + ["a b"]
    with pytest.warns(UserWarning, match=f"^2 of 3 texts have 1000 tokens or more, .* {end} 1000"):
        SequenceVectorizer(truncating=truncating).fit(texts)
    # One's own limit is no surprise, and few long texts are no loss.
    SequenceVectorizer(maxlen=1000).fit(texts)
    SequenceVectorizer().fit([*texts, "a", "a"])


def test_all_blocks_of_texts_count(monkeypatch):
    texts = [text * 300 for text in ("aa bb ", "bb cc ", "cc ", "bb ")] * 3 + ["dd", "dd", "ee"]
    whole = SequenceVectorizer(min_df=2).fit(texts)
    monkeypatch.setattr("skrnn._data.numbering.BLOCK_STEPS", 1000)
    in_blocks = SequenceVectorizer(min_df=2).fit(texts)
    assert in_blocks.vocabulary_ == whole.vocabulary_
    assert in_blocks.maxlen_ == whole.maxlen_ == 600
    assert_array_equal(in_blocks.transform(texts), whole.transform(texts))


def test_all_blocks_of_texts_count_where_the_vocabulary_is_given(monkeypatch):
    texts = ["aa " * 600] * 3 + ["aa"]
    monkeypatch.setattr("skrnn._data.numbering.BLOCK_STEPS", 200)
    assert SequenceVectorizer(vocabulary=["aa"]).fit(texts).maxlen_ == 600


def test_every_term_has_a_number_whatever_the_limits(monkeypatch):
    monkeypatch.setattr("skrnn._data.numbering.BLOCK_STEPS", 3)
    numbered = SequenceVectorizer(max_features=1, maxlen=1)._number_all(["bb aa", "aa cc", "bb"])
    assert numbered.values.tolist() == [2, 3, 3, 4, 2]
    assert numbered.lengths.tolist() == [2, 2, 1]
