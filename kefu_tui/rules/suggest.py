"""Which canned replies fit what the customer just said, and why."""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kefu_tui.rules.kinds import Kind, classify
from kefu_tui.rules.stages import NEXT_STAGE, stage_of

__all__ = ["Kind", "Phrase", "Suggestion", "classify", "stage_of", "suggest"]


class Phrase(NamedTuple):
    """A canned reply as suggestions see it. `when` are words of a customer that it answers; `uses` by this agent."""

    id: str
    title: str
    text: str
    stage: str
    scenario: str
    when: tuple[str, ...]
    uses: int
    lang: str
    habit: float = 0.0
    """The same uses, older ones counting less."""


HALF_LIFE = 14.0
"""Days after which a use counts half: habits of a promotion are gone a month after it, those of the trade are renewed daily."""


def habit_of(uses: Iterable[tuple[float, int]]) -> float:
    """Uses as a habit, from how many days ago and how many each."""
    return math.fsum(count * math.exp2(-max(0.0, days) / HALF_LIFE) for days, count in uses)


class Suggestion(NamedTuple):
    """A fitting reply; `reason` is what speaks for it, in the language of the conversation."""

    id: str
    score: float
    reason: str


class _Told(NamedTuple):
    """What a phrase has in common with the customer's words."""

    score: float
    words: tuple[str, ...]


_NOTHING = _Told(0.0, ())
_SCENARIOS: dict[Kind, tuple[str, ...]] = {
    "presale": ("product", "size", "stock", "price", "promotion"),
    "order": ("order", "payment"),
    "logistics": ("logistics", "delay", "lost"),
    "aftersale": ("damaged", "refund", "exchange"),
    "return": ("return", "exchange", "refund"),
    "complaint": ("complaint", "apology"),
    "technical": ("technical",),
    "invoice": ("invoice",),
    "suggestion": ("praise",),
    "praise": ("praise",),
}

_ASKS_NUMBER = re.compile("订单号|order number")
_NEEDS_ORDER = ("order", "logistics", "aftersale", "return")
_SPOKEN_OF = (
    ("refund", re.compile("退款|refund")),
    ("exchange", re.compile("换(?:货|个|一|大|小)|exchange")),
    ("damaged", re.compile("坏|破|碎|漏液|broken|damaged")),
    ("lost", re.compile("丢|没收到|(?<!n't )lost")),
    ("delay", re.compile("太?慢|催|等了|late|slow")),
    ("stock", re.compile("有货|没货|补货|stock")),
    ("size", re.compile("尺码|什么码|码数|偏(?:大|小)|size")),
    ("payment", re.compile("付款|支付|付不|payment")),
)

_LATIN = re.compile("[a-z][a-z']+")
_CHINESE = re.compile("[\u3400-\u9fff]+")
_EMPTY = frozenset("的了吗呢吧啊呀哦嗯我你您他它是在就都也还很个们这那")
_STOP_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "all and any are been but can could did does even for from get got had has have here how its just not now one "
        "our out please same say says she some than that the them then there they this was way were what when who will "
        "with would yes you your",
    )
)
_GREETED = 0.4
_LONGEST = 300
_MOST_SHARED = 12


def suggest(
    last_customer_text: str,
    phrases: Sequence[Phrase],
    *,
    has_order: bool,
    stage: str,
    lang: str,
    top: int = 9,
    told_in: str = "",
) -> list[Suggestion]:
    """The replies that fit best, best first; of the conversation's language only, if there are any in it.

    Reasons are told in the language `told_in`, without it in the conversation's.

    What counts: words of a customer that the reply answers, rare words that it shares, the scenario spoken of, the
    stage, use, and whether there is an order to fill it from.
    """
    said = last_customer_text[-_LONGEST:].lower()
    chosen = [phrase for phrase in phrases if phrase.lang[:2] == lang[:2]] or list(phrases)
    kind = classify(said)
    told = _by_words(said, chosen, kind)
    _add_shared(said, chosen, told)
    places = _places(said, kind)
    ranked: list[tuple[float, int]] = []
    for index, (_, _, text, at_stage, scenario, _, _, _, habit) in enumerate(chosen):
        score = told[index].score if index in told else 0.0
        if scenario in places:
            score += places[scenario]
        if at_stage == stage:
            score += 1.0
        elif at_stage == NEXT_STAGE.get(stage):
            score += 0.5
        if habit:
            score += min(1.5, 0.4 * math.log1p(habit))
        if not has_order and ("order." in text or "shipment." in text):
            score -= 2.0
        if not has_order and at_stage == "ask" and kind in _NEEDS_ORDER and _ASKS_NUMBER.search(text):
            score += 4.0  # nothing can be said before it is known which order is meant
        ranked.append((-score, index))
    best = heapq.nsmallest(top, ranked)
    return [
        Suggestion(
            chosen[index].id,
            round(-score, 3),
            _reason(chosen[index], told.get(index, _NOTHING), stage, told_in or lang),
        )
        for score, index in best
    ]


def _places(said: str, kind: Kind) -> dict[str, float]:
    """What each scenario adds: the customer speaks of this kind of thing, or of this very thing."""
    places = {name: 2.0 - 0.5 * place for place, name in enumerate(_SCENARIOS.get(kind, ()))}
    for name, sign in _SPOKEN_OF:
        if sign.search(said):
            places[name] = places.get(name, 0.0) + 2.0
    return places


def _by_words(said: str, phrases: Sequence[Phrase], kind: Kind) -> dict[int, _Told]:
    """Phrases whose own words of a customer were said, or nearly said: 三天没动 for 几天没动.

    A longer word tells more, one that many phrases have tells less.
    """
    written = f"{said}\n{said.upper()}"  # words are kept as people write them: VIP
    latin = {form for word in _LATIN.findall(said) for form in (word, word.removesuffix("s"))}
    short = len(said.strip()) <= 3
    hits: dict[int, list[str]] = {}
    for index, phrase in enumerate(phrases):
        for word in phrase.when:
            if word in written:
                if word.lower() in latin if word.isascii() else len(word) > 1 or short:
                    hits.setdefault(index, []).append(word)
            elif len(word) > 3 and not word.isascii():
                near = word[1:] if word[1:] in said else word[:-1] if word[:-1] in said else ""
                if near:
                    hits.setdefault(index, []).append(near)
    common = Counter(word for words in hits.values() for word in words)
    greets_only = kind == "other" and all(phrases[index].scenario == "greeting" for index in hits)
    told: dict[int, _Told] = {}
    for index, words in hits.items():
        weights = sorted((_word_weight(word) / (1 + math.log(common[word])) for word in words), reverse=True)
        score = weights[0] + sum(weights[1:]) / 2
        if not greets_only and phrases[index].scenario == "greeting":
            score *= _GREETED  # a hello beside a question is not what the customer came for
        told[index] = _Told(score, tuple(sorted(words, key=len, reverse=True)))
    return told


def _word_weight(word: str) -> float:
    return 3.0 if word.isascii() else 2.0 + 0.5 * min(len(word), 6)


def _add_shared(said: str, phrases: Sequence[Phrase], told: dict[int, _Told]) -> None:
    """Add what phrases share with the customer's words in title, `when` or text: pairs of characters, Latin words."""
    heads = [f"{phrase.title} {' '.join(phrase.when)}".lower() for phrase in phrases]
    total = len(phrases) + 1
    for pair in _pairs(said, "\n".join(heads)):
        in_head = {index for index, head in enumerate(heads) if pair in head}
        in_text = [] if in_head else [index for index, phrase in enumerate(phrases) if pair in phrase[2]]
        found = len(in_head) + len(in_text)
        if not found or found * 3 > total:
            continue
        rarity = math.log(total / found) / math.log(total)
        for index in in_text:
            score, words = told.get(index, _NOTHING)
            told[index] = _Told(score + 0.5 * rarity, words)
        for index in in_head:
            score, words = told.get(index, _NOTHING)
            new = pair in phrases[index].title.lower() and not any(pair in word for word in words)
            told[index] = _Told(score + 1.5 * rarity, (*words, pair) if new else words)


def _pairs(said: str, heads: str) -> list[str]:
    """The telling pairs of characters and words; those that heads hold stand first, later ones before earlier."""
    pairs = [word for word in _LATIN.findall(said) if len(word) > 2 and word not in _STOP_WORDS]
    for run in _CHINESE.findall(said):
        pairs += [run[at : at + 2] for at in range(len(run) - 1) if _EMPTY.isdisjoint(run[at : at + 2])]
    latest = list(dict.fromkeys(reversed(pairs)))
    return sorted(latest, key=lambda pair: pair not in heads)[:_MOST_SHARED]


def _reason(phrase: Phrase, told: _Told, stage: str, lang: str) -> str:
    zh = lang.startswith("zh")
    parts: list[str] = []
    if told.words:
        words = told.words[:3]
        parts.append("说到" + "".join(f"「{word}」" for word in words) if zh else "says " + ", ".join(words))
    if phrase.stage == stage:
        parts.append("正到这一步" if zh else "fits this step")
    if phrase.uses:
        parts.append(f"用过 {phrase.uses} 次" if zh else f"used {phrase.uses} times")
    return ("，" if zh else "; ").join(parts)
