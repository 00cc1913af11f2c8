"""
===================================
Chinese, and words from a segmenter
===================================

Chinese is written without blanks. The default reads pairs of characters; a program that finds the
words can take its place.
"""

# %%
# Sentences without blanks
# ------------------------
#
# Who likes or dislikes what, and when: "昨天老师喜欢这部电影。" is "yesterday the teacher liked
# this film". The label is whether somebody likes it.

import random
import warnings
from itertools import product

from sklearn.model_selection import train_test_split

from skrnn import LSTMTextClassifier, SequenceVectorizer

times = ["今天", "昨天", "上周", "去年", "周末", "早上"]
people = ["老师", "学生", "我们", "他们", "邻居", "妈妈", "医生"]
likes = ["喜欢", "欣赏", "享受", "推荐"]
dislikes = ["讨厌", "批评", "不喜欢", "不推荐"]
things = ["这部电影", "那本书", "新餐厅", "这首歌", "那家酒店", "旧手机", "这个游戏"]

sentences = list(product(times, people, likes + dislikes, things))
sample = random.Random(0).sample(sentences, 900)
texts = ["".join(words) + "。" for words in sample]
labels = ["like" if words[2] in likes else "dislike" for words in sample]
X_train, X_test, y_train, y_test = train_test_split(texts, labels, train_size=400, random_state=0)

# %%
# A segmenter
# -----------
#
# `jieba <https://github.com/fxsjy/jieba>`_ is one for Chinese, MeCab for Japanese, PyThaiNLP for
# Thai. Where jieba is not installed, the longest word of a list that fits stands for it.

lexicon = {*times, *people, *likes, *dislikes, *things}


def longest_words(text):
    """Cut a text into the longest words of the lexicon, or single characters."""
    words = []
    while text:
        size = next((size for size in (4, 3, 2) if text[:size] in lexicon), 1)
        words.append(text[:size])
        text = text[size:]
    return words


try:
    import jieba

    segment = jieba.lcut
except ImportError:
    segment = longest_words

# %%
# Three ways to cut
# -----------------
#
# Look at the tokens, at the accuracy, and at what ``fit`` says about sentences that are cut at
# blanks: every one is a word that no other text has.

ways = {
    'analyzer="word"': SequenceVectorizer(analyzer="word"),
    "pairs (default)": SequenceVectorizer(),
    "a segmenter": SequenceVectorizer(tokenizer=segment),
}
for name, vectorizer in ways.items():
    clf = LSTMTextClassifier(vectorizer=vectorizer, units=16, epochs=8, random_state=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf.fit(X_train, y_train)
    print(f"{name:16} {clf.score(X_test, y_test):.3f}  {vectorizer.build_analyzer()(texts[0])}")
    for warning in caught:
        print(f"{'':16} {warning.message}")
