"""Tests of cutting texts of any script, in the order of skrnn/_data/segmentation.py."""

# ruff: noqa: RUF001 - texts as people write them

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrnn._data.segmentation import normalised, spans, tokens

# Sentences and their tokens, with blanks between.
SENTENCES = {
    "English": ("I don't pay $4.50 for e-mails!", "i don ' t pay $ 4 . 50 for e - mails !"),
    "German": ("Größe: 38–40 („weit“)", "größe : 38 – 40 ( „ weit “ )"),
    "French": ("L’été, où es-tu ?", "l ’ été , où es - tu ?"),
    "Turkish": ("İyi günler!", "iyi günler !"),
    "Vietnamese": ("Tiếng Việt rất hay.", "tiếng việt rất hay ."),
    "Russian": ("Я и ты — друзья №1", "я и ты — друзья № 1"),
    "Greek": ("Ο ΔΡΟΜΟΣ;", "ο δρομος ;"),
    "Hebrew": ("שָׁלוֹם, מה שלומך?", "שָׁלוֹם , מה שלומך ?"),
    "Arabic": ("هل قرأتَ الكتاب؟", "هل قرأتَ الكتاب ؟"),
    "Persian": ("می‌خواهم ۲ کتاب", "می‌خواهم ۲ کتاب"),
    "Hindi": ("अच्छा दिन, बुरा दान।", "अच्छा दिन , बुरा दान ।"),
    "Bengali": ("আমি ভাত খাই।", "আমি ভাত খাই ।"),
    "Tamil": ("நான் தமிழ் பேசுகிறேன்.", "நான் தமிழ் பேசுகிறேன் ."),
    "Telugu": ("మంచి రోజు", "మంచి రోజు"),
    "Amharic": ("ሰላም ነው፤", "ሰላም ነው ፤"),
    "Georgian": ("კარგი დღე!", "კარგი დღე !"),
    "Chinese": ("我爱北京，你呢？", "我爱 爱北 北京 , 你呢 ?"),
    "Chinese and others": ("买iPhone 15吧", "买 iphone 15 吧"),
    "Japanese": ("東京タワーへ行く。", "東京 京タ タワ ワー ーへ へ行 行く 。"),
    "Korean": ("한국어를 배워요 ㅋㅋㅋ", "한국 국어 어를 배워 워요 ㅋㅋ ㅋㅋ"),
    "Thai": ("ฉันกินข้าว 2 จาน", "ฉัน นกิ กิน นข้ ข้า าว 2 จา าน"),
    "Lao": ("ສະບາຍດີ", "ສະ ະບ ບາ າຍ ຍດີ"),
    "Khmer": ("ខ្ញុំស្រី", "ខ្ញុំ ញុំស្ ស្រី"),
    "Burmese": ("မြန်မာ", "မြန် န်မာ"),
    "Tibetan": ("བོད་ཡིག", "བོད ད་ ་ཡི ཡིག"),
    "emoji": ("Super 👍🏽👍🏽!! ❤️ 👩‍👩‍👧 🇩🇪🇫🇷 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "super 👍🏽 👍🏽 ! ! ❤️ 👩‍👩‍👧 🇩🇪 🇫🇷 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    "placeholders": (
        'Hi <b>%(name)s</b>, {0} "files"',
        'hi < b > % ( name ) s < / b > , { 0 } " files "',
    ),
    "numbers": ("1,000 x² ½ ②", "1 , 000 x² ½ ②"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences(name):
    text, expected = SENTENCES[name]
    assert tokens(normalised(text)) == expected.split()


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        (unicodedata.normalize("NFD", "한국어"), "한국어"),
        (unicodedata.normalize("NFD", "Tiếng Việt"), "tiếng việt"),
        ("\uff21\uff22\uff23\uff11\uff0c", "abc1,"),
        ("\uff76\uff9e\uff72\uff84\uff9e", "ガイド"),
        ("\U0001d407\U0001d41e\U0001d425\U0001d425\U0001d428", "hello"),
        ("\ufb01nden", "finden"),
        ("\ufee3\ufeae\ufea3\ufe92\ufe8e", "مرحبا"),
        ("\u2f08\u2f24", "人大"),
        ("Donau\u00addampf\u00adschiff", "donaudampfschiff"),
        ("\u0130stanbul I\u0307stanbul", "istanbul istanbul"),
        ("H\u0331", "\u1e96"),
        ("STRASSE Straße", "strasse straße"),
        # What NFKC would spoil.
        ("Windows™ … ㅋㅋ ¼ ำ", "windows™ … ㅋㅋ ¼ ำ"),
    ],
)
def test_one_spelling_for_what_is_written_alike(written, usual):
    assert normalised(written) == usual


def test_case_can_be_kept():
    assert normalised("Straße \uff21\uff22", lowercase=False) == "Straße AB"
    assert normalised("AbC", lowercase=False) == "AbC"


def is_visible(character):
    """Tell by Unicode's categories, as far as they do."""
    invisible = character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Cn")
    name = unicodedata.name(character, "")
    return not (invisible or "VARIATION SELECTOR" in name or name.endswith("JOINER"))


# Planes 0 and 1 and what is not ordinary in the others.
CHARACTERS = [chr(code) for code in (*range(0x20000), *range(0xE0000, 0xE0200))]


@pytest.mark.parametrize("lowercase", [True, False])
def test_normalising_every_character_again_changes_nothing(lowercase):
    for character in CHARACTERS:
        once = normalised(character, lowercase)
        assert normalised(once, lowercase) == once, hex(ord(character))


def test_every_visible_character_is_a_token():
    for character in CHARACTERS:
        if is_visible(character):
            assert tokens(character) == [character], hex(ord(character))


def test_a_character_that_is_not_to_be_seen_is_no_token():
    for character in "\0\x7f\x85\xa0\u00ad\u200b\u200d\u200e\u2028\u2060\u3000\ufe0f\ufeff":
        assert tokens(character) == []
        assert tokens(f"a{character} é") in (["a", "é"], [f"a{character}", "é"])


# Characters that meet: letters with and without blanks, marks, joiners, signs, parts of emoji.
meeting = st.text(
    st.one_of(
        st.sampled_from(
            "aZß1_# .,'İΣς\n\0"
            "éंािे你々〇ーガ゙가각กิ่ำ་བོ\u0327\u0301\ufe0f\u20e3\u200d\u200c\u00ad\u200b"
            "\U0001f44d\U0001f3fd\U0001f1e9\U0001f1ea\U000e0067\U0001e900\U0001e944\U00020000\ud800"
        ),
        st.characters(),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(text=meeting, lowercase=st.booleans())
def test_normalising_again_changes_nothing(text, lowercase):
    once = normalised(text, lowercase)
    assert normalised(once, lowercase) == once
    assert normalised(unicodedata.normalize("NFD", text), lowercase) == once


@settings(deadline=None)
@given(text=meeting)
def test_spans_are_those_of_the_tokens_and_cover_what_is_visible(text):
    found = spans(text)
    assert [text[start:end] for start, end in found] == tokens(text)
    assert found == sorted(found)
    covered = {place for start, end in found for place in range(start, end)}
    assert all(place in covered for place, character in enumerate(text) if is_visible(character))


@settings(deadline=None)
@given(text=meeting)
def test_a_blank_parts_tokens(text):
    assert tokens(f"{text} {text}") == tokens(text) * 2
