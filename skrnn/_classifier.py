"""The classifier: its parameters, fit and predict; nothing about tensors."""

from __future__ import annotations

from ._backend import check_backend

check_backend()

import os
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from types import SimpleNamespace
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from ._data.brief import brief_errors
from ._data.inputs import Documents, collected
from ._data.vectorizer import SequenceVectorizer
from ._default_parts import check_instances, with_default_part
from ._files.persistence import save_model
from ._model_mixin import ModelMixin
from ._network.architecture import POOLINGS
from ._scikeras import KerasWrapper
from ._training.check import FitData, check_fit
from ._training.fit import fit_model
from ._vectors.pretrained import KeyedVectors, Source
from .export._keras import to_keras

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn < 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """There are no callbacks to support."""

    def with_callbacks(method: Callable) -> Callable:
        """Return the method as it is."""
        return method


class LSTMTextClassifier(CallbackSupportMixin, ModelMixin, ClassifierMixin, KerasWrapper):
    """LSTM classifier for texts, token ids and numeric sequences.

    Texts are tokenised, their words become vectors that start from the training texts'
    own co-occurrences, one or more LSTM layers [1]_ read them in one or both
    directions, and a pooled vector of what they read decides.

    Parameters
    ----------
    units : int or list of int, default=64
        Width of the LSTM layers; a list has one width per layer, ``depth`` of them.
    depth : int, default=1
        Number of LSTM layers.
    bidirectional : bool, default=True
        Whether the layers read in both directions [15]_; each direction has ``units``.
    embedding_dim : int or None, default=128
        Length of a token's vector. None: X holds numbers; ``embeddings``, ``subwords``,
        ``vectorizer`` and the dropouts of tokens have no effect then.
    embeddings : {"ppmi", "random"}, str, path-like, mapping, gensim KeyedVectors or \
            ndarray of shape (n_tokens, embedding_dim), default="ppmi"
        Where the vectors start: "ppmi" factorises the positive pointwise mutual
        information of the training tokens [2]_. Any other string is the path of a text
        file in the format of GloVe [3]_ or word2vec [4]_, plain or ``.gz``, from which
        only the vocabulary's words are kept. A mapping goes from tokens to vectors
        (from ids where X holds ids). An array has one row per token of the vocabulary,
        in its order (in the order of the ids where X holds ids). Tokens to which these
        bring no vector start at random, with the same mean square as the others.
    subwords : bool or "auto", default="auto"
        Whether a word's vector is the sum of its own and the mean of those of its parts,
        as in fastText [8]_. Parts are its sequences of 3 to 5 characters; of the pairs that
        stand for Chinese or Korean text, their two characters. Only parts that two words
        of the vocabulary share are kept. They start from the mean vector of these words; a
        word that the vocabulary lacks is the unknown token with its parts. "auto": where X
        holds texts or lists of words, unless the vectorizer makes characters of them.
        Ids have no parts.
    trainable_embeddings : bool, default=True
        Whether training changes the vectors. False keeps them where they start.
    pooling : {"last", "max", "mean", "attention", "max+mean", "max+mean+attention"}, \
            default="max+mean+attention"
        How the last layer's outputs become one vector. "attention" are four averages
        whose weights are learnt [5]_. Padding never takes part.
    dropout : float or "auto", default="auto"
        Dropout of the pooled vector, before the output [16]_. "auto" is 0.5 for tokens
        and 0 for numbers.
    recurrent_dropout : float, default=0.0
        Dropout of the recurrent state. Any other value than 0 trains slowly: the fused
        layer does not apply.
    embedding_dropout : float, default=0.5
        Dropout of whole columns of a sequence's vectors (spatial dropout [14]_); tokens
        only.
    word_dropout : float, default=0.1
        Share of the tokens that become the unknown token in training [13]_; tokens only.
        Their parts stay.
    consistency : float or "auto", default="auto"
        Weight of the divergence in R-Drop [6]_: every batch passes the network twice, with
        two draws of dropout, and the divergence of the two outputs is added to the loss.
        0: it passes once. "auto" is 1 in a `fit` that has dropout and fewer than 100 batches
        in a pass (of 32 samples, where ``batch_size`` is "auto"). Otherwise it is 0, and
        always where labels are independent and less than an eighth of them is positive.
    label_smoothing : float or "auto", default="auto"
        Share of every target that is spread over all classes in training [9]_, so that the
        network does not become surer than it has reason to be. "auto" is 0.05 for tokens,
        and 0 for numbers and where labels are independent and less than an eighth of them
        is positive; of those of one `fit` or call of `partial_fit`. Of independent labels
        half of the share goes to either side: 0.975 and 0.025 take the places of 1 and 0.
    vectorizer : SequenceVectorizer or None, default=None
        Makes tokens of texts; it is cloned. None means ``SequenceVectorizer()``, which
        reads three quarters of the training texts to the end, but at least 400 and at
        most 1,000 tokens; the chosen value is ``vectorizer_.maxlen_``. ``vectorizer__``
        parameters can be set on None.
    normalization : {"auto"} or None, default="auto"
        "auto" brings every feature of numeric steps to a mean of 0 and a standard
        deviation of 1 over the training steps, inside the network. Where a standard
        deviation is more than 100 interquartile ranges, values beyond Tukey's outer fences
        [19]_ count for neither. None feeds the numbers as they are. `partial_fit` keeps
        what its first call learnt. Numbers only.
    frame_length : int or "auto", default="auto"
        How many numeric steps that follow each other the LSTM reads as one [10]_. "auto" makes
        about 48 frames of a sequence of median length, of at most 64 numbers each; with
        ``normalization=None`` it is 1. In the first half of the epochs some first steps,
        fewer than a frame has, are left out, drawn anew every time: what matters may stand
        anywhere in a frame. `partial_fit` keeps that of its first call.
        Numbers only.
    multilabel : bool or "auto", default="auto"
        Whether a matrix y holds independent labels. "auto": it does unless every row
        sums to 1, which is a one-hot matrix.
    optimizer : str or keras.optimizers.Optimizer, default="adam"
        A Keras name or an instance, which is copied. "adam" is Adam [17]_ that updates only
        those rows of the word vectors that a batch uses.
    learning_rate : float or "auto", default="auto"
        Highest learning rate. "auto" is ``5e-3 * sqrt(batch_size / 32)`` [12]_, in which a
        batch counts as 128 samples at most, for numbers as 32. An optimizer given as an instance
        brings its own.
    schedule : {"one_cycle"} or None, default="one_cycle"
        The learning rate rises over the first tenth of the epochs and falls to a
        hundredth along a cosine [11]_. In the first half of the epochs long texts are read in
        part: 96 tokens from a place that is drawn anew every time. None keeps the rate
        constant, unless a callback changes it, and reads whole texts.
    global_clipnorm : float or None, default=1.0
        Largest norm of all gradients together [18]_. An optimizer given as an instance
        brings its own.
    epochs : int or "auto", default="auto"
        Passes over the training data. "auto" is ``110 / sqrt(n_batches)``, but at least 8
        and at most 30; the batches are of 32 samples, where ``batch_size`` is "auto". Where
        labels are independent and less than an eighth of them is positive, ``n_batches`` is
        multiplied by eight times this share, and there are at most 40 passes. For
        numbers it is as many as give 800 steps of the optimizer, if that is more, but at
        most 200.
    batch_size : int or "auto", default="auto"
        Samples of a step. "auto" is 64; for numbers an eighth of the samples, but at least
        8 and at most 32.
    validation_split : float, default=0.0
        Share of the training data, in [0, 1), that is held out and judged after every
        epoch: stratified, or at random where labels are independent. The only sample of a
        class is not held out.
    early_stopping : bool, default=False
        Whether to stop once the loss of the held-out data has not fallen for
        ``patience`` epochs and to go back to the best epoch. Holds out a tenth where
        ``validation_split`` is 0 and `fit` is given no ``X_val``.
    patience : int, default=5
        See ``early_stopping``.
    checkpoint : str, path-like or None, default=None
        File into which `fit` writes the state of the training after every epoch. If it
        is there, and was written by the same call with the same data, `fit` goes on
        from it and ends with the same result in the last bit; a training that had
        ended is not repeated. With ``warm_start`` every fit needs a file of its own.
    on_interrupt : {"raise", "keep"}, default="raise"
        What Ctrl-C does: "raise" leaves the classifier as it was before the fit;
        "keep" ends the fit with the last complete epoch, or with the best one where
        there is ``early_stopping``.
    callbacks : keras.callbacks.Callback, list of them or None, default=None
        Called as by `keras.Model.fit`. They are copied for every fit; ``callbacks_`` has
        the copies. With a `keras.callbacks.LearningRateScheduler` no rate follows
        ``schedule``; with another callback that sets the learning rate none does from then
        on. The model that they see may have a few more words and classes than are in use;
        ``model_`` has not. Callbacks of scikit-learn are given to `set_callbacks`.
    class_weight : dict, list of dict, "balanced" or None, default=None
        Weights of the classes, by label; they multiply ``sample_weight``. "balanced" are
        ``n_samples / (n_classes * np.bincount(y))``. They wait for the last fifth of the
        epochs [7]_, unless ``schedule`` is None or there is ``early_stopping``; weights
        that are given by label count from the start. Where the labels are independent
        every label is weighed by itself: "balanced" gives its two sides the same sum, a
        dict goes from columns to the weight of their positives or to ``{0: ..., 1:
        ...}``, and a list has one such dict a column.
    warm_start : bool, default=False
        Whether `fit` goes on from where the last fit ended. Every such fit has a cycle of
        ``schedule`` of its own. Vocabulary, classes and network stay those of the first fit:
        other labels, and another parameter that shapes the network, are errors.
    shuffle : bool, default=True
        Whether every epoch has an order of its own. False keeps the given order: a batch
        then holds texts of any lengths, which takes longer, and the parts of long texts that
        ``schedule`` reads first are their beginnings.
    verbose : int, default=0
        0: quiet, 1: Keras' progress bar, 2: a line per epoch.
    random_state : int, RandomState, Generator or None, default=None
        Determines weights, dropout, order and splits.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels in the order of the probabilities; column indices where y was a matrix.
    n_classes_ : int
        Number of classes, or of labels.
    n_features_in_ : int
        Number of columns of X, where it was a frame or, with ``embedding_dim=None``, an
        array: its steps.
    feature_names_in_ : ndarray of shape (`n_features_in_`,) or (n_features,)
        Column names, where X was a frame with string names, or a list of such frames with the
        features of a sequence in each.
    vectorizer_ : SequenceVectorizer
        The fitted vectorizer; only where X held texts or lists of tokens.
    model_ : keras.Model
        The network, as a compiled copy: changes to it do not reach the classifier. Its
        ``fit`` and ``evaluate`` have the plain cross-entropy as their loss.
    embedding_coverage_ : float
        Share of the vocabulary's tokens, each counted once, that have a vector in
        ``embeddings``; only where it brings vectors.
    history_ : dict of str to list of float
        Loss and accuracy of every epoch, and of the held-out data with ``val_``. The loss is
        the cross-entropy of the targets as they are. With ``label_smoothing`` it does not
        come near 0, even where every sample is learnt. Where labels are independent it is
        the accuracy of single labels; `score` is that of rows.
    n_iter_ : int
        Number of epochs that were run. With ``early_stopping`` the weights are those of the
        best of them.
    callbacks_ : list of keras.callbacks.Callback
        The copies of ``callbacks`` that the last fit called, with what they collected;
        empty in a copy of the classifier that was pickled or loaded.
    initialized_ : bool
        Whether the classifier can predict; False before the first fit.
    current_epoch : int
        Number of epochs that were run; 0 before the first fit.

    See Also
    --------
    WideAndDeepTextClassifier : This network and a linear model of n-grams together.
    skrnn.ensemble.NgramTextClassifier : The linear model alone.
    SequenceVectorizer : Texts to token ids, for a `Pipeline` of one's own.

    Notes
    -----
    scikit-learn copies parameters for every clone, and writes them out in full before it
    shortens what it displays. Of ``embeddings`` only a path is cheap in both respects; a
    mapping of 10,000 words or more takes many seconds to display.

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural
       Computation 9(8), 1997.
    .. [2] O. Levy, Y. Goldberg and I. Dagan, "Improving Distributional Similarity with
       Lessons Learned from Word Embeddings", TACL 3, 2015.
    .. [3] J. Pennington, R. Socher and C. Manning, "GloVe: Global Vectors for Word
       Representation", EMNLP 2014.
    .. [4] T. Mikolov, I. Sutskever, K. Chen, G. Corrado and J. Dean, "Distributed
       Representations of Words and Phrases and their Compositionality", NIPS 2013.
    .. [5] Z. Lin, M. Feng, C. N. dos Santos, M. Yu, B. Xiang, B. Zhou and Y. Bengio,
       "A Structured Self-Attentive Sentence Embedding", ICLR 2017.
    .. [6] X. Liang, L. Wu, J. Li, Y. Wang, Q. Meng, T. Qin, W. Chen, M. Zhang and T.-Y.
       Liu, "R-Drop: Regularized Dropout for Neural Networks", NeurIPS 2021.
    .. [7] K. Cao, C. Wei, A. Gaidon, N. Arechiga and T. Ma, "Learning Imbalanced Datasets
       with Label-Distribution-Aware Margin Loss", NeurIPS 2019.
    .. [8] P. Bojanowski, E. Grave, A. Joulin and T. Mikolov, "Enriching Word Vectors with
       Subword Information", TACL 5, 2017.
    .. [9] C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the
       Inception Architecture for Computer Vision", CVPR 2016.
    .. [10] H. Sak, A. Senior, K. Rao and F. Beaufays, "Fast and Accurate Recurrent Neural
       Network Acoustic Models for Speech Recognition", Interspeech 2015.
    .. [11] L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural
       Networks Using Large Learning Rates", SPIE Artificial Intelligence and Machine
       Learning for Multi-Domain Operations Applications, 2019.
    .. [12] S. Malladi, K. Lyu, A. Panigrahi and S. Arora, "On the SDEs and Scaling Rules
       for Adaptive Gradient Algorithms", NeurIPS 2022.
    .. [13] M. Iyyer, V. Manjunatha, J. Boyd-Graber and H. Daume III, "Deep Unordered
       Composition Rivals Syntactic Methods for Text Classification", ACL 2015.
    .. [14] J. Tompson, R. Goroshin, A. Jain, Y. LeCun and C. Bregler, "Efficient Object
       Localization Using Convolutional Networks", CVPR 2015.
    .. [15] M. Schuster and K. K. Paliwal, "Bidirectional Recurrent Neural Networks", IEEE
       Transactions on Signal Processing 45(11), 1997.
    .. [16] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov,
       "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, 2014.
    .. [17] D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
    .. [18] R. Pascanu, T. Mikolov and Y. Bengio, "On the Difficulty of Training Recurrent
       Neural Networks", ICML 2013.
    .. [19] J. W. Tukey, "Exploratory Data Analysis", Addison-Wesley, 1977.

    Examples
    --------
    >>> from skrnn import LSTMTextClassifier
    >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
    >>> labels = ["grain", "grain", "money", "money"] * 8
    >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0)
    >>> clf.fit(texts, labels).predict(["wheat and maize exports"]).tolist()
    ['grain']
    """

    _parameter_constraints: dict = {
        "units": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "depth": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "embedding_dim": [Interval(Integral, 1, None, closed="left"), None],
        "embeddings": [
            str,
            os.PathLike,
            Mapping,
            KeyedVectors,
            np.ndarray,
        ],
        "subwords": ["boolean", StrOptions({"auto"})],
        "trainable_embeddings": ["boolean"],
        "pooling": [StrOptions(set(POOLINGS))],
        "dropout": [Interval(Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "recurrent_dropout": [Interval(Real, 0, 1, closed="left")],
        "embedding_dropout": [Interval(Real, 0, 1, closed="left")],
        "word_dropout": [Interval(Real, 0, 1, closed="left")],
        "consistency": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
        "label_smoothing": [Interval(Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "vectorizer": [SequenceVectorizer, None],
        "normalization": [StrOptions({"auto"}), None],
        "frame_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "multilabel": ["boolean", StrOptions({"auto"})],
        "optimizer": [str, keras.optimizers.Optimizer],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "schedule": [StrOptions({"one_cycle"}), None],
        "global_clipnorm": [Interval(Real, 0, None, closed="neither"), None],
        "epochs": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "validation_split": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean"],
        "patience": [Interval(Integral, 0, None, closed="left")],
        "checkpoint": [str, os.PathLike, None],
        "on_interrupt": [StrOptions({"raise", "keep"})],
        "callbacks": [keras.callbacks.Callback, list, tuple, None],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "warm_start": ["boolean"],
        "shuffle": ["boolean"],
        "verbose": ["verbose"],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        *,
        units: int | Sequence[int] = 64,
        depth: int = 1,
        bidirectional: bool = True,
        embedding_dim: int | None = 128,
        embeddings: Source = "ppmi",
        subwords: bool | Literal["auto"] = "auto",
        trainable_embeddings: bool = True,
        pooling: Literal[
            "last", "max", "mean", "attention", "max+mean", "max+mean+attention"
        ] = "max+mean+attention",
        dropout: float | Literal["auto"] = "auto",
        recurrent_dropout: float = 0.0,
        embedding_dropout: float = 0.5,
        word_dropout: float = 0.1,
        consistency: float | Literal["auto"] = "auto",
        label_smoothing: float | Literal["auto"] = "auto",
        vectorizer: SequenceVectorizer | None = None,
        normalization: Literal["auto"] | None = "auto",
        frame_length: int | Literal["auto"] = "auto",
        multilabel: bool | Literal["auto"] = "auto",
        optimizer: str | keras.optimizers.Optimizer = "adam",
        learning_rate: float | Literal["auto"] = "auto",
        schedule: Literal["one_cycle"] | None = "one_cycle",
        global_clipnorm: float | None = 1.0,
        epochs: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        validation_split: float = 0.0,
        early_stopping: bool = False,
        patience: int = 5,
        checkpoint: str | os.PathLike | None = None,
        on_interrupt: Literal["raise", "keep"] = "raise",
        callbacks: keras.callbacks.Callback | Sequence[keras.callbacks.Callback] | None = None,
        class_weight: dict | list[dict] | Literal["balanced"] | None = None,
        warm_start: bool = False,
        shuffle: bool = True,
        verbose: int = 0,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> None:
        self.units = units
        self.depth = depth
        self.bidirectional = bidirectional
        self.embedding_dim = embedding_dim
        self.embeddings = embeddings
        self.subwords = subwords
        self.trainable_embeddings = trainable_embeddings
        self.pooling = pooling
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.embedding_dropout = embedding_dropout
        self.word_dropout = word_dropout
        self.consistency = consistency
        self.label_smoothing = label_smoothing
        self.vectorizer = vectorizer
        self.normalization = normalization
        self.frame_length = frame_length
        self.multilabel = multilabel
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.global_clipnorm = global_clipnorm
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.early_stopping = early_stopping
        self.patience = patience
        self.checkpoint = checkpoint
        self.on_interrupt = on_interrupt
        self.callbacks = callbacks
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.shuffle = shuffle
        self.verbose = verbose
        self.random_state = random_state

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        X_unlabeled: Any = None,
    ) -> LSTMTextClassifier:
        """Train a network; with ``warm_start=True`` train the last one further.

        An error or an interruption leaves the classifier as it was.

        Parameters
        ----------
        X : list, array, Series or one-column frame of n_samples documents
            Texts (str), lists of tokens, lists of token ids, or an array of token ids
            of shape (n_samples, n_steps) with 0 as padding. With
            ``embedding_dim=None``: numbers of shape (n_samples, n_steps) or
            (n_samples, n_steps, n_features), or sequences of any lengths, each an array
            of shape (n_steps,) or (n_steps, n_features).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels of any kind, a one-hot matrix, or a label indicator matrix.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; None: all are 1.
        X_val, y_val, sample_weight_val : see X, y and sample_weight, default=None
            Data to judge the network with after every epoch, in place of a share of X
            that is held out. In a `Pipeline`, ``transform_input=["X_val"]`` transforms
            it as X.
        X_unlabeled : see X, default=None
            Documents that nobody has labelled; an empty list is the same as None. Texts and
            ids of another kind than all of X are left out first; the vocabulary and the
            start vectors come from X and what is left. Networks and a linear model that
            learn from X alone label the others, and the network that is kept learns from
            both [1]_; ``history_`` and callbacks see its epochs only. In a `Pipeline`,
            ``transform_input=["X_unlabeled"]`` transforms them as X.

        Returns
        -------
        self : LSTMTextClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, TypeError
            A parameter or an argument is not as described, the file of ``checkpoint``
            belongs to another fit, or a loss or a weight is not finite any more.
        FileNotFoundError
            There is no file of ``embeddings``, or no folder for ``checkpoint``.
        RuntimeError
            The process was forked from one in which TensorFlow had run.

        Warns
        -----
        UserWarning
            The file of ``checkpoint`` is damaged: training starts from its beginning. More
            than a tenth of ``X_unlabeled`` is of another kind than all of X. Less than a
            twentieth of the vocabulary has a vector in ``embeddings``. y holds a single
            class. Most texts have no tokens, or most of their tokens are in no other text, or
            most are cut at the automatic limit. Lists of one token hold blanks. There are
            zeros between the ids of X. Numbers differ by less than float32 holds, or their
            axes seem to be in another order.
        ConvergenceWarning
            The training was interrupted, and ``on_interrupt="keep"``.

        References
        ----------
        .. [1] D.-H. Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning
           Method for Deep Neural Networks", ICML Workshop on Challenges in
           Representation Learning, 2013.
        """
        X = collected(X)  # scikit-learn's callbacks read it again
        data = FitData(
            X,
            y,
            sample_weight,
            X_val=X_val,
            y_val=y_val,
            sample_weight_val=sample_weight_val,
            X_unlabeled=X_unlabeled,
        )
        begin_tasks = None
        if vars(self).get("_skl_callbacks"):
            metadata = None if sample_weight is None else {"sample_weight": sample_weight}
            arguments = {"estimator": self, "X": X, "y": y, "metadata": metadata}

            def begin_tasks(n_epochs: int) -> tuple[Any, dict[str, Any]]:
                return self._init_callback_context(max_subtasks=n_epochs), arguments

        go_on = self.warm_start and self.initialized_
        return self._fit_model(data, go_on=go_on, begin_tasks=begin_tasks)

    @_fit_context(prefer_skip_nested_validation=False)
    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_unlabeled: Any = None,
    ) -> LSTMTextClassifier:
        """Train for one epoch, from where the last one ended.

        The first call learns the vocabulary. The learning rate follows ``schedule``
        over ``epochs`` calls and begins anew after that; "auto" follows from the samples of
        each call, so set ``epochs`` to the number of calls, or ``schedule=None`` where that
        is unknown. Where ``consistency`` is a number,
        ``epochs`` calls with the same data give the same classifier as one `fit`, unless the
        optimizer averages the weights (``use_ema``): it does so at the end of every call.
        ``checkpoint`` and scikit-learn's callbacks are for `fit`; so is ``early_stopping``:
        here it only holds out a share of every call, as ``validation_split`` does.

        Parameters
        ----------
        X, y : see `fit`
            Training data of this epoch.
        classes : array-like of shape (n_classes,) or None, default=None
            All labels that will ever come, needed in the first call only; None means
            those of ``y``. Of a matrix y they are the indices of its columns.
        sample_weight : see `fit`
            Weights of the samples.
        X_unlabeled : see `fit`
            Documents that nobody has labelled. What was learnt in earlier calls labels
            them; in the first call those of X's kind add to the vocabulary and the start
            vectors only.

        Returns
        -------
        self : LSTMTextClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, TypeError
            As `fit`; or X, y or ``classes`` are not as in the first call.
        """
        if self.initialized_ and not get_config()["skip_parameter_validation"]:
            self._validate_params()  # scikit-learn does it before the first call only
        data = FitData(X, y, sample_weight, classes=classes, X_unlabeled=X_unlabeled)
        return self._fit_model(data, go_on=self.initialized_, epochs=1)

    @_fit_context(prefer_skip_nested_validation=False)
    def initialize(self, X: Any, y: ArrayLike) -> LSTMTextClassifier:
        """Make the network and the vocabulary for X and y without training.

        Parameters
        ----------
        X, y : see `fit`
            The data.

        Returns
        -------
        self : LSTMTextClassifier
            The classifier, which predicts with untrained weights.

        Raises
        ------
        ValueError, TypeError
            As `fit`.
        """
        return self._fit_model(FitData(X, y), go_on=False, epochs=0)

    def set_params(self, **params: Any) -> LSTMTextClassifier:
        """Set parameters, also those of the vectorizer (``vectorizer__maxlen``).

        Parameters
        ----------
        **params : dict
            Parameters by name.

        Returns
        -------
        self : LSTMTextClassifier
            The classifier.

        Raises
        ------
        ValueError
            There is no such parameter.
        """
        params = with_default_part(params, "vectorizer", self.vectorizer, SequenceVectorizer)
        for name in params:
            owner, _, nested_name = name.partition("__")
            if nested_name and owner != "vectorizer" and owner in self._get_param_names():
                remedy = "Give an instance with its arguments"
                if owner == "optimizer":
                    remedy = f"Set learning_rate, or give an instance: Adam({nested_name}=...)"
                raise ValueError(
                    f"Invalid parameter {name!r}: {owner} has no parameters that can be set"
                    f" through the classifier. {remedy}."
                )
        return super().set_params(**params)

    def to_keras(self) -> keras.Model:
        """Return the fitted network as a Keras model of stock layers only.

        Unlike `model_` it holds no class of this package: it can be saved and loaded
        where skrnn is not installed, and ``model.export(path)`` writes a SavedModel.

        Returns
        -------
        model : keras.Model
            Takes ids of shape (n_documents, n_tokens) and returns what `predict_proba`
            does, in float32. Where the classifier was fitted on texts the ids are those of
            `skrnn.export.to_ids`, padded with zeros on the right; where it was fitted on
            ids they are the same as in `fit`. With ``embedding_dim=None`` it
            takes numbers of shape (n_samples, n_steps, n_features), padded with NaN on
            the right.

        Raises
        ------
        ValueError
            A feature of numbers has a standard deviation below 1e-7, by which Keras' layer
            does not divide.
        NotFittedError
            The classifier is not fitted.

        Notes
        -----
        The model computes in float32, is not compiled and has no dropout: it is for
        prediction. Every text needs at least one id, which is 1 for one without
        tokens. TFLite needs fixed shapes: give ``model.export`` an ``input_signature``
        such as ``[keras.InputSpec((1, 100), dtype="int32")]`` before converting.

        Examples
        --------
        >>> from skrnn import LSTMTextClassifier
        >>> from skrnn.export import to_ids
        >>> texts = ["wheat exports rose", "maize and wheat", "bank cut rates", "rates rose"] * 8
        >>> labels = ["grain", "grain", "money", "money"] * 8
        >>> clf = LSTMTextClassifier(units=8, embedding_dim=16, random_state=0)
        >>> model = clf.fit(texts, labels).to_keras()
        >>> ids = to_ids(clf, ["wheat and maize exports"])
        >>> clf.classes_[model.predict(ids, verbose=0).argmax(axis=1)].tolist()
        ['grain']
        """
        check_is_fitted(self)
        return to_keras(self._model)

    def save(self, path: str | os.PathLike, *, with_optimizer: bool = False) -> None:
        """Write the fitted classifier into a file that `skrnn.load` reads.

        Unlike a pickle the file runs nothing when it is loaded, so it may come from
        anybody.

        Parameters
        ----------
        path : str or path-like
            The file. One that is there is replaced, in one piece.
        with_optimizer : bool, default=False
            Whether to keep what only training needs, the state of the optimizer and of
            the random generators: `partial_fit` then goes on as if nothing had
            happened. Without it the optimizer starts anew.

        Raises
        ------
        ValueError
            Labels are neither strings, numbers nor booleans, but dates or the like. Or a
            parameter is what only pickle can save: a function, a callback, a
            generator of random numbers, an optimizer that is not one of Keras' own or is
            a `LossScaleOptimizer`, or a table of words as ``embeddings``. Or the
            classifier is of a subclass.
        NotFittedError
            The classifier is not fitted.
        OSError
            The file cannot be written.

        Notes
        -----
        The parameters come back as they were, but for arrays, which become lists
        (``embeddings``: an array of float32), numpy's numbers, which become Python's,
        and paths, which become strings. Requests for metadata and
        attributes of the user's own are not saved.

        Examples
        --------
        >>> import os, tempfile
        >>> import skrnn
        >>> clf = skrnn.LSTMTextClassifier(units=8, embedding_dim=16, random_state=0)
        >>> clf = clf.fit(["wheat rose", "maize", "rates rose"], [0, 0, 1])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "model.skrnn")
        ...     clf.save(path)
        ...     loaded = skrnn.load(path)
        >>> bool((loaded.predict_proba(["maize"]) == clf.predict_proba(["maize"])).all())
        True
        """
        self._check_can_be_saved(LSTMTextClassifier)
        parameters = self.get_params(deep=False)
        save_model(path, parameters, self._model, with_optimizer=with_optimizer)

    @property
    def n_classes_(self) -> int:
        """Number of classes, or of labels."""
        return len(self._fitted("n_classes_").targets.classes)

    @property
    def vectorizer_(self) -> SequenceVectorizer:
        """The fitted vectorizer."""
        return self._existing(
            "vectorizer_", lambda model: getattr(model.reader, "vectorizer", None)
        )

    @property
    def embedding_coverage_(self) -> float:
        """Share of the vocabulary's tokens that have a vector in ``embeddings``."""
        return self._existing("embedding_coverage_", lambda model: model.embedding_coverage)

    @property
    def history_(self) -> dict[str, list[float]]:
        """Loss and accuracy of every epoch."""
        return self._fitted("history_").history

    @property
    def n_iter_(self) -> int:
        """Number of epochs that were run."""
        return self._fitted("n_iter_").n_epochs

    @property
    def callbacks_(self) -> list[keras.callbacks.Callback]:
        """The copies of ``callbacks`` that the last fit called."""
        return list(self._fitted("callbacks_").callbacks)

    @property
    def model_(self) -> keras.Model:
        """The network as a Keras model; changes to it do not reach the classifier."""
        return self._fitted("model_").keras_model

    @property
    def initialized_(self) -> bool:
        """Whether the classifier can predict."""
        return self.__sklearn_is_fitted__()

    @property
    def current_epoch(self) -> int:
        """Number of epochs that were run; 0 before the first fit."""
        return self._model.n_epochs if self.initialized_ else 0

    def _parameters(self) -> SimpleNamespace:
        """Return the parameters of this class; those that a subclass fixes are not in its own."""
        names = LSTMTextClassifier._get_param_names()
        params = SimpleNamespace(**{name: getattr(self, name) for name in names})
        if params.vectorizer is None:
            params.vectorizer = SequenceVectorizer()
        return params

    def _fit_model(self, data: FitData, **settings: Any) -> LSTMTextClassifier:
        """Fit a model; the assignment is the only place where a fit shows once it has ended."""
        with brief_errors():
            self._model = fit_model(
                self._parameters(),
                data,
                owner=type(self).__name__,
                before=vars(self).get("_model"),
                **settings,
            )
        return self

    def _check_fit(self, X: Any, y: Any, sample_weight: Any = None, **others: Any) -> Documents:
        """Return X, or raise what `fit` would raise for these arguments before it reads X."""
        params = self._parameters()
        params.random_state = 0  # a generator of the user is left where it is
        with brief_errors():
            data = FitData(X, y, sample_weight, **others)
            return check_fit(params, data, type(self).__name__, None, None).documents

    def _validate_params(self) -> None:
        """Validate the parameters; classes in place of instances are told what to give."""
        names = "optimizer", "callbacks", "vectorizer"
        check_instances({name: getattr(self, name) for name in names})
        super()._validate_params()

    def __copy__(self) -> LSTMTextClassifier:
        # A copy is to keep its network when this classifier is fitted anew, or the other way
        # round.
        if self.initialized_:
            self._model.loan.share()
        copied = type(self).__new__(type(self))
        copied.__dict__.update(vars(self))
        return copied

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        tags.input_tags.string = self.embedding_dim is not None
        tags.input_tags.two_d_array = self.embedding_dim is None
        tags.input_tags.three_d_array = self.embedding_dim is None
        return tags
