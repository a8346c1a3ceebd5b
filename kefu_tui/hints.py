"""What is said where a shorter way was there: a sentence for each of rules/shortcuts.py."""

HINTS: dict[str, tuple[str, str]] = {
    "palette": ("「{label}」有自己的键：{key}。", "{label} has a key of its own: {key}."),
    "offered": ("推荐的就是这条，{key} 直接采纳。", "This reply was offered already; {key} takes it."),
    "numbered": ("话术栏里已经有这条，数字键直接用。", "The pane showed this reply already; its digit uses it."),
    "walk": ("不用找：{key} 直接接最先到期的一位。", "No need to look: {key} takes who breaches first."),
    "send-resolve": (
        "写完按 {key}：发送、结束、下一位，一次做完。",
        "{key} while writing sends, resolves and opens the next.",
    ),
    "queue": ("发完不用回队列，{key} 打开下一个没回的。", "{key} opens the next unanswered, without the queue."),
}
"""Sentences for shorter ways (rules/shortcuts.py), with the label and key of their command."""
