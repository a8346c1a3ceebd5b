"""How far a conversation is led: greet, ask, analyse, recommend, answer, close, confirm, say goodbye; or after-sale."""

import re
from collections.abc import Sequence

from kefu_tui.rules.kinds import classify

NEXT_STAGE = {
    "greet": "ask", "ask": "analyse", "analyse": "recommend", "recommend": "answer", "answer": "close",
    "close": "confirm", "confirm": "goodbye", "aftersale": "goodbye",
}  # fmt: skip

_LEAVING = re.compile(
    "^(?:好的?|嗯+|行|ok(?:ay)?|可以)?[，, !！。~]*(?:谢谢?|多谢|感谢|辛苦|麻烦)|没(?:有?别的|问题|事)了|再见|拜拜|晚安"
    r"|先这样|解决了|\b(?:thanks?|thank you|bye|cheers|all good|good night)\b",
    re.I,
)
_BOUGHT = re.compile(
    r"(?:下单|拍下?|付款?|买|支付)(?:好|完)?了|已经?(?:下单|付款|拍)|\b(?:ordered|paid|just bought)\b", re.I
)
_BUYING = re.compile(
    "(?:就|那)(?:要|买|拿|来|选)|怎么(?:买|下单|付款)|要(?:这个|一件|一个)"
    r"|\b(?:i'll take|how do i (?:buy|order|pay))\b",
    re.I,
)
_DOUBTING = re.compile(
    "贵|便宜|优惠|打折|再(?:看看|想想)|考虑|担心|怕|会不会|万一|别家|正品"
    r"|\b(?:expensive|cheaper|discount|worried|too much|sure)\b",
    re.I,
)
_CHOOSING = re.compile(r"推荐|哪(?:个|款|种)|怎么选|适合|区别|\b(?:recommend|which|suitable|difference|better)\b", re.I)
_AFTER_SALE = frozenset(("aftersale", "return", "complaint"))
_FACTS = frozenset(("logistics", "order", "invoice", "technical"))
_BY_ANSWERS = ("greet", "ask", "analyse", "recommend")


def stage_of(messages: Sequence[tuple[str, str]]) -> str:
    """The stage that the next reply belongs to, from (author, text) in order; `greet` until an agent has answered.

    After the greeting the customer's last words decide, then what the conversation is about, then how often the agent
    has answered.
    """
    answers = 0
    said: list[str] = []
    last: list[str] = []
    for author, text in messages:
        if author == "agent":
            answers += not said or bool(last)
            last = []
        elif author == "customer":
            said.append(text)
            last.append(text)
    if not answers:
        return "greet"
    words = "\n".join(last) or (said[-1] if said else "")
    kind = classify(words)
    if kind == "other":
        kind = classify("\n".join(said[-10:]))
    if _LEAVING.search(words) and not words.rstrip().endswith(("?", "？", "吗")):
        return "goodbye"
    if kind in _AFTER_SALE:
        return "aftersale"
    if _BOUGHT.search(words):
        return "confirm"
    if kind in _FACTS:
        return "answer"
    for stage, sign in (("close", _BUYING), ("recommend", _CHOOSING), ("answer", _DOUBTING)):
        if sign.search(words):
            return stage
    return _BY_ANSWERS[answers] if answers < len(_BY_ANSWERS) else "answer"
