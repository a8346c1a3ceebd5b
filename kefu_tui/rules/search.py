"""Finding a canned reply by its text, shortcut, pinyin or initials."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple, Self

from kefu_tui.rules.simplified import ways
from kefu_tui.rules.syllables import spelled


class _Key(NamedTuple):
    title: str
    text: str
    shortcut: str
    pinyin: str
    initials: str
    uses: int
    own: int
    whole: str


class PhraseKey(_Key):
    """What a canned reply is found by, folded to lower case; `pinyin` and `initials` are of its title; `own`: whose it is.

    `whole` is all of it in one: most words are in no part of most replies, and then one look is enough.
    """

    __slots__ = ()

    def __new__(
        cls, title: str, text: str, shortcut: str, pinyin: str, initials: str, uses: int = 0, own: int = 0
    ) -> Self:
        """The key of a reply as it is stored. `own`: 0 the company's, 1 the team's, 2 the agent's."""
        title, text, shortcut = title.lower(), text.lower(), shortcut.lower()
        whole = "\n".join((shortcut, initials, title, pinyin, text))
        return super().__new__(cls, title, text, shortcut, pinyin, initials, uses, own, whole)


Matches = list[tuple[int, int]]
"""Index and score of what matches."""


SCOPES = {
    **dict.fromkeys(("@me", "@mine", "@agent", "@我", "@个人"), 2),
    **dict.fromkeys(("@team", "@group", "@组", "@团队"), 1),
    **dict.fromkeys(("@all", "@company", "@公司"), 0),
}
"""Words of a query that leave the replies of one scope."""
EXACT = 200
"""A whole shortcut means its reply, whatever else fits; between several the agent's own, then the team's."""
MOST_FAVOUR = 25
"""Most that fit and use can add: about the step between two kinds of match."""


def rank(
    query: str, phrases: Sequence[PhraseKey], *, slips: bool = False, favour: Sequence[int] | None = None
) -> list[int]:
    """Indexes of the phrases that match every word of the query, best first; all by use when the query is empty.

    A word matches the shortcut, the initials, the title, the pinyin or the text, in this order of weight; a single
    letter not the text; a word of SCOPES leaves those of a scope. `favour` (0 to MOST_FAVOUR) says how well each phrase
    fits besides. Use decides between equals, then the order given. With `slips`, which takes longer, a word that
    nothing matches may hold one slip: of the fingers, or a character of the same sound.
    """
    found = _matches(query, phrases, slips)
    if favour is not None:
        found = [(index, score + favour[index]) for index, score in found]
    keys = [index - (score << 40) - (phrases[index][5] << 20) for index, score in found]
    keys.sort()  # one number each: score, use, index; tuples take three times as long
    return [key & 0xFFFFF for key in keys]


def match(query: str, phrase: PhraseKey) -> int | None:
    """How well a phrase matches every word of the query, None where it does not; higher is better."""
    return next((score for _, score in _matches(query, (phrase,))), None)


def _matches(query: str, phrases: Sequence[PhraseKey], slips: bool = False) -> Matches:
    words = unicodedata.normalize("NFKC", query).lower().split()
    found: Matches = [(index, 0) for index in range(len(phrases))]
    if "@" in query:
        for scope in {SCOPES[word] for word in words if word in SCOPES}:
            found = [(index, 0) for index, _ in found if phrases[index][6] == scope]
        words = [word for word in words if word not in SCOPES and word != "@"]
    for word in sorted(words, key=len, reverse=True):
        if found:
            before, found = found, _by_letters(word, phrases, found) if word.isascii() else []
            for way in ways(word) if not word.isascii() else ():  # in simplified characters, else in traditional ones
                if found := _by_characters(way, phrases, before):
                    break
            if slips and not found:
                if word.isascii():
                    if word.isalpha() and len(word) >= SHORTEST_SLIP:
                        found = _by_slips(word, phrases, before)
                elif (sound := spelled(word)) and len(word) > 1:
                    found = [(index, score + 10) for index, score in before if sound in phrases[index][3]]
    return found


def _by_letters(word: str, phrases: Sequence[PhraseKey], before: Matches) -> Matches:
    """Those that a word of Latin letters or digits matches too, with its score added. One loop, for speed."""
    found: Matches = []
    in_text = len(word) > 1
    for index, score in before:
        phrase = phrases[index]
        if word not in phrase.whole:
            continue
        title, text, shortcut, pinyin, initials, _, own, _ = phrase
        if word in shortcut and shortcut.startswith(word):
            score += EXACT + 30 * own if word == shortcut else 80
        elif word in initials:
            score += 40 if not initials.startswith(word) else 90 if word == initials else 70
        elif word in title:
            score += 75 if title.startswith(word) else 60
        elif word in pinyin:
            score += 55 if pinyin.startswith(word) else 30
        elif in_text and word in text:
            score += 20
        else:
            continue
        found.append((index, score))
    return found


SHORTEST_SLIP = 4
"""Letters from which on a word may hold a typing slip; shorter ones would mean anything."""


def _by_slips(word: str, phrases: Sequence[PhraseKey], before: Matches) -> Matches:
    """Those whose pinyin, shortcut or title holds a word but for one slip: a letter wrong, missing, too many, or two swapped.

    One slip leaves one half of the word whole: only where that stands is the rest compared.
    """
    middle = len(word) // 2
    first, second = word[:middle], word[middle:]
    found: Matches = []
    for index, score in before:
        title, _, shortcut, pinyin, _, _, _, _ = phrases[index]
        for text in (pinyin, shortcut, title):
            if (first in text or second in text) and _slipped(word, first, second, text):
                found.append((index, score + 10))
                break
    return found


def _slipped(word: str, first: str, second: str, text: str) -> bool:
    """Whether one slip makes a word of some part of a text."""
    at = text.find(first)
    while at >= 0:
        if any(_one_off(word, text[at : at + length]) for length in (len(word) - 1, len(word), len(word) + 1)):
            return True
        at = text.find(first, at + 1)
    at = text.find(second)
    while at >= 0:
        end = at + len(second)
        if any(
            _one_off(word, text[max(0, end - length) : end]) for length in (len(word) - 1, len(word), len(word) + 1)
        ):
            return True
        at = text.find(second, at + 1)
    return False


def _one_off(one: str, other: str) -> bool:
    """Whether two words differ by one letter wrong, missing or too many, or by two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(one) == len(other):
        swapped = one[start + 1 : start + 2] + one[start : start + 1] == other[start : start + 2]
        return one[start + 1 :] == other[start + 1 :] or (swapped and one[start + 2 :] == other[start + 2 :])
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[start + 1 :] == shorter[start:]


def _by_characters(word: str, phrases: Sequence[PhraseKey], before: Matches) -> Matches:
    """Those that a Chinese word matches too, with its score added."""
    found: Matches = []
    for index, score in before:
        phrase = phrases[index]
        if word not in phrase.whole:
            continue
        if word in phrase.title:
            found.append((index, score + (75 if phrase.title.startswith(word) else 60)))
        elif word in phrase.text:
            found.append((index, score + 20))
        elif word in phrase.shortcut:
            found.append((index, score + 80))
    return found
