"""A plain fit and predict says nothing, TensorFlow's start-up lines apart."""

import re
import subprocess
import sys

PROGRAM = """
from skrnn import LSTMTextClassifier
from skrnn.datasets import make_word_order_corpus

texts, labels = make_word_order_corpus(40, random_state=0)
for y in (labels, [[i % 2, 1 - i % 3 // 2] for i in range(40)]):
    clf = LSTMTextClassifier(units=3, epochs=2, random_state=0).fit(texts, y)
    clf.predict(texts)
    clf.score(texts, y)
numbers = LSTMTextClassifier(units=3, epochs=2, embedding_dim=None, random_state=0)
numbers.fit([[0.5, 1.0], [1.0, 0.0]] * 9, [0, 1] * 9).predict([[0.0, 1.0], [1.0, 1.0]])
"""

# What `import tensorflow` prints; TensorFlow 2.21 takes no notice of TF_CPP_MIN_LOG_LEVEL
# for them.
START_UP = {
    "logging": r"WARNING: All log messages before absl::InitializeLog\(\) is called are written.*",
    "oneDNN": r".* oneDNN custom operations are on\. .*",
    "no CUDA": r".* (Could not find cuda drivers|failed call to cuInit|Cannot dlopen some GPU).*",
    "CUDA plugins": r".* Unable to register cu\w+ factory: .*",  # TensorFlow 2.18
    "instructions": r".* This TensorFlow binary is optimized to use available CPU instructions.*"
    r"|To enable the following instructions: .*",
}


def run(program):
    return subprocess.run(
        # Python's warnings are errors, but for one that Keras causes under numpy 2.
        [
            *(sys.executable, "-W", "error"),
            *("-W", "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
            *("-c", program),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_plain_fit_and_predict_is_quiet():
    process = run(PROGRAM)
    assert process.returncode == 0, process.stderr
    assert process.stdout == ""
    start_up = re.compile("|".join(START_UP.values()))
    assert [line for line in process.stderr.splitlines() if not start_up.fullmatch(line)] == []
