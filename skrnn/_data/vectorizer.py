"""SequenceVectorizer: a CountVectorizer that keeps the order of the tokens."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
from sklearn import get_config
from sklearn.base import TransformerMixin, _fit_context
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils._param_validation import Interval, StrOptions

from . import segmentation
from .brief import brief
from .documents import Document, as_iterable, valid_documents
from .lengths import MOST_MAXLEN, count_lengths, shortened, usual_length
from .numbering import count_terms, ids_of_terms, known_blocks
from .sequences import FIRST_TOKEN, PADDING, UNKNOWN, Sequences
from .vocabulary import chosen_terms, why_not_learnable

__all__ = ["UNKNOWN_TERM", "SequenceVectorizer"]

UNKNOWN_TERM = "[UNK]"

# The parent's. Under ``analyzer="unicode"`` it stands for no pattern.
_WORD_PATTERN = r"(?u)\b\w\w+\b"

# Behind the parent's message about an empty vocabulary.
_TAKES_ALL = (
    ", or no tokens as the parameters define them; analyzer='unicode', the default, takes words of"
    " any length and every visible sign"
)


class SequenceVectorizer(TransformerMixin, CountVectorizer):
    r"""Turn texts into rows of token ids, in the order of the text.

    `SequenceVectorizer` is a
    :class:`~sklearn.feature_extraction.text.CountVectorizer` with the same parameters but
    ``binary`` and ``dtype``, which chooses its vocabulary in the same way. Where the parent
    counts the tokens of a text, this class lists them: one row of integer ids per text,
    padded with zeros on the right. Its default ``analyzer`` reads any script, and the
    signs that the parent's leaves out.

    The ids are 0 for padding, 1 for an unknown token, and from 2 on the terms of the
    vocabulary, the most frequent term of the training texts first (ties in
    alphabetical order).

    A text is a ``str``, ``bytes``, or an already tokenised text: a list, tuple or
    one-dimensional array of ``str`` tokens. Tokenised texts skip preprocessing and
    tokenisation; stop words and word n-grams still apply.

    Parameters
    ----------
    input : {'filename', 'file', 'content'}, default='content'
        What the documents are: names of files to read, objects with a ``read``
        method, or the texts themselves.

    encoding : str, default='utf-8'
        Encoding of documents that come as bytes, from files or directly.

    decode_error : {'strict', 'ignore', 'replace'}, default='strict'
        What to do with bytes that are not valid in ``encoding``, see
        :meth:`bytes.decode`.

    strip_accents : {'ascii', 'unicode'} or callable, default=None
        Remove accents while preprocessing: 'ascii' is fast and keeps only characters
        with an ASCII equivalent, 'unicode' works for all characters. None keeps
        accents. In many scripts the vowels are marks, which 'unicode' removes too.

    lowercase : bool, default=True
        Lowercase texts before tokenising.

    preprocessor : callable, default=None
        Replaces accent stripping, lowercasing and, under ``analyzer='unicode'``, the
        normalisation. Not used if ``analyzer`` is callable.

    tokenizer : callable, default=None
        Gets a preprocessed text, returns its tokens, in place of ``token_pattern`` and
        of what ``analyzer='unicode'`` does: the place for a segmenter of words. Only
        used if ``analyzer`` is 'unicode' or 'word'.

    stop_words : {'english'} or list, default=None
        Tokens to leave out: scikit-learn's list of English stop words or a list of
        your own. Only used if ``analyzer`` is 'unicode' or 'word'.

    token_pattern : str or None, default=r"(?u)\\b\\w\\w+\\b"
        Regular expression of a token; the default finds words of two or more
        characters. If it has a capturing group, the group is the token. Only used if
        ``analyzer`` is 'unicode' or 'word' and there is no ``tokenizer``. Under
        'unicode' the default and None stand for no pattern; another pattern is used.

    ngram_range : tuple (min_n, max_n), default=(1, 1)
        Sizes of n-grams. N-grams of the same size are in the order of the text, the
        shorter sizes come first. With ``analyzer='char_wb'`` the n-grams of one word
        come before those of the next. Not used if ``analyzer`` is callable.

    analyzer : {'unicode', 'word', 'char', 'char_wb'} or callable, default='unicode'
        What tokens are. 'unicode': words of any length with their combining marks,
        numbers, and every other sign that is to be seen, an emoji as one; in scripts
        that are written without blanks (Han, Kana, Thai, Lao, Khmer, Burmese, Tibetan)
        and in Hangul the overlapping pairs of characters, with what stands beside a run of
        them. Texts are normalised first: composed and decomposed, full-width and usual
        letters are the same. 'word',
        'char' and 'char_wb' are those of the parent class: words by ``token_pattern``,
        characters, or characters within words. A callable gets each document as it is,
        after reading or decoding, and returns its tokens. Tokenised texts need
        'unicode', 'word' or a callable.

    max_df : float in range [0.0, 1.0] or int, default=1.0
        Leave out of the vocabulary the terms that are in more documents than this: a
        proportion if float, a count if int. Ignored if ``vocabulary`` is given.

    min_df : float in range [0.0, 1.0] or int, default=1
        Leave out of the vocabulary the terms that are in fewer documents than this: a
        proportion if float, a count if int. Ignored if ``vocabulary`` is given.

    max_features : int or None, default=50_000
        The largest size of the vocabulary: only the most frequent terms are kept.
        None means no limit. Ignored if ``vocabulary`` is given.

    vocabulary : Mapping or iterable, default=None
        A vocabulary to use instead of learning one: a mapping from terms to indices
        without gaps from 0, such as `vocabulary_` of another vectorizer, or an
        iterable of terms. The id of a term is its index plus 2.

    maxlen : int, None or 'auto', default='auto'
        The width of the output; longer texts are cut. 'auto' learns it in `fit`: three
        quarters of the training texts are read to the end, within limits of 400 and
        1,000 tokens. None cuts no text and makes the output as wide as the longest
        text of the call; its columns have no names then.

    truncating : {'pre', 'post'}, default='post'
        The end at which texts longer than ``maxlen`` lose tokens: 'pre' the start,
        'post' the end.

    oov : {'keep', 'drop'}, default='keep'
        What becomes of tokens that are not in the vocabulary: 'keep' gives them the
        id 1, 'drop' leaves them out, before a text is cut to ``maxlen``.

    Attributes
    ----------
    vocabulary_ : dict
        Terms and their indices from 0, the most frequent first. The id of a term in
        the output is its index plus 2.

    fixed_vocabulary_ : bool
        True if the vocabulary was given by the parameter ``vocabulary``.

    maxlen_ : int or None
        What ``maxlen`` was in `fit`, or what 'auto' learnt.

    See Also
    --------
    sklearn.feature_extraction.text.CountVectorizer : Count the tokens of texts,
        without their order.

    Notes
    -----
    No row is all padding: a text without tokens, or without known tokens under
    ``oov='drop'``, becomes a single unknown token.

    `fit` and `transform` raise a ValueError for a document that is not a text (None,
    NaN, a number), for a mixture of texts and tokenised texts, and for a container
    with other than one dimension. Messages count documents from 0. A callable
    ``analyzer`` may take any kind of document except missing values and numbers.

    The columns are places in a text, and their values are ids, not quantities: beside
    columns of another transformer (`ColumnTransformer`, `FeatureUnion`) they would be
    taken for ids of the same numbering. The user guide shows what to do instead.

    `fit` warns where most texts have no tokens, or share hardly any with another text,
    as Chinese cut at blanks does, and where ``maxlen='auto'`` cuts most texts.

    Examples
    --------
    >>> from skrnn import SequenceVectorizer
    >>> texts = ["the cat sat", "The dog sat on the cat!"]
    >>> vectorizer = SequenceVectorizer(maxlen=7)
    >>> vectorizer.fit_transform(texts)
    array([[2, 3, 4, 0, 0, 0, 0],
           [2, 6, 4, 7, 2, 3, 5]], dtype=int32)
    >>> vectorizer.get_vocabulary()
    ['', '[UNK]', 'the', 'cat', 'sat', '!', 'dog', 'on']
    >>> X = vectorizer.transform(["the bird sat"])
    >>> X
    array([[2, 1, 4, 0, 0, 0, 0]], dtype=int32)
    >>> vectorizer.inverse_transform(X)
    [array(['the', '[UNK]', 'sat'], dtype=object)]
    >>> vectorizer.set_params(maxlen=2, truncating="pre").transform([["the", "cat", "sat"]])
    array([[3, 4]], dtype=int32)

    Any script will do:

    >>> SequenceVectorizer().build_analyzer()("50 % sparen 👍🏽 「東京」")
    ['50', '%', 'sparen', '👍🏽', '「', '「東', '東京', '京」', '」']
    """

    # Counts are what ``binary`` and ``dtype`` are about, and here are none.
    _parameter_constraints: dict = {
        **{
            name: constraint
            for name, constraint in CountVectorizer._parameter_constraints.items()
            if name not in ("binary", "dtype")
        },
        "analyzer": [StrOptions({"unicode", "word", "char", "char_wb"}), callable],
        "maxlen": [Interval(Integral, 1, None, closed="left"), None, StrOptions({"auto"})],
        "truncating": [StrOptions({"pre", "post"})],
        "oov": [StrOptions({"keep", "drop"})],
    }

    def __init__(
        self,
        *,
        input: Literal["filename", "file", "content"] = "content",
        encoding: str = "utf-8",
        decode_error: Literal["strict", "ignore", "replace"] = "strict",
        strip_accents: Literal["ascii", "unicode"] | Callable[[str], str] | None = None,
        lowercase: bool = True,
        preprocessor: Callable[[str], str] | None = None,
        tokenizer: Callable[[str], Iterable[str]] | None = None,
        stop_words: Literal["english"] | list[str] | None = None,
        token_pattern: str | None = _WORD_PATTERN,
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: Literal["unicode", "word", "char", "char_wb"]
        | Callable[[Any], Iterable[str]] = "unicode",
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = 50_000,
        vocabulary: Mapping[str, int] | Iterable[str] | None = None,
        maxlen: int | Literal["auto"] | None = "auto",
        truncating: Literal["pre", "post"] = "post",
        oov: Literal["keep", "drop"] = "keep",
    ) -> None:
        super().__init__(
            input=input,
            encoding=encoding,
            decode_error=decode_error,
            strip_accents=strip_accents,
            lowercase=lowercase,
            preprocessor=preprocessor,
            tokenizer=tokenizer,
            stop_words=stop_words,
            token_pattern=token_pattern,
            ngram_range=ngram_range,
            analyzer=analyzer,
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            dtype=np.int32,
        )
        self.maxlen = maxlen
        self.truncating = truncating
        self.oov = oov

    def fit(self, raw_documents: Iterable[Document], y: object = None) -> Self:
        """Learn the vocabulary of the documents.

        Parameters
        ----------
        raw_documents : iterable of str, bytes, or lists of str
            The texts or tokenised texts; file names or file objects if ``input`` says
            so. It is walked through once, and of a generator no document is kept.

        y : None
            Ignored.

        Returns
        -------
        self : SequenceVectorizer
            The fitted vectorizer.
        """
        self._fit_blocks(raw_documents, keep=False)
        return self

    def fit_transform(self, raw_documents: Iterable[Document], y: object = None) -> np.ndarray:
        """Learn the vocabulary and return the ids of the documents' tokens.

        The same as `fit` and then `transform`, but every text is tokenised only once.

        Parameters
        ----------
        raw_documents : iterable of str, bytes, or lists of str
            The texts or tokenised texts; file names or file objects if ``input`` says
            so. It is walked through once.

        y : None
            Ignored.

        Returns
        -------
        X : ndarray of shape (n_documents, n_tokens), dtype=int32
            Token ids, padded with zeros on the right.
        """
        return self._padded(self._fit_sequences(raw_documents))

    def transform(self, raw_documents: Iterable[Document]) -> np.ndarray:
        """Return the ids of the documents' tokens.

        Parameters
        ----------
        raw_documents : iterable of str, bytes, or lists of str
            The texts or tokenised texts; file names or file objects if ``input`` says
            so. It is walked through once.

        Returns
        -------
        X : ndarray of shape (n_documents, n_tokens), dtype=int32
            Token ids, padded with zeros on the right: ``maxlen`` or `maxlen_` columns,
            or as many as the longest text has tokens, at least one.

        Raises
        ------
        NotFittedError
            If there is neither a learnt nor a given vocabulary.
        """
        return self._padded(self._transform_sequences(raw_documents))

    def inverse_transform(self, X: np.ndarray | Iterable[Iterable[int]]) -> list[np.ndarray]:
        """Return the tokens of rows of ids.

        Parameters
        ----------
        X : array-like of int of shape (n_documents, n_tokens), or iterable of lists of int
            Token ids. Rows may differ in length.

        Returns
        -------
        tokens : list of n_documents ndarrays of str objects
            The tokens in order, without padding. An unknown token is ``"[UNK]"``.

        Raises
        ------
        ValueError
            If a row is not one-dimensional, or holds anything but ids of this
            vectorizer.
        """
        names = np.array(self.get_vocabulary(), dtype=object)
        if hasattr(X, "to_numpy"):  # of a frame, rows and not the names of columns
            X = X.to_numpy()
        tokens = []
        for position, row in enumerate(X):
            ids = np.asarray(row)
            if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
                raise ValueError(
                    f"Row {position}: expected a one-dimensional row of integer ids, "
                    f"got {brief(row)}."
                )
            strange = (ids < 0) | (ids >= len(names))
            if strange.any():
                raise ValueError(
                    f"Row {position}: expected ids from 0 to {len(names) - 1}, "
                    f"got {ids[strange][0]}."
                )
            tokens.append(names[ids[ids != PADDING].astype(np.intp)])
        return tokens

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Return the terms in the order of their ids.

        As in Keras' ``TextVectorization``.

        Parameters
        ----------
        include_special_tokens : bool, default=True
            Whether the list starts with the terms of padding and of the unknown token,
            ``""`` and ``"[UNK]"``, so that a term's position is its id.

        Returns
        -------
        vocabulary : list of str
            The terms, the most frequent first.
        """
        self._check_vocabulary()
        terms = sorted(self.vocabulary_, key=self.vocabulary_.__getitem__)
        return ["", UNKNOWN_TERM, *terms] if include_special_tokens else terms

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the columns that `transform` makes.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of str objects
            ``"token0"``, ``"token1"``, ...

        Raises
        ------
        ValueError
            If ``maxlen=None``: every call has as many columns as its longest text.

        See Also
        --------
        get_vocabulary : The terms.
        """
        self._check_vocabulary()
        width = self._limit()
        if width is None:
            raise ValueError(
                "With maxlen=None the number of columns follows the texts of each call, so that "
                "they have no names. Set maxlen to a number or to 'auto'. The terms are what "
                "get_vocabulary() returns."
            )
        return np.array([f"token{position}" for position in range(width)], dtype=object)

    def build_preprocessor(self) -> Callable[[str], str]:
        """Return a function to preprocess the text before tokenization.

        Returns
        -------
        preprocessor : callable
            From a text to a text.
        """
        if self.analyzer != "unicode" or self.preprocessor is not None:
            return super().build_preprocessor()
        normalise = partial(segmentation.normalised, lowercase=self.lowercase)
        if self.strip_accents is None:
            return normalise
        # The parent knows how to strip. What is left may be decomposed.
        strip = CountVectorizer(
            strip_accents=self.strip_accents, lowercase=False
        ).build_preprocessor()
        return lambda text: normalise(strip(normalise(text)))

    def build_tokenizer(self) -> Callable[[str], Iterable[str]]:
        """Return a function that splits a text into tokens.

        Returns
        -------
        tokenizer : callable
            From a text to a list of tokens.
        """
        if self._segments():
            return segmentation.tokens
        return super().build_tokenizer()

    def build_analyzer(self) -> Callable[[Any], list[str]]:
        """Return a function that does preprocessing, tokenization and n-grams.

        Returns
        -------
        analyzer : callable
            From a text, or what a callable ``analyzer`` takes, to a list of tokens.
        """
        if self.analyzer != "unicode":
            return super().build_analyzer()
        preprocess, tokenize = self.build_preprocessor(), self.build_tokenizer()
        stop_words = self.get_stop_words()
        self._check_stop_words_consistency(stop_words, preprocess, tokenize)
        return lambda document: self._word_ngrams(
            tokenize(preprocess(self.decode(document))), stop_words
        )

    def _segments(self) -> bool:
        """Return whether tokens are what `segmentation` makes them."""
        return (
            self.analyzer == "unicode"
            and self.tokenizer is None
            and self.token_pattern in (None, _WORD_PATTERN)
        )

    def _fit_sequences(self, raw_documents: Iterable[Document]) -> Sequences:
        """Learn the vocabulary and return the documents without padding."""
        return Sequences.concatenate(self._fit_blocks(raw_documents, keep=True))

    def _transform_sequences(self, raw_documents: Iterable[Document]) -> Sequences:
        """Return the documents without padding."""
        # The parent's transform does without, but a misspelt ``truncating`` that was set after
        # fit would cut texts at the wrong end without a word. Classifiers call
        # `_transform_blocks`: of a single text this would take a noticeable part of the time.
        if not get_config()["skip_parameter_validation"]:
            self._validate_params()
        return Sequences.concatenate(self._transform_blocks(raw_documents))

    def _check_params(self) -> None:
        """Raise what `fit` would raise of parameters alone."""
        if not get_config()["skip_parameter_validation"]:
            self._validate_params()
        self._validate_ngram_range()

    @_fit_context(prefer_skip_nested_validation=True)
    def _fit_blocks(
        self,
        raw_documents: Iterable[Document],
        *,
        keep: bool,
        unseen: dict[str, int] | None = None,
    ) -> list[Sequences]:
        """Learn the vocabulary and return the documents in blocks, or no block at all.

        Terms that the vocabulary lacks are numbered as in `known_blocks`.
        """
        self._validate_ngram_range()
        self._warn_for_unused_params()
        self._validate_vocabulary()
        documents = self._analyzed(as_iterable(raw_documents))
        if self.fixed_vocabulary_:
            self._warn_for_terms_that_no_text_has()
            blocks, length_counts = [], np.zeros(MOST_MAXLEN + 1, dtype=np.int64)
            for block in known_blocks(documents, self.vocabulary_, unseen):
                length_counts += count_lengths(block.lengths)
                if keep:
                    blocks.append(block)
            self.maxlen_ = self._learnt_maxlen(length_counts)
            return [self._trimmed(block) for block in blocks]

        terms, counts, document_counts, length_counts, blocks = count_terms(documents, keep=keep)
        if not terms:
            remedy = "" if self.analyzer == "unicode" else _TAKES_ALL
            raise ValueError(
                f"empty vocabulary; perhaps the documents only contain stop words{remedy}"
            )
        _check_terms(terms)
        kept = chosen_terms(
            terms,
            counts,
            document_counts,
            int(length_counts.sum()),
            min_df=self.min_df,
            max_df=self.max_df,
            max_features=self.max_features,
        )
        self.vocabulary_: dict[str, int] = {
            terms[old]: new for new, old in enumerate(kept.tolist())
        }
        self.maxlen_ = self._learnt_maxlen(length_counts)
        self._warn_for_useless_tokens(length_counts, document_counts)

        ids = ids_of_terms(terms, kept, unseen)
        for index, block in enumerate(blocks):
            blocks[index] = self._trimmed(Sequences(ids[block.values], block.offsets))
        return blocks

    @_fit_context(prefer_skip_nested_validation=True)
    def _number_all(self, raw_documents: Iterable[Document]) -> Sequences:
        """Return whole documents in which every term has a number, however rare it is."""
        self._validate_ngram_range()
        counted = count_terms(self._analyzed(as_iterable(raw_documents)), keep=True)
        _check_terms(counted.terms)
        for block in counted.blocks:  # in place: the blocks and their sum are twice the ids
            np.add(block.values, FIRST_TOKEN, out=block.values)
        return Sequences.concatenate(counted.blocks)

    def _transform_blocks(
        self, raw_documents: Iterable[Document], unseen: dict[str, int] | None = None
    ) -> Iterator[Sequences]:
        """Yield the documents without padding, a block of them at a time.

        Terms that the vocabulary lacks are as in `known_blocks`.
        """
        documents = self._analyzed(as_iterable(raw_documents))
        self._check_vocabulary()
        for block in known_blocks(documents, self.vocabulary_, unseen):
            yield self._trimmed(block)

    def _analyzed(self, documents: Iterable) -> Iterator[list[str]]:
        """Yield the tokens of each document."""
        analyze = self.build_analyzer()
        analyze_tokenised = None
        if self.input == "content" and not callable(self.analyzer):
            analyze_tokenised = partial(self._word_ngrams, stop_words=self.get_stop_words())
        for index, document in enumerate(valid_documents(documents, self.input, self.analyzer)):
            try:
                if analyze_tokenised is not None and isinstance(document, list):
                    tokens = analyze_tokenised(document)
                else:
                    tokens = analyze(document)
            except UnicodeDecodeError as error:
                error.reason += f", in document {index}"
                raise
            yield tokens if isinstance(tokens, list) else list(tokens)

    def _restore(self, terms: Any, maxlen: Any) -> None:
        """Become fitted with what `fit` learnt, from a file that anybody may have made."""
        self._validate_params()
        # What the constraints of the parameters leave to fit.
        if not all(isinstance(size, int) for size in self.ngram_range):
            raise ValueError("ngram_range does not hold integers")
        self._validate_ngram_range()
        self.build_analyzer()
        if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
            raise ValueError("vocabulary is not a list of strings")
        self.vocabulary_ = {term: index for index, term in enumerate(terms)}
        if len(self.vocabulary_) != len(terms):
            raise ValueError("a word is twice in the vocabulary")
        self.fixed_vocabulary_: bool = self.vocabulary is not None
        if maxlen is not None and (type(maxlen) is not int or maxlen < 1):
            raise ValueError("maxlen is not a positive integer")
        self.maxlen_ = maxlen

    def _trimmed(self, sequences: Sequences) -> Sequences:
        """Apply ``oov``, ``maxlen`` and the rule that no row is empty."""
        if self.oov == "drop":
            sequences = sequences.where(sequences.values != UNKNOWN)
        limit = self._limit()
        if limit is not None:
            sequences = shortened(sequences, limit, from_the_end=self.truncating == "pre")
        return sequences.without_empty(UNKNOWN)

    def _learnt_maxlen(self, length_counts: np.ndarray) -> int | None:
        if self.maxlen == "auto":
            return usual_length(length_counts)
        return None if self.maxlen is None else int(self.maxlen)

    def _limit(self) -> int | None:
        """Return how many tokens of a text are read; of a vectorizer without `fit`, the most."""
        return getattr(self, "maxlen_", MOST_MAXLEN) if self.maxlen == "auto" else self.maxlen

    def _padded(self, sequences: Sequences) -> np.ndarray:
        width = self._limit()
        if width is None:
            width = int(sequences.lengths.max(initial=1))
        return sequences.padded(width=width)

    def _warn_for_unused_params(self) -> None:
        if self.analyzer != "unicode":
            super()._warn_for_unused_params()
        elif self.tokenizer is not None and self.token_pattern not in (None, _WORD_PATTERN):
            warnings.warn(
                "The parameter 'token_pattern' will not be used since 'tokenizer' is not None'",
                stacklevel=2,
            )

    def _warn_for_useless_tokens(
        self, length_counts: np.ndarray, document_counts: np.ndarray
    ) -> None:
        """Warn once where nothing can be learnt from the tokens of most texts."""
        # By itself, the default leaves no text without tokens but a blank one.
        may_lose = self.stop_words is not None or not self._segments()
        found = why_not_learnable(length_counts, document_counts, may_lose_all=may_lose)
        if not found:
            self._warn_of_long_texts(length_counts)
            return
        remedy = "fewer stop_words, " if self.stop_words is not None else ""
        remedy += "analyzer='unicode', the default, or " if not self._segments() else ""
        warnings.warn(
            f"{found}: they say little about it. Perhaps they should be cut in another way: "
            f"{remedy}a segmenter of the language as tokenizer=. Where characters decide, as in"
            " codes and names, analyzer='char' reads them, and so does WideAndDeepTextClassifier.",
            UserWarning,
            stacklevel=2,
        )

    def _warn_of_long_texts(self, length_counts: np.ndarray) -> None:
        """Warn where the automatic limit cuts most texts."""
        n_long, n_texts = length_counts[MOST_MAXLEN], length_counts.sum()
        if self.maxlen == "auto" and 2 * n_long > n_texts:
            end = "last" if self.truncating == "pre" else "first"
            warnings.warn(
                f"{n_long} of {n_texts} texts have {MOST_MAXLEN} tokens or more, of which the"
                f" {end} {MOST_MAXLEN} are read. SequenceVectorizer(maxlen=...) reads more, in"
                " more time, and truncating='pre' the end.",
                UserWarning,
                stacklevel=2,
            )

    def _validate_vocabulary(self) -> None:
        super()._validate_vocabulary()
        for term in self.vocabulary_ if self.fixed_vocabulary_ else ():
            if not isinstance(term, str):
                del self.vocabulary_  # the next call would take it for checked
                raise TypeError(
                    "vocabulary must hold terms of type str, or a mapping from such terms to"
                    f" indices, got {type(term).__name__}: {brief(term)}."
                )

    def _warn_for_terms_that_no_text_has(self) -> None:
        if self.lowercase and any(any(map(str.isupper, term)) for term in self.vocabulary_):
            warnings.warn(
                "Upper case characters found in vocabulary while 'lowercase' is True. "
                "These entries will not be matched with any documents",
                stacklevel=2,
            )
        elif self.analyzer == "unicode" and self.preprocessor is None:
            preprocess = self.build_preprocessor()
            unlike = [term for term in self.vocabulary_ if preprocess(term) != term]
            if unlike:
                warnings.warn(
                    f"{len(unlike)} entries of vocabulary are not spelt as texts are after"
                    f" build_preprocessor(), such as {brief(unlike[0])}. These entries will not be"
                    " matched with any documents.",
                    UserWarning,
                    stacklevel=2,
                )


def _check_terms(terms: list) -> None:
    for term in terms:
        if not isinstance(term, str):
            raise TypeError(
                "tokenizer and a callable analyzer must return tokens of type str, got"
                f" {type(term).__name__}: {brief(term)}."
            )
