"""Text to tokens in any script: words, numbers, signs, and pairs where no blanks are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, groupby, pairwise
from operator import add
from typing import NamedTuple

# Scripts that are written without blanks between words, and Hangul, whose words take so many
# endings that classifiers of pairs of syllables are more accurate. Only the letters in these
# blocks are meant.
_UNSPACED_BLOCKS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff"  # Tibetan
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"  # Tai
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc"  # Hangul
    "\u3031-\u3035\u3040-\u312f\u31a0-\u31ff\uff66-\uff9f"  # Kana, Bopomofo
    "\u2e80-\u2fdf\u3005-\u3006\u303b-\u303c\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
)
# Kana and Han above U+FFFF, the Han numbers, and the sign between any two Tibetan syllables, which
# as a token would be every other one.
_UNSPACED_BESIDES = "\U0001aff0-\U0001b16f\U00020000-\U0003ffff\u3007\u3021-\u3029\u0f0b\u0f0c"
# Above U+FFFF all that is in a block of another script counts as a letter. Leaving out the
# few signs would take hundreds of ranges, which `re` tries one by one.
_LETTERS_ABOVE = (
    "\U00010000-\U0001afef\U0001b170-\U0001ceff\U0001d400-\U0001d7ff\U0001df00-\U0001efff"
)
_MARKS_ABOVE = "\U0001d165-\U0001d172\U0001da00-\U0001daaf\U000e0100-\U000e01ef"
# Persian and the scripts of India have them within words.
_JOINERS = "\u200c\u200d"
# Within words, and no part of them: the soft hyphen, the tatweel that stretches Arabic words, and
# what joins words in the eyes of a line breaker.
_NOT_READ = "\u00ad\u0640\u2060\ufeff"
# Controls and what else is not to be seen.
_INVISIBLE = (
    "\\x00-\\x1f\\x7f-\\x9f\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

# Blocks in which letters have another form than usual, and what Unicode calls such forms: full,
# half or small width, for vertical lines, a mathematical typeface, the form that an Arabic letter
# has by its neighbours; ligatures and the radicals of Han are among its "compat". The rest of
# NFKC is left undone: it makes three signs of "…", a word "windowstm" of "Windows™", 11/2 of
# "1½", and takes the Korean "ㅋㅋ" and the Thai "ำ" apart.
_FORM_BLOCKS = (
    "\u2100-\u214f\u2e80-\u2fdf\ufb00-\ufdff\ufe10-\ufefe\uff00-\uffef"
    "\U0001d400-\U0001d7ff\U0001ee00-\U0001eeff\U0001fbf0-\U0001fbf9"
)
_FORMS = ("wide", "narrow", "small", "vertical", "font", "isolated", "initial", "medial", "final")
_LIGATURES_AND_RADICALS = re.compile("[\u2e80-\u2fdf\ufb00-\ufb4f]")

# The time of Python's NFC grows with the square of a run of marks that are not in their order.
# Runs of so many are put into it before.
_MANY_MARKS = 100

_BLANK, _LINE_BREAK = " ", "\n"

_SECOND_DOTS = re.compile("i\u0307+")

_ASCII_PIECE = re.compile(r"\w+|[^\w\s\x00-\x1f\x7f]", re.ASCII)


def normalised(text: str, lowercase: bool = True) -> str:
    """Return the text with one spelling for what is written alike.

    Canonically equal texts become the same (NFC), full-width letters and their like
    become the usual ones, and soft hyphens, word joiners and the Arabic tatweel go.

    Parameters
    ----------
    text : str
        Any text.
    lowercase : bool, default=True
        Whether to lowercase. Case is not folded: "ß" stays, as in lists of words and
        files of vectors.

    Returns
    -------
    text : str
        The same text, normalised. Doing it again changes nothing.
    """
    if text.isascii():
        return text.lower() if lowercase else text
    text = _tables().form.sub(_usual_form, text)
    if len(text) >= _MANY_MARKS:
        text = _tables().many_marks.sub(_in_canonical_order, text)
    text = unicodedata.normalize("NFC", text)
    if not lowercase:
        return text
    # Python's lower case of the Turkish "İ" is an "i" with a second dot.
    text = text.replace("\u0130", "i").lower()
    if "\u0307" in text:
        text = _SECOND_DOTS.sub("i", text)
    return unicodedata.normalize("NFC", text)


def tokens(text: str) -> list[str]:
    """Return the tokens of a text.

    Parameters
    ----------
    text : str
        A text, as a rule a normalised one.

    Returns
    -------
    tokens : list of str
        Words with their combining marks, numbers, and every other visible sign; of a
        run of letters of a script without blanks its overlapping pairs. The first and
        the last letter of a run make pairs with what stands beside the run, too: a
        letter, a digit, a sign, a line break (the ends of the text are such, too), or a
        blank in place of anything else.
    """
    if text.isascii():
        return _ASCII_PIECE.findall(text)
    tables = _tables()
    if not tables.unspaced.search(text):
        return tables.piece.findall(text)
    found: list[str] = []
    for match in tables.piece.finditer(text):
        piece = match[0]
        if not tables.unspaced.match(piece):
            found.append(piece)
            continue
        before, after = _beside(text, *match.span())
        if piece.isalpha():  # without marks every character is a cluster
            bordered: Sequence[str] = before + piece + after
        else:
            bordered = [before, *tables.cluster.findall(piece), after]
        found += map(add, bordered, bordered[1:])
    return found


def spans(text: str) -> list[tuple[int, int]]:
    """Return where in a text its `tokens` start and end.

    Parameters
    ----------
    text : str
        A text.

    Returns
    -------
    spans : list of tuple (start, end)
        ``text[start:end]`` is the token, without a blank or a line break at its border.
    """
    tables = _tables()
    piece_pattern = _ASCII_PIECE if text.isascii() else tables.piece
    found: list[tuple[int, int]] = []
    for piece in piece_pattern.finditer(text):
        start, end = piece.span()
        if not tables.unspaced.match(piece[0]):
            found.append((start, end))
            continue
        before, after = _beside(text, start, end)
        clusters = [cluster.span() for cluster in tables.cluster.finditer(text, start, end)]
        first = start if before.isspace() else start - 1
        last = end if after.isspace() else end + 1
        borders = [(first, start), *clusters, (end, last)]
        found += ((left, right) for (left, _), (_, right) in pairwise(borders))
    return found


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and behind a part of a text."""
    before = _border(text[start - 1]) if start else _LINE_BREAK
    after = _border(text[end]) if end < len(text) else _LINE_BREAK
    return before, after


@cache
def _border(character: str) -> str:
    """Return a letter, number, punctuation mark or symbol as it is, and a blank for others."""
    if character in "\n\r":
        return _LINE_BREAK
    return character if unicodedata.category(character)[0] in "LNPS" else _BLANK


class _Tables(NamedTuple):
    """What it takes to cut a text that is not plain ASCII."""

    piece: re.Pattern  # a run of unspaced letters, a word or a sign
    unspaced: re.Pattern  # such a letter
    cluster: re.Pattern  # such a letter with its marks
    form: re.Pattern  # what may have a usual form
    many_marks: re.Pattern  # a long run of marks, above U+FFFF of anything


@cache
def _tables() -> _Tables:
    """Read Unicode's tables, once a process and only where a text needs them."""
    block = re.compile(f"[{_UNSPACED_BLOCKS}]")
    marks = _bracketed(lambda c: unicodedata.category(c).startswith("M"))
    run = _bracketed(lambda c: c.isalpha() and block.match(c)) + _UNSPACED_BESIDES
    unspaced = re.compile(f"[{run}]")
    word = _bracketed(lambda c: (c.isalnum() or c == "_") and not unspaced.match(c))
    word += _LETTERS_ABOVE
    more = marks + _MARKS_ABOVE + _JOINERS

    keycap, flag = r"[0-9#*]\ufe0f?\u20e3", "[\U0001f1e6-\U0001f1ff]{2}"
    # A sign goes with its marks, an emoji with the colour of its skin and the region of its
    # flag; several of these may be joined to one.
    sign = rf"[^\s{_INVISIBLE}][{marks}{_MARKS_ABOVE}\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    return _Tables(
        piece=re.compile(
            f"[{run}][{run}{more}]*|{keycap}|[{word}][{word}{more}]*"
            rf"|{flag}|{sign}(?:\u200d{sign})*"
        ),
        unspaced=unspaced,
        cluster=re.compile(f"[{run}][{more}]*"),
        form=re.compile(f"[{_NOT_READ}{_FORM_BLOCKS}]"),
        many_marks=re.compile(rf"[{marks}\U00010000-\U0010ffff]{{{_MANY_MARKS},}}"),
    )


def _usual_form(match: re.Match) -> str:
    return _usual_form_of(match[0])


@cache
def _usual_form_of(character: str) -> str:
    if character in _NOT_READ:
        return ""
    form, *codes = unicodedata.decomposition(character).split() or [""]
    form = form.strip("<>")
    if form in _FORMS or (form == "compat" and _LIGATURES_AND_RADICALS.match(character)):
        usual = (chr(int(code, 16)) for code in codes)
        return "".join(part for part in usual if part not in _NOT_READ)
    return character


def _in_canonical_order(match: re.Match) -> str:
    """Return a run of marks decomposed, and in the order that Unicode calls canonical."""
    decomposed = (unicodedata.normalize("NFD", character) for character in match[0])
    runs = groupby("".join(decomposed), key=lambda character: unicodedata.combining(character) > 0)
    return "".join(chain.from_iterable(sorted(run, key=unicodedata.combining) for _, run in runs))


def _bracketed(wanted: Callable[[str], object]) -> str:
    """Return characters up to U+FFFF as a regular expression has them in brackets."""
    codes = [code for code in range(0x10000) if wanted(chr(code))]
    runs: Iterable = groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])
    ranges = ([code for _, code in run] for _, run in runs)
    return "".join(f"{chr(codes[0])}-{chr(codes[-1])}" for codes in ranges)
