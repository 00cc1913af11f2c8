"""
===================
Why did it say so?
===================

Which words contributed to a prediction and which counted against it.
"""

from sklearn.model_selection import train_test_split

from skrnn import LSTMTextClassifier
from skrnn.datasets import load_docstrings

docstrings = load_docstrings(max_samples=800, random_state=0)
labels = [docstrings.target_names[label] for label in docstrings.target]
X_train, X_test, y_train, y_test = train_test_split(
    docstrings.data, labels, test_size=0.25, stratify=labels, random_state=0
)
clf = LSTMTextClassifier(units=16, embedding_dim=32, epochs=15, learning_rate=0.01, random_state=0)
clf.fit(X_train, y_train)
print(f"accuracy on new texts: {clf.score(X_test, y_test):.3f}")

# %%
# One text in colour
# ------------------
#
# :class:`~skrnn.inspection.TokenAttributionDisplay` explains the most probable label of a text.
# Blue words contribute to it, orange ones count against it. A notebook shows it like this:

from skrnn.inspection import TokenAttributionDisplay

text = (
    "Fit the model to the training data with the given loss function, and return the history of "
    "the loss values of each epoch."
)
display = TokenAttributionDisplay.from_estimator(clf, text)
display

# %%
# ``print`` lists the strongest words, for a terminal.

print(display)

# %%
# ``target`` explains another label than the most probable one: what would contribute to it?

TokenAttributionDisplay.from_estimator(clf, text, target="keras")

# %%
# As bars
# -------
#
# The score of a word is what it adds to the logit of the label, the number before the softmax.
# Look for words that should not matter: they show what a corpus gives away by accident.

import matplotlib.pyplot as plt

display.plot(max_tokens=10)
plt.show()

# %%
# In a notebook the display shows itself; ``display._repr_html_()`` is its HTML, for a page of your
# own.
#
# Many texts
# ----------
#
# :func:`~skrnn.inspection.token_attributions` returns the scores themselves. Summed over all texts
# that get a label they say what the classifier has learnt about it. A word counts once
# for every text that it is in, so frequent words are ahead.

from collections import defaultdict

from skrnn.inspection import token_attributions

sums = defaultdict(lambda: defaultdict(float))
for explained in token_attributions(clf, X_test):
    for token, score in zip(explained.tokens, explained.scores, strict=True):
        sums[explained.target][token] += score

fig, axes = plt.subplots(1, 4, figsize=(11, 3.5), layout="constrained")
for ax, (label, scores) in zip(axes, sorted(sums.items()), strict=True):
    strongest = sorted(scores, key=scores.get)[-10:]
    ax.barh(strongest, [scores[token] for token in strongest])
    ax.set(title=label, xlabel="sum of scores")
plt.show()

# %%
# Can the scores be trusted?
# --------------------------
#
# Integrated gradients share out the whole difference between the logit of this text and that of a
# text of unknown words. The scores sum to it:

(explained,) = token_attributions(clf, [text])
print(f"sum of the scores:    {explained.scores.sum():.3f}")
print(f"difference of logits: {explained.logit - explained.baseline_logit:.3f}")
print(f"of it in jumps:       {explained.remainder:.3f}")

# %%
# A large part in jumps says that the scores are rough. Then compare with ``"occlusion"``, which
# hides one word at a time and asks the network again. The two measure different things, so
# look at the order of the strongest words, not at the numbers.

print(TokenAttributionDisplay.from_estimator(clf, text, method="occlusion"))
