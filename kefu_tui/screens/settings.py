"""An agent's settings: each with its value and what it does; changed at once, and kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.app import ComposeResult

from kefu_tui.screens.keyed import Over, key_name
from kefu_tui.screens.sheet import Caps, Item, Menu, Sheet, Text
from kefu_tui.widgets.ink import lang_of, say

if TYPE_CHECKING:
    from kefu_tui.settings import Settings

Words = tuple[str, str]


class Choice(NamedTuple):
    """A setting: its name, what it does, and its values with their words."""

    field: str
    label: Words
    help: Words
    values: dict[object, Words]


CHOICES = (
    Choice("theme", ("配色", "Colours"), ("空着由终端和 KEFU_THEME 定。", "By the terminal where nothing is chosen."), {
        "": ("看终端", "terminal"), "dark": ("墨", "dark"), "light": ("宣", "light"), "contrast": ("高对比", "contrast"),
    }),
    Choice("lang", ("语言", "Language"), ("界面的语言。", "The language of the screen."), {
        "": ("照桌面", "the desk's"), "zh": ("中文", "Chinese"), "en": ("English", "English"),
    }),
    Choice("density", ("疏密", "Density"), ("队列里一个会话占几行。", "Rows of a conversation in the queue."), {
        "one": ("一行", "one row"), "two": ("两行", "two rows"),
    }),
    Choice("bell", ("响铃", "Bell"), ("有人等、有话扣下时响；或者只为自己的事响。",
                                       "Rings when somebody waits or words are held; or only for what is mine."), {
        "all": ("都响", "all"), "mine": ("只为我的", "mine"), "none": ("不响", "never"),
    }),
    Choice("night", ("下班后响铃", "Bell after hours"), (
        "不在服务时间里也响。", "Rings outside the hours of service, too."), {
        False: ("不响", "no"), True: ("响", "yes"),
    }),
    Choice("undo_send_s", ("撤回时限", "Time to take a send back"), (
        "发出的话先留几秒，可以撤回；接着做别的就立刻发。",
        "A reply waits so long for a change of mind; doing anything else sends it at once.",
    ), {seconds: (f"{seconds} 秒", f"{seconds} s") for seconds in (0, 2, 3, 5, 10)}),
    Choice("platform", ("回复率按", "Reply rate of"), (
        "状态行里的回复率按谁的口径算。", "Whose definition the reply rate of the status line has."), {
        "standard": ("3分钟", "3 minutes"), "taobao": ("淘宝", "Taobao"), "douyin": ("抖音", "Douyin"),
        "kuaishou": ("快手", "Kuaishou"), "jd": ("京东", "JD"), "pinduoduo": ("拼多多", "Pinduoduo"),
    }),
    Choice("keys", ("按键习惯", "Key habit"), ("下次打开时换。自己的 keymap.toml 总是压在上面。",
                                            "From the next start. Your own keymap.toml always lies on top."), {
        "kefu": ("kefu", "kefu"), "vim": ("vim", "vim"), "emacs": ("emacs", "emacs"),
    }),
)  # fmt: skip
"""The settings that a person chooses, in order."""


class SettingsSheet(Over[None]):
    """Left and right change the setting under the cursor."""

    def __init__(self, settings: Callable[[], "Settings"], change: Callable[[str, object], str]) -> None:
        super().__init__()
        self._settings = settings
        self._change = change

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        keys = [
            ("Enter", say(lang, "换", "change")),
            ("Left Right", say(lang, "前后换", "back and forth")),
            ("Esc", say(lang, "关", "close")),
        ]
        yield Sheet(
            Text(say(lang, "设置", "Settings"), "settings.toml", bold=True),
            Text(),
            Menu(""),
            Text(id="told"),
            Caps(keys),
            id="settings",
        )

    def on_mount(self) -> None:
        """All of them."""
        self._fill()

    def _fill(self) -> None:
        lang, settings = lang_of(self), self._settings()
        items = []
        for one in CHOICES:
            value = getattr(settings, one.field)
            words = say(lang, *one.values.get(value, (str(value), str(value))))
            items.append(Item(one.field, say(lang, *one.label), key=words, help=say(lang, *one.help)))
        menu = self.query_one(Menu)
        place = menu.items.index(menu.current) if menu.current is not None else 0
        menu.set_items(items)
        if place:
            menu.move(place)

    async def press(self, event: events.Key) -> None:
        """Move, change, close."""
        menu, key = self.query_one(Menu), key_name(event)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1}
        if key in ("escape", "q"):
            self.dismiss(None)
        elif key in steps:
            menu.move(steps[key])
        elif key in ("enter", "right", "l", "space", "left", "h") and menu.current is not None:
            one = next(choice for choice in CHOICES if choice.field == menu.current.id)
            values = list(one.values)
            value = getattr(self._settings(), one.field)
            here = values.index(value) if value in values else 0
            wrong = self._change(one.field, values[(here + (-1 if key in ("left", "h") else 1)) % len(values)])
            self._fill()
            told = say(lang_of(self), f"存不下来，只在这次有效：{wrong}", f"Not kept, for this time only: {wrong}")
            self.query_one("#told", Text).say(told if wrong else "")
