"""Documents without labels, given to fit and to partial_fit, or brought through a pipeline."""

import keras
import numpy as np
import pytest
from sklearn import config_context
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import LSTMTextClassifier, SequenceVectorizer
from skrnn._data.sequences import FIRST_TOKEN
from skrnn._training import fit

X = ["wheat rose", "maize and wheat", "bank cut rates", "rates fell"] * 4
Y = np.array(["grain", "grain", "money", "money"] * 4)
UNLABELED = ["barley and wheat", "barley rose", "deposit rates", "bank deposit fell"] * 4


def make(**kwargs):
    settings = {"units": 4, "embedding_dim": 8, "epochs": 3, "batch_size": 8, "random_state": 0}
    return LSTMTextClassifier(**{**settings, **kwargs})


def synonyms(n_texts, words, rng):
    """Return texts of words of one of two sets, and which of them it is."""
    labels = rng.integers(2, size=n_texts)
    return [" ".join(rng.choice(words[label], 6)) for label in labels], labels


def test_words_that_no_labelled_text_has_are_learnt():
    rng = np.random.default_rng(0)
    words = [[f"{kind}{index}" for index in range(8)] for kind in "ab"]
    X_few, y_few = synonyms(24, [some[:4] for some in words], rng)
    X_many, _ = synonyms(200, words, rng)
    X_new, y_new = synonyms(100, [some[4:] for some in words], rng)
    clf = make(units=8, epochs=10).fit(X_few, y_few, X_unlabeled=X_many)
    assert clf.score(X_new, y_new) > 0.95
    assert make(units=8, epochs=10).fit(X_few, y_few).score(X_new, y_new) < 0.8


def test_words_that_no_labelled_text_has_start_from_vectors():
    clf = make(learning_rate=1e-9).fit(X, Y, X_unlabeled=UNLABELED)
    table = clf.model_.get_layer("embedding").get_weights()[0]
    row = FIRST_TOKEN + clf.vectorizer_.vocabulary_["barley"]
    assert np.abs(table[row]).max() > 1e-3


@pytest.mark.parametrize(
    "nothing",
    [None, [], np.array([], dtype=object), iter(())],
    ids=["None", "list", "array", "iterator"],
)
def test_nothing_is_what_it_was_without(nothing):
    expected = make().fit(X, Y).predict_proba(X)
    clf = make().fit(X, Y, X_unlabeled=nothing)
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


def test_the_same_seed_gives_the_same_bits():
    first, second = (make().fit(X, Y, X_unlabeled=UNLABELED) for _ in range(2))
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert len(first.history_["loss"]) == 3
    assert "barley" in first.vectorizer_.vocabulary_


def test_callbacks_see_the_last_training_only():
    epochs = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: epochs.append(epoch))
    make(callbacks=callback).fit(X, Y, X_unlabeled=UNLABELED)
    assert epochs == [0, 1, 2]


def test_two_teachers_that_differ_label_with_their_mean(monkeypatch):
    answers, labelled_with = [], []
    predict, label = fit._predict, fit._pseudo_labeled

    def recorded(*args):
        answers.append(predict(*args))
        return answers[-1]

    def labelled(prepared, probabilities):
        labelled_with.append(probabilities)
        return label(prepared, probabilities)

    monkeypatch.setattr(fit, "_predict", recorded)
    monkeypatch.setattr(fit, "_pseudo_labeled", labelled)
    make(embeddings="random").fit(X, Y, X_unlabeled=UNLABELED)
    first, second = answers
    assert np.abs(first - second).max() > 1e-3
    np.testing.assert_allclose(labelled_with, [(first + second) / 2])


def test_ids_of_another_width_numbers_and_independent_labels():
    rng = np.random.default_rng(0)
    ids, labels = rng.integers(1, 9, size=(20, 5)), rng.integers(0, 2, size=(20, 3))
    others = rng.integers(1, 9, size=(30, 7))
    others[:, 0] = 9
    clf = make(multilabel=True).fit(ids, labels, X_unlabeled=others)
    assert clf.predict_proba(others).shape == (30, 3)
    assert clf.model_.get_layer("embedding").input_dim == 2 + len(np.unique(others))
    clf = make(embedding_dim=None).fit(ids, labels[:, 0], X_unlabeled=others[:, :5])
    assert clf.predict_proba(ids).shape == (20, 2)


def documents_of_another_kind(n_documents, rng):
    return [
        " ".join(rng.choice([f"other{index}" for index in range(40)], 6))
        for _ in range(n_documents)
    ]


def test_documents_of_another_kind_are_left_out():
    rng = np.random.default_rng(0)
    words = [[f"{kind}{index}" for index in range(20)] for kind in "ab"]
    X_few, y_few = synonyms(60, words, rng)
    X_many, _ = synonyms(200, words, rng)
    others = documents_of_another_kind(100, rng)
    clf = make()
    with pytest.warns(UserWarning, match="100 of the 300 documents of X_unlabeled are of another"):
        clf.fit(X_few, y_few, X_unlabeled=[*X_many, *others])
    assert set(clf.vectorizer_.vocabulary_) == set(" ".join([*X_few, *X_many]).split())


def test_documents_without_weight_do_not_tell_of_what_kind_the_others_are():
    rng = np.random.default_rng(0)
    X_few, y_few = synonyms(60, [[f"{kind}{index}" for index in range(20)] for kind in "ab"], rng)
    others = documents_of_another_kind(160, rng)
    weights = np.repeat([1, 0], 60)
    with pytest.warns(UserWarning, match=r"^\d+ of the 100 documents of X_unlabeled"):
        make(epochs=1).fit(
            [*X_few, *others[:60]], np.tile(y_few, 2), weights, X_unlabeled=others[60:]
        )


@pytest.mark.parametrize("params", [{}, {"max_features": 20}, {"min_df": 0.02}], ids=str)
def test_a_fit_without_a_document_of_the_same_kind_is_one_without_any(params):
    rng = np.random.default_rng(0)
    words = [[f"{kind}{index}" for index in range(20)] for kind in "ab"]
    X_few, y_few = synonyms(60, words, rng)
    others = documents_of_another_kind(1000, rng)
    clf = make(vectorizer=SequenceVectorizer(**params), epochs="auto", batch_size="auto")
    with pytest.warns(UserWarning, match="1000 of the 1000 documents"):
        clf.fit(X_few, y_few, X_unlabeled=others)
    probabilities = clf.predict_proba(X_few)
    np.testing.assert_array_equal(clf.fit(X_few, y_few).predict_proba(X_few), probabilities)


def test_a_stream_is_labelled_by_what_was_learnt_before():
    clf = make().partial_fit(X, Y, X_unlabeled=UNLABELED)
    assert "barley" in clf.vectorizer_.vocabulary_
    other = make().partial_fit(X, Y, X_unlabeled=UNLABELED)
    np.testing.assert_array_equal(clf.predict_proba(X), other.predict_proba(X))
    clf.partial_fit(X, Y, X_unlabeled=UNLABELED)
    other.partial_fit(X, Y)
    assert clf.n_iter_ == other.n_iter_ == 2
    assert (clf.predict_proba(X) != other.predict_proba(X)).any()


def test_an_untrained_network_labels_nothing():
    clf, other = (make().initialize(X, Y) for _ in range(2))
    clf.partial_fit(X, Y, X_unlabeled=UNLABELED)
    other.partial_fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), other.predict_proba(X))
    clf = make(warm_start=True).initialize(X, Y)
    with pytest.raises(ValueError, match="has learnt nothing that could label it"):
        clf.fit(X, Y, X_unlabeled=UNLABELED)


def test_a_warm_start_leaves_documents_of_another_kind_out():
    rng = np.random.default_rng(0)
    X_few, y_few = synonyms(60, [[f"{kind}{index}" for index in range(20)] for kind in "ab"], rng)
    others = documents_of_another_kind(1000, rng)
    clf, plain = (make(warm_start=True, epochs=1).fit(X_few, y_few) for _ in range(2))
    with pytest.warns(UserWarning, match="1000 of the 1000 documents"):
        clf.fit(X_few, y_few, X_unlabeled=others)
    plain.fit(X_few, y_few)
    np.testing.assert_array_equal(clf.predict_proba(X_few), plain.predict_proba(X_few))


def test_in_the_first_part_of_a_stream_numbers_change_nothing():
    numbers, labels = np.random.default_rng(0).normal(size=(200, 4)), np.arange(20) % 2
    first, second = (make(embedding_dim=None, batch_size="auto") for _ in range(2))
    first.partial_fit(numbers[:20], labels)
    second.partial_fit(numbers[:20], labels, X_unlabeled=numbers[20:])
    np.testing.assert_array_equal(first.predict_proba(numbers), second.predict_proba(numbers))


def test_large_ids_of_another_type_are_told_apart():
    ids = 2**60 + np.random.default_rng(0).integers(1, 9, size=(20, 5))
    labels = np.arange(20) % 2
    expected = make().fit(ids, labels, X_unlabeled=ids[::-1])
    clf = make().fit(ids, labels, X_unlabeled=ids[::-1].astype(np.uint64))
    np.testing.assert_array_equal(clf.predict_proba(ids), expected.predict_proba(ids))


def test_early_stopping_judges_by_labelled_documents():
    texts, labels = ["wheat rose", "rates fell"] * 8, np.array(["grain", "money"] * 8)
    clf = make(early_stopping=True, validation_split=0.25)
    clf.fit(texts, labels, X_unlabeled=UNLABELED)
    # As many of either are held out, whichever they are.
    expected = log_loss(labels[:2], clf.predict_proba(texts[:2]))
    assert min(clf.history_["val_loss"]) == pytest.approx(expected, rel=1e-5)


class Stop(keras.callbacks.Callback):
    """Stands for a process that is killed."""

    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_a_killed_fit_goes_on(tmp_path):
    path = tmp_path / "fit.checkpoint"
    expected = make().fit(X, Y, X_unlabeled=UNLABELED)
    killed = make(checkpoint=path, callbacks=Stop())
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            killed.fit(X, Y, X_unlabeled=UNLABELED)
    clf = make(checkpoint=path).fit(X, Y, X_unlabeled=UNLABELED)
    np.testing.assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_a_checkpoint_names_them(tmp_path):
    make(checkpoint=tmp_path / "a").fit(X, Y, X_unlabeled=UNLABELED)
    with pytest.raises(ValueError, match=r"Not the same: .*X_unlabeled"):
        make(checkpoint=tmp_path / "a").fit(X, Y, X_unlabeled=UNLABELED[1:])


def test_a_failed_fit_leaves_the_last_one():
    clf = make().fit(X, Y)
    before = clf.predict_proba(X)
    clf.set_params(callbacks=Stop())
    with pytest.raises(KeyboardInterrupt):
        clf.fit(X, Y, X_unlabeled=UNLABELED)
    np.testing.assert_array_equal(clf.predict_proba(X), before)


def test_a_pipeline_transforms_them_as_x():
    steps = [("ids", SequenceVectorizer()), ("lstm", make())]
    with config_context(enable_metadata_routing=True):
        steps[1][1].set_fit_request(X_unlabeled=True)
        pipeline = Pipeline(steps, transform_input=["X_unlabeled"])
        pipeline.fit(X, Y, X_unlabeled=UNLABELED)
    ids = pipeline["ids"]
    expected = make().fit(ids.transform(X), Y, X_unlabeled=ids.transform(UNLABELED))
    np.testing.assert_array_equal(
        pipeline.predict_proba(X), expected.predict_proba(ids.transform(X))
    )


def test_words_that_a_pipeline_does_not_know_are_no_sign_of_another_kind():
    # Rare words of the labelled documents have ids, and those of the others have none.
    rng = np.random.default_rng(0)
    words = [[f"{kind}{index}" for index in range(900)] for kind in "ab"]
    often = 1 / np.sqrt(np.arange(1, 901))
    labels = rng.integers(2, size=160)
    texts = [" ".join(rng.choice(words[k], 8, p=often / often.sum())) for k in labels]
    steps = [("ids", SequenceVectorizer()), ("lstm", make(epochs=1))]
    with config_context(enable_metadata_routing=True):
        steps[1][1].set_fit_request(X_unlabeled=True)
        pipeline = Pipeline(steps, transform_input=["X_unlabeled"])
        pipeline.fit(texts[:100], labels[:100], X_unlabeled=texts[100:])


def test_a_search_gives_them_to_every_fit():
    with config_context(enable_metadata_routing=True):
        clf = make().set_fit_request(X_unlabeled=True)
        search = GridSearchCV(clf, {"dropout": [0.0, 0.5]}, cv=2, error_score="raise")
        search.fit(X, Y, X_unlabeled=UNLABELED)
    assert "barley" in search.best_estimator_.vectorizer_.vocabulary_


def test_a_pipeline_of_numbers():
    numbers, labels = np.random.default_rng(0).normal(5, 3, size=(30, 4)), np.arange(20) % 2
    steps = [("scale", StandardScaler()), ("lstm", make(embedding_dim=None))]
    with config_context(enable_metadata_routing=True):
        steps[1][1].set_fit_request(X_unlabeled=True)
        pipeline = Pipeline(steps, transform_input=["X_unlabeled"])
        pipeline.fit(numbers[:20], labels, X_unlabeled=numbers[20:])
    scaled = StandardScaler().fit(numbers[:20]).transform(numbers)
    expected = make(embedding_dim=None).fit(scaled[:20], labels, X_unlabeled=scaled[20:])
    np.testing.assert_array_equal(pipeline.predict_proba(numbers), expected.predict_proba(scaled))


@pytest.mark.parametrize("unlabeled", [[[3, 4], [5]], [1.5], "wheat", [["wheat"]], [[]]], ids=repr)
def test_what_is_not_like_x_is_refused(unlabeled):
    with pytest.raises((TypeError, ValueError), match=r"X_unlabeled is not like X: "):
        make().fit(X, Y, X_unlabeled=unlabeled)


def test_the_argument_is_named():
    message = "X_unlabeled holds token ids, but this LSTMTextClassifier"
    with pytest.raises(ValueError, match=message):
        make().fit(X, Y, X_unlabeled=[[3, 4], [5]])
    numbers = np.ones((16, 2))
    with pytest.raises(ValueError, match="X_unlabeled holds text in row 0: 'Model X'"):
        make(embedding_dim=None).fit(numbers, Y, X_unlabeled=["Model X", "X"])


def test_a_file_that_is_none_of_texts(tmp_path):
    (tmp_path / "texts").write_bytes(b"wheat\n\xff rates\n")
    with (tmp_path / "texts").open(encoding="utf-8") as file, pytest.raises(UnicodeDecodeError):
        make().fit(X, Y, X_unlabeled=file)


@pytest.mark.parametrize("argument", ["X_unlabeled", "X_val"])
def test_a_missing_text_is_named_before_any_text_is_cut(argument):
    arguments = {argument: ["wheat", None]} | ({"y_val": Y[:2]} if argument == "X_val" else {})

    def tokenizer(text):
        raise AssertionError("a text was cut")

    clf = make(vectorizer=SequenceVectorizer(tokenizer=tokenizer, token_pattern=None))
    message = f"{argument} is not like X: Document 1: expected a text"
    with pytest.raises(ValueError, match=message):
        clf.fit(X, Y, **arguments)
    # A warm start reads with the fitted vectorizer, and that takes no names of files.
    clf = make(epochs=1, warm_start=True).fit(X, Y)
    clf.set_params(vectorizer=SequenceVectorizer(input="filename"))
    with pytest.raises(ValueError, match=message):
        clf.fit(X, Y, **arguments)
