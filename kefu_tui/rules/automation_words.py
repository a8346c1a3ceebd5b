"""Automation rules in words, and what they speak of by name."""

import json
from collections.abc import Mapping

from kefu_tui.now import DAY, HOUR, MINUTE
from kefu_tui.rules.automation_shape import TRIGGERS, Rule
from kefu_tui.rules.macro import NOTE


def conditions(rule: Rule, lang: str) -> list[str]:
    """What sets a rule off and what must hold, a sentence each."""
    pick = 1 if lang == "en" else 0
    when = rule.when
    events = ("、" if not pick else ", or ").join(TRIGGERS[one][pick] for one in TRIGGERS if one in rule.on)
    if rule.after:
        events += f" {span_text(rule.after, lang)}"
    if rule.at:
        events += " " + " ".join(f"{one // 60:02d}:{one % 60:02d}" for one in rule.at)
    told = [events]
    for name, (zh, en) in _CONDITIONS.items():
        value = getattr(when, name)
        if value in ((), "", None) or (value == 0 and value is not False):
            continue
        shown = _YES[value][pick] if isinstance(value, bool) else _shown(name, value, pick)
        told.append(f"{(zh, en)[pick]} {shown}")
    return told


_YES = {True: ("是", "yes"), False: ("否", "no")}
_WORDS: dict[str, tuple[str, str]] = {"open": ("上班时", "on"), "closed": ("下班后", "off")}
_CONDITIONS: dict[str, tuple[str, str]] = {
    "kinds": ("类别", "kind"), "channels": ("渠道", "channel"), "groups": ("组", "group"), "tiers": ("客户等级", "tier"),
    "languages": ("语言", "language"), "status": ("状态", "status"), "priorities": ("优先级", "priority"),
    "tags": ("有标签", "tagged"), "without_tags": ("没有标签", "not tagged"), "words": ("说到", "says"),
    "without_words": ("没说到", "does not say"), "pattern": ("符合", "matches"), "assigned": ("有人接待", "taken"),
    "unanswered": ("未回复不少于", "unanswered at least"), "hours": ("班次", "shift"), "between": ("时段", "between"),
    "days": ("日子", "days"), "scores": ("分数", "score"),
    "clocks": ("钟", "clock"), "workflows": ("流程", "workflow"), "states": ("工单状态", "state"),
}  # fmt: skip


KINDS: dict[str, tuple[str, str]] = {
    "presale": ("售前", "presale"), "order": ("订单", "order"), "logistics": ("物流", "logistics"),
    "aftersale": ("售后", "after-sale"), "return": ("退换", "return"), "complaint": ("投诉", "complaint"),
    "technical": ("技术", "technical"), "invoice": ("发票", "invoice"), "suggestion": ("建议", "suggestion"),
    "praise": ("表扬", "praise"), "other": ("其他", "other"),
}  # fmt: skip


_NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "hours": _WORDS,
    "kinds": KINDS,
    "status": {
        "waiting": ("等候", "waiting"), "open": ("接待中", "open"), "snoozed": ("稍后", "snoozed"),
        "resolved": ("已解决", "resolved"),
    },
    "tiers": {"new": ("新客", "new"), "regular": ("普通", "regular"), "returning": ("回头客", "returning"), "vip": ("VIP", "VIP")},
    "days": {
        "mon": ("周一", "Mon"), "tue": ("周二", "Tue"), "wed": ("周三", "Wed"), "thu": ("周四", "Thu"), "fri": ("周五", "Fri"),
        "sat": ("周六", "Sat"), "sun": ("周日", "Sun"), "working": ("工作日", "working days"), "off": ("休息日", "days off"),
    },
}  # fmt: skip
"""What the values of a condition are called, where they are words of ours."""


def called(name: str, lang: str) -> str:
    """What a condition or an event is called."""
    zh, en = _CONDITIONS.get(name) or TRIGGERS.get(name, (name, name))
    return en if lang == "en" else zh


def _shown(name: str, value: object, pick: int) -> str:
    names = _NAMES.get(name, {})
    several = value if isinstance(value, tuple) else (value,)
    return ("、", ", ")[pick].join(names[one][pick] if one in names else str(one) for one in several)


def span_text(span: int, lang: str) -> str:
    """A span in its largest whole unit: `48 小时`, `10 min`."""
    names = {DAY: ("天", "d"), HOUR: ("小时", "h"), MINUTE: ("分钟", "min"), MINUTE // 60: ("秒", "s")}
    unit = next(one for one in names if span % one == 0 and (one != DAY or span > 3 * DAY))
    return f"{span // unit} {names[unit][1 if lang == 'en' else 0]}"


SPOKEN = ("text", "text_zh", "text_en")
"""Arguments of operations that a customer may read."""


def says(rule: Rule) -> list[str]:
    """The texts of a rule that a customer may read as they stand: its lines, and those in its operations."""
    texts = [step.argument for step in rule.steps if step.verb == "say"]
    for step in rule.steps:
        if step.verb == "operation":
            args = json.loads(step.argument.partition(" ")[2].strip() or "{}")
            texts += [args[name] for name in SPOKEN if isinstance(args.get(name), str)]
    return texts


def names(rule: Rule) -> Mapping[str, list[str]]:
    """What the steps speak of by name, by verb: replies, targets, workflows, people, channels."""
    told: dict[str, list[str]] = {}
    for step in rule.steps:
        if step.verb in ("canned", "ticket"):
            told.setdefault(step.verb, []).append(step.argument.partition(" ")[0])
        elif step.verb == "transfer":
            told.setdefault(step.verb, []).append(step.argument.partition(NOTE)[0].strip())
        elif step.verb in ("notify", "webhook"):
            told.setdefault(step.verb, []).append(step.argument.partition(" ")[0])
    return told
