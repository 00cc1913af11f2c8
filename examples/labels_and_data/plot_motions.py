"""
============================
Which motion do sensors see?
============================

Six channels of a moving wrist, recordings of different lengths, and a picture of what decided.
"""

# %%
# Recordings
# ----------
#
# Three channels of acceleration and three of rotation. Walking and running are periodic and differ
# in tempo; in a third class the arm hangs still but for one jerk. Every recording has its own
# length, so X is a list of arrays.

import matplotlib.pyplot as plt
import numpy as np

CHANNELS = ["acc x", "acc y", "acc z", "rot x", "rot y", "rot z"]
rng = np.random.default_rng(0)


def record(motion):
    """Return one recording."""
    n_steps = rng.integers(50, 90)
    t = np.arange(n_steps)
    steps = rng.normal(scale=0.3, size=(n_steps, 6))
    if motion == "jerk":
        start = rng.integers(10, n_steps - 15)
        steps[start : start + 5, :3] += 2.5
    else:
        tempo = 0.35 if motion == "walking" else 0.7
        steps += np.sin(tempo * t[:, np.newaxis] + rng.uniform(0, 6, size=6))
    return 9.8 + 3 * steps


motions = np.array(["walking", "running", "jerk"])
y = rng.choice(motions, size=240)
X = [record(motion) for motion in y]
print([steps.shape for steps in X[:3]])

# %%
# Fit
# ---
#
# The network brings every channel to a mean of 0 and a standard deviation of 1; the unit of a
# sensor does not matter.

from skrnn import LSTMTextClassifier

clf = LSTMTextClassifier(embedding_dim=None, units=8, epochs=40, random_state=0)
clf.fit(X[:160], y[:160])
print(f"accuracy on the other recordings: {clf.score(X[160:], y[160:]):.2f}")

# %%
# What decided
# ------------
#
# :func:`~skrnn.inspection.step_attributions` scores every number of a recording. Look at where the
# jerk is: the scores should be large there and in the channels of acceleration.

from skrnn.inspection import step_attributions

jerk = X[160:][int(np.flatnonzero(y[160:] == "jerk")[0])]
(explained,) = step_attributions(clf, [jerk], target="jerk")

fig, axes = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
axes[0].plot(jerk, linewidth=0.9, label=CHANNELS)
axes[0].set(ylabel="measurement")
axes[0].legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5))
limit = np.abs(explained.scores).max()
image = axes[1].imshow(explained.scores.T, aspect="auto", cmap="RdBu", vmin=-limit, vmax=limit)
axes[1].set(xlabel="step", yticks=range(6), yticklabels=CHANNELS)
axes[1].set_title(f"contribution to {explained.target} (blue: for, red: against)", fontsize=10)
fig.colorbar(image, ax=axes[1])
plt.show()
