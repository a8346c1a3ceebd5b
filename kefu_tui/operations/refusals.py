"""Why an operation cannot be: codes, and one sentence for each in Chinese and English."""

from collections.abc import Mapping
from typing import NamedTuple

REASONS: dict[str, tuple[str, str]] = {
    "already-claimed": ("{by}已经接了这位客户。", "{by} has this customer already."),
    "answered": ("你写的时候，{by}已经回复了。", "{by} replied while you were writing."),
    "archived": ("这个会话已归档，只能看。", "This conversation is archived and read-only."),
    "restored": (
        "后台回到了 {at} 的备份：这里做过的 {many} 件事又送了一遍，之后客户写的话可能没有了。",
        "The backend went back to its copy of {at}: {many} of your acts were sent again; what customers wrote later may be gone.",
    ),
    "mended": (
        "本机的数据坏过，已换新的：{kept} 步还会送出，{lost} 步救不回来，{texts} 段话在提醒里。",
        "The store here was damaged and made anew: {kept} steps still go out, {lost} are lost, {texts} texts stand in notices.",
    ),
    "salvaged": (
        "这段话从坏了的数据里救出来，不会自己送出；先看客户收到没有。",
        "Saved from the damaged store; it is not sent by itself. Look first whether the customer has it.",
    ),
    "overruled-priority": (
        "{by}也改了优先级，改的时候没看到你的：现在是 {now}，你改成的是 {mine}。",
        "{by} set the priority too and had not seen yours: it is {now}, you had set {mine}.",
    ),
    "overruled-ticket-title": (
        "{by}也改了工单的标题，没看到你的：现在是“{now}”，你写的是“{mine}”。",
        "{by} gave the ticket another title and had not seen yours: it is “{now}”, you had written “{mine}”.",
    ),
    "overruled-ticket-priority": (
        "{by}也改了工单“{title}”的优先级，没看到你的：现在是 {now}，你改成的是 {mine}。",
        "{by} set the priority of the ticket “{title}” too and had not seen yours: it is {now}, you had set {mine}.",
    ),
    "overruled-ticket-order": (
        "{by}给工单“{title}”换了订单，没看到你选的。",
        "{by} chose another order for the ticket “{title}” and had not seen yours.",
    ),
    "overruled-ticket-field": (
        "{by}也填了工单“{title}”的 {field}，没看到你的：现在是“{now}”，你填的是“{mine}”。",
        "{by} filled {field} of the ticket “{title}” too and had not seen yours: it is “{now}”, you had filled “{mine}”.",
    ),
    "chat-page": ("顾客聊天页的地址在下面。", "The address of the customers' chat page is below."),
    "call-times": ("时间不对：{what_zh}。", "These times cannot be: {what_en}."),
    "claim-lost": ("这个会话现在由{by}接待。", "{by} has this conversation now."),
    "claim-freed": ("这个会话已经放回等候，没有人接待。", "This conversation is back in the queue; nobody has it."),
    "closed": ("写好之后，这个会话已经结束了。", "The conversation was resolved after you wrote this."),
    "conversation-closed": ("这个会话已经结束，先重开。", "This conversation is resolved. Reopen it first."),
    "empty": ("没有内容，写了再发。", "Nothing written yet."),
    "forbidden": ("没有这个权限。", "Not allowed for your role or groups."),
    "full": ("接不了：已接 {load} 位，先结束一位。", "Can't take: {load} of {capacity}. Resolve one first."),
    "gone": ("找不到：它不在这里，或者已经删除。", "Not found: it is not here, or was removed."),
    "in-force": ("已经生效，要改就再设一份新的。", "In force already. Set another one instead."),
    "invalid": ("内容不合规格：{what}。", "Not valid: {what}."),
    "macro-step": (
        "宏的第 {step} 步做不了，一步都没有做：{why}",
        "Step {step} of the macro cannot be, so nothing was done: {why}",
    ),
    "missing-value": ("缺{what}，补上才能发。", "{what} missing; fill it to send."),
    "no-return": (
        "这个订单没有要审的退货：它现在是{status}。",
        "No return to review: the order is {status} now.",
    ),
    "move-refused": ("现在还不行：{why_zh}。", "Not yet: {why_en}."),
    "no-conversation": (
        "没有会话可以说这句话，不写给客户再试。",
        "There is no conversation to say it in. Try without words to the customer.",
    ),
    "no-move": (
        "现在是{state_zh}，没有 {what} 这一步。",
        "It stands at {state_en}; there is no step {what} from there.",
    ),
    "no-number": ("{what} 不是电话号码。", "{what} is no telephone number."),
    "no-text-here": (
        "电话会话不能发文字，记一条备注。",
        "Nothing can be written to a caller. Make a note.",
    ),
    "no-workflow": ("没有流程 {what}。", "There is no workflow {what}."),
    "no-such-target": ("转不了：对方不在。", "Can't hand over: no such agent or group."),
    "not-offered": ("没有派给你。", "It was not offered to you."),
    "not-owner": ("这个会话现在由{by}接待。", "{by} has this conversation now."),
    "not-resolved": ("还没有结束，先结束再归档。", "Not resolved yet. Resolve it first."),
    "not-taken": ("还没有接待，先接再做。", "Not taken yet. Take it first."),
    "not-waiting": ("没有人在等。", "No one is waiting."),
    "needs-record": (
        "结束前还要填：{what_zh}。",
        "Before it is resolved, fill in: {what_en}.",
    ),
    "nothing-to-undo": ("没有可以撤销的。", "Nothing to undo."),
    "order-changed": (
        "写好之后，订单 {order} 变成了{status}。",
        "Order {order} went to {status} after you wrote this.",
    ),
    "poisoned": (
        "后台处理不了这一步，已留下原文待查。",
        "The backend could not process this; it is kept for inspection.",
    ),
    "stale-version": (
        "别人先改过了，看过再存。",
        "Somebody else edited it first. Look, then save.",
    ),
    "taken-name": ("{what} 已经有了，换一个。", "{what} exists already. Choose another."),
    "ticket-closed": ("这张工单已经关闭。", "This ticket is closed."),
    "too-late": ("来不及撤了：已经发出。", "Too late to take back: it was sent."),
    "too-long": ("太长：{length} 字，最多 {limit} 字。", "Too long: {length} characters, at most {limit}."),
    "unknown-kind": ("后台不认识这一步，请升级后台。", "The backend does not know this operation. Upgrade it."),
    "wrong-state": ("现在是{status}，做不了这一步。", "It is {status} now; this does not apply."),
    "window-closed": (
        "这个渠道只收客户说话后 {window_zh}之内的回复，已经过了。",
        "This channel takes answers for {window_en} after the customer's last words; that is over.",
    ),
}

STATES: dict[str, tuple[str, str]] = {
    "waiting": ("等候", "waiting"),
    "open": ("接待中", "open"),
    "snoozed": ("稍后", "snoozed"),
    "resolved": ("已结束", "resolved"),
    "closed": ("已关闭", "closed"),
    "archived": ("已归档", "archived"),
    "unpaid": ("待付款", "unpaid"),
    "paid": ("待发货", "paid"),
    "shipped": ("已发货", "shipped"),
    "done": ("已完成", "done"),
    "refunding": ("退款中", "refunding"),
    "refunded": ("已退款", "refunded"),
}

FILLS: dict[str, tuple[str, str]] = {"by": ("同事", "A colleague")}
"""What stands for a fact that is not known."""


class Refusal(NamedTuple):
    """Why not: a code for programs, facts for the sentence. A value, not an exception: a person must act on it."""

    code: str
    facts: Mapping[str, str] = {}

    def say(self, lang: str) -> str:
        """One sentence in Chinese (`zh`) or English."""
        return reason(self.code, self.facts, lang)


def reason(code: str, facts: Mapping[str, str], lang: str) -> str:
    """The sentence of a code in a language; the code itself when it is not known here."""
    index = 0 if lang == "zh" else 1
    sentences = REASONS.get(code)
    if sentences is None:
        return code
    words = {key: fill[index] for key, fill in FILLS.items()}
    for key, value in facts.items():
        if value:
            words[key] = STATES[value][index] if key == "status" and value in STATES else value
    try:
        return sentences[index].format_map(words)
    except KeyError:
        return code
