"""The one table of what keys can do: footer, which-key bar, palette, help, `kefu keys` and manual come from here."""

from dataclasses import dataclass
from typing import Literal

Situation = Literal["moving", "writing", "both"]
"""moving: single keys act. writing: keys are text and only what is no character acts."""

Words = tuple[str, str]
"""Chinese and English."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something an agent can do, and how.

    Keys are written as a terminal names them (`f5`, `ctrl+p`, `enter`) or as the character itself (`?`, `R`); a chord
    has its keys apart (`g q`). The first key is shown.
    """

    id: str
    keys: tuple[str, ...]
    ime: tuple[str, ...]
    """Keys that also work while a Chinese input method is on, where `keys` do not."""
    label: Words
    spell: str
    """The Chinese label in pinyin, by which the palette finds it."""
    group: str
    help: Words
    situation: Situation = "moving"
    pane: str = ""
    """The pane that must have the focus; '' acts wherever the workstation is."""
    verb: str = ""
    """The desk's verb that may refuse it (`desk.refusal`); '' none."""
    undoable: bool = False


GROUPS: dict[str, Words] = {
    "customers": ("客户", "Customers"),
    "writing": ("写", "Writing"),
    "held": ("扣下", "Held"),
    "queue": ("队列", "The queue"),
    "shelf": ("话术", "Canned replies"),
    "macros": ("宏", "Macros"),
    "orders": ("订单", "Orders"),
    "going": ("去", "Going"),
    "program": ("程序", "The program"),
}
"""The order in which help and the manual tell them."""

# fmt: off
TABLE: tuple[Command, ...] = (
    Command("next", ("space",), (), ("接下一个", "take next"), "jie xia yi ge", "customers", (
        "接下等候里最先到期的一位，直接开始写；打开的会话没人接时，接的是它；来电在响，先接来电。",
        "Takes who breaches first of those waiting and starts writing; before them an open free conversation, a call that rings.",
    ), verb="take", undoable=True),
    Command("open", ("enter",), (), ("打开", "open"), "da kai", "customers", (
        "打开光标所在的一行；已经打开的是自己的会话时，开始写。",
        "Opens the row under the cursor; where it is open already and mine, starts writing.",
    )),
    Command("transfer", ("t",), ("f9",), ("转接", "transfer"), "zhuan jie", "customers", (
        "交给同事或另一组，可以附一句话。",
        "Hands the conversation to a colleague or a group, with a note.",
    ), "both", verb="transfer", undoable=True),
    Command("snooze", ("z",), ("f8",), ("稍后", "snooze"), "shao hou", "customers", (
        "先放下，到时间或者客户说话时回来。",
        "Puts it away until a time, or until the customer writes.",
    ), "both", verb="snooze", undoable=True),
    Command("resolve", ("x",), ("f10",), ("结束", "resolve"), "jie shu", "customers", (
        "结束会话，可以带一个标签，再打开下一个；正写着回复时先发出去。",
        "Resolves the conversation, with a tag if wanted, and opens the next; a reply being written is sent first.",
    ), "both", verb="resolve", undoable=True),
    Command("reopen", ("R",), ("ctrl+r",), ("重开", "reopen"), "chong kai", "customers", (
        "把结束了的会话重新打开。",
        "Opens a resolved conversation again.",
    ), verb="reopen", undoable=True),
    Command("release", ("b",), (), ("放回", "release"), "fang hui", "customers", (
        "把会话放回等候，让别人来接。",
        "Puts the conversation back into the queue for others.",
    ), verb="release", undoable=True),
    Command("note", ("n",), ("ctrl+t",), ("备注", "note"), "bei zhu", "customers", (
        "写一条内部备注，客户看不到。",
        "Writes an internal note that the customer does not see.",
    ), "both", verb="note", undoable=True),
    Command("tag", ("l",), ("ctrl+l",), ("标签", "tag"), "biao qian", "customers", (
        "加上标签；已有的再选一次是去掉。",
        "Adds a tag; choosing one that is there takes it off.",
    ), "both", verb="tag", undoable=True),
    Command("priority", ("!",), (), ("优先级", "priority"), "you xian ji", "customers", (
        "这个会话多急：1 最急，5 最不急。",
        "How urgent this conversation is: 1 first, 5 last.",
    ), undoable=True),
    Command("remind", ("r",), (), ("提醒", "remind"), "ti xing", "customers", (
        "到时间提醒我这位客户的事；没有打开会话时，提醒一件自己的事。",
        "Reminds me of this customer at a time; of something of my own where no conversation is open.",
    ), undoable=True),
    Command("call-back", ("c",), (), ("回访", "call back"), "hui fang", "customers", (
        "定一个回访这位客户的时间。",
        "Sets a time at which this customer is called back.",
    ), undoable=True),
    Command("call-log", ("g f",), (), ("记电话", "log a call"), "ji dian hua", "customers", (
        "登记一通电话：号码、打进还是打出、称呼、说了什么；会话归我。",
        "Logs a telephone call: number, in or out, name, what was said; its conversation is mine.",
    ), undoable=True),
    Command("remind-done", ("D",), (), ("办完", "done"), "ban wan", "customers", (
        "光标上的提醒或回访办完了。",
        "The reminder or call-back under the cursor was done.",
    ), pane="timers", undoable=True),
    Command("pass", ("P",), (), ("给下一个", "pass on"), "gei xia yi ge", "customers", (
        "派给我的这个会话，给下一个人。",
        "What was offered to me goes to the next.",
    )),
    Command("ticket-open", ("T",), (), ("开工单", "ticket"), "kai gong dan", "customers", (
        "从这个会话开一张工单，或看它已有的。",
        "Opens a ticket from this conversation, or one that it has already.",
    )),
    Command("undo", ("u",), ("ctrl+z",), ("撤销", "undo"), "che xiao", "customers", (
        "撤销刚做的一步，10 秒之内；正写着字时撤的是字。",
        "Takes back the last step, within 10 seconds; in a text being written, the last edit.",
    ), "both", verb="undo"),

    Command("find", ("f",), ("ctrl+f",), ("搜索", "search"), "sou suo", "customers", (
        "在会话、消息、客户、订单和话术里找任何字；直接跳到那一句。",
        "Finds any words in conversations, messages, customers, orders and replies, and jumps there.",
    ), "both"),

    Command("mark", ("v",), (), ("选中", "select"), "xuan zhong", "queue", (
        "选中这一行，再按一次不选；选中之后，转接、稍后、结束、标签一次做完。",
        "Selects the row, or no more; transfer, snooze, resolve and tag then act on all selected.",
    ), pane="queue"),
    Command("mark-all", ("V",), (), ("全选", "select all"), "quan xuan", "queue", (
        "选中这个视图里的全部；已经有选中的，全部放开。",
        "Selects everything in this view; where something is selected, lets all of it go.",
    ), pane="queue"),
    Command("pin", ("p",), (), ("置顶", "pin"), "zhi ding", "queue", (
        "把会话留在队列最上面；再按一次放下。",
        "Keeps the conversation on top of the queue; once more lets it go.",
    )),
    Command("why", ("w",), (), ("为何在这", "why here"), "wei he zai zhe", "queue", (
        "说出光标这一行为什么排在这里。",
        "Says why the row under the cursor stands where it does.",
    ), pane="queue"),
    Command("filter", ("F",), (), ("筛选", "filter"), "shai xuan", "queue", (
        "只看合条件的会话：文字，或者 tag: kind: from: before: 这些条件。",
        "Shows only what fits: words, or conditions such as tag: kind: from: before:.",
    ), pane="queue"),
    Command("view-save", ("S",), (), ("存为视图", "save view"), "cun wei shi tu", "queue", (
        "把现在的筛选和分组存成一个视图。",
        "Saves the filter and the grouping as a view.",
    ), pane="queue"),
    Command("group-by", ("a",), (), ("分组", "group by"), "fen zu", "queue", (
        "把队列按类别、渠道、客户等级、接待人或标签分开。",
        "Groups the queue by kind, channel, tier, assignee or tag.",
    ), pane="queue"),
    Command("density", ("-",), (), ("疏密", "density"), "shu mi", "queue", (
        "一个会话一行，或者两行：第二行是更多的话。",
        "One row for a conversation, or two: the second has more of its words.",
    ), pane="queue"),

    Command("write", ("i",), (), ("写回复", "write"), "xie hui fu", "writing", (
        "开始写；没写完的草稿还在。",
        "Starts writing; an unfinished draft is still there.",
    ), verb="reply"),
    Command("accept", ("tab",), (), ("采纳", "accept"), "cai na", "writing", (
        "用推荐的话术，变量已经填好，还可以改；写了首字母时换成那条话术。",
        "Takes the offered reply, filled; after initials were typed, the reply that they mean.",
    ), "both", verb="reply"),
    Command("other", ("ctrl+n",), (), ("换一条", "other"), "huan yi tiao", "writing", (
        "换下一条推荐的话术。",
        "Offers the next best reply.",
    ), "both"),
    Command("send", ("enter",), (), ("发送并接下一个", "send, open next"), "fa song bing jie xia yi ge", "writing", (
        "发出去，打开下一位：自己手上最先到期的，没有就是等候里第一位。",
        "Sends, then opens my unanswered conversation that breaches first, else the first waiting one.",
    ), "writing", verb="reply", undoable=True),
    Command("send-stay", ("f5",), (), ("发送并留下", "send and stay"), "fa song bing liu xia", "writing", (
        "发出去，留在这个会话。",
        "Sends and stays in this conversation.",
    ), "writing", verb="reply", undoable=True),
    Command("newline", ("ctrl+j", "shift+enter"), (), ("换行", "new line"), "huan hang", "writing", (
        "另起一行，不发送。",
        "Starts a new line without sending.",
    ), "writing"),
    Command("leave", ("escape",), (), ("离开", "leave"), "li kai", "writing", (
        "停下不写，草稿留着。",
        "Stops writing; the draft is kept.",
    ), "writing"),
    Command("search", ("/",), ("f4",), ("搜话术", "find a reply"), "sou hua shu", "writing", (
        "找话术：文字、快捷码、拼音、首字母都行；再按数字选第几条。",
        "Finds a canned reply by words, shortcut, pinyin or initials; a digit then chooses.",
    ), "both"),
    *(Command(f"reply-{number}", (str(number),), (), (f"第 {number} 条话术", f"reply {number}"),
              f"di {number} tiao hua shu", "writing", (
        f"把话术栏里第 {number} 条填进回复。",
        f"Puts reply {number} of the pane into the composer.",
    ), verb="reply") for number in range(1, 10)),

    Command("held-edit", ("e",), (), ("改了再发", "edit, then send"), "gai le zai fa", "held", (
        "把扣下的回复拿回来改。",
        "Brings the held reply back into the composer.",
    )),
    Command("held-send", ("s",), (), ("照发", "send anyway"), "zhao fa", "held", (
        "看过原因，照原样发出去。",
        "Sends the held reply as it is, the reason seen.",
    )),
    Command("held-discard", ("d",), (), ("不发了", "discard"), "bu fa le", "held", (
        "放弃这一条，客户看不到它。",
        "Gives the held reply up; the customer never sees it.",
    )),
    Command("held-note", ("m",), (), ("留备注", "make it a note"), "liu bei zhu", "held", (
        "把扣下的话留成内部备注。",
        "Keeps the held words as an internal note.",
    )),

    Command("copy", ("y",), (), ("复制", "copy"), "fu zhi", "orders", (
        "复制运单号，没有就复制订单号；在扣下一栏里复制那句话。",
        "Copies the tracking number, else the order number; among what was held, its words.",
    )),

    Command("approve-return", ("a",), (), ("同意退货", "approve return"), "tong yi tui huo", "orders", (
        "同意光标所在的退款中订单退货；没有指明时是第一个要审的。",
        "Approves the return of the refunding order under the cursor, else of the first that waits for it.",
    ), pane="orders", verb="review-return", undoable=True),

    Command("canned-edit", ("E",), (), ("改话术", "edit reply"), "gai hua shu", "shelf", (
        "改光标所在的话术：标题、快捷码、内容，边写边看填好的样子。",
        "Edits the reply under the cursor: title, shortcut, text, with a preview as it is written.",
    ), pane="replies"),
    Command("canned-add", ("A",), (), ("新话术", "new reply"), "xin hua shu", "shelf", (
        "写一条新话术；正写着的回复是它的开头。",
        "Writes a new reply for the shelf; what is being written is its beginning.",
    )),

    Command("macro", ("@",), ("ctrl+o",), ("用宏", "run a macro"), "yong hong", "macros", (
        "选一个宏，一次做完它的每一步；一次撤销也全部撤回。",
        "Runs a macro: all its steps at once, and all taken back by one undo.",
    ), "both"),
    Command("record", ("Q",), (), ("录宏", "record"), "lu hong", "macros", (
        "开始录；再按一次结束，起个名字就能用。",
        "Begins to record; once more ends it, and a name makes it a macro.",
    )),

    Command("queue", ("g q",), ("f2",), ("队列", "queue"), "dui lie", "going", (
        "到队列。", "Goes to the queue."), "both"),
    Command("conversation", ("g c",), ("f3",), ("会话", "conversation"), "hui hua", "going", (
        "到会话；已经在会话时，开始写。",
        "Goes to the conversation; from there, starts writing.",
    ), "both"),
    Command("replies", ("g r",), (), ("话术", "replies"), "hua shu", "going", (
        "到话术栏。", "Goes to the canned replies.")),
    Command("orders", ("o", "g o"), ("f6",), ("订单", "orders"), "ding dan", "orders", (
        "到订单栏，看这位客户的订单和物流。",
        "Goes to the orders and parcels of this customer.",
    ), "both"),
    Command("timers", ("g t",), ("f7",), ("计时", "timers"), "ji shi", "going", (
        "到计时。", "Goes to the timers."), "both"),
    Command("notices", ("g n", "g s"), ("f12",), ("扣下与同步", "held and sync"), "kou xia yu tong bu", "going", (
        "看扣下的、没发成的，和同步到哪一步。",
        "Shows what was held or refused, and how far sync is.",
    ), "both"),

    Command("tickets", ("g i",), ("f11",), ("工单", "tickets"), "gong dan", "going", (
        "看工单：我的、没人经办的、全部；推进、转交、记一句都在里面。",
        "Shows the tickets: mine, nobody's, all; moves, hands over and comments on them.",
    ), "both"),
    Command("emergency", ("g z",), (), ("应急", "emergency"), "ying ji", "going", (
        "停机、大促、公共事件：开始、结束，和答应过要回的客户。",
        "Outage, surge, public incident: begun and ended, and the customers who were promised an answer.",
    )),
    Command("automation", ("g j",), (), ("自动规则", "automation"), "zi dong gui ze", "going", (
        "什么时候自动做什么：开关、试、改，看做过什么，撤回。",
        "What is done by itself and when: switched, rehearsed, edited; what was done, taken back.",
    )),
    Command("presence", ("g a",), (), ("我的状态", "presence"), "wo de zhuang tai", "going", (
        "在线、忙、离开、下班；派单的组只派给在线的人。",
        "Online, busy, away, offline; in groups that push, work is offered to those who are online.",
    )),
    Command("route-why", ("g d",), (), ("派单原因", "routing"), "pai dan yuan yin", "going", (
        "这个会话为什么给了谁，现在会给谁。",
        "Why this conversation was offered to whom, and to whom it would be now.",
    )),
    Command("views", ("g v",), (), ("选视图", "choose a view"), "xuan shi tu", "going", (
        "从全部视图里选一个，自己存的也在。",
        "Chooses one of all views, saved ones too.",
    )),
    Command("macros", ("g m",), (), ("管理宏", "macros"), "guan li hong", "macros", (
        "看、改、删宏，给宏一个键，分享给同组。",
        "Shows, edits and removes macros, binds them and shares them.",
    )),
    Command("stats", ("g k",), (), ("按键统计", "keys used"), "an jian tong ji", "going", (
        "解决一个会话用了多少键、多少秒，哪里有更短的路。",
        "Shows keys and seconds for a resolved conversation, and where a shorter way is.",
    )),
    Command("unread", ("g u",), (), ("下一个未回复", "next unanswered"), "xia yi ge wei hui fu", "going", (
        "打开自己手上最先到期、还没有回复的会话。",
        "Opens my unanswered conversation that breaches first.",
    )),
    Command("up", ("k", "up"), (), ("上一行", "up"), "shang yi hang", "going", ("光标上移。", "Moves the cursor up.")),
    Command("down", ("j", "down"), (), ("下一行", "down"), "xia yi hang", "going", ("光标下移。", "Moves the cursor down.")),
    Command("page-up", ("pageup",), (), ("上一页", "page up"), "shang yi ye", "going", ("往上一页。", "One page up."), "both"),
    Command("page-down", ("pagedown",), (), ("下一页", "page down"), "xia yi ye", "going", (
        "往下一页。", "One page down."), "both"),
    Command("top", ("g g", "home"), (), ("列表顶", "top"), "lie biao ding", "going", ("到列表最上面。", "To the top of the list.")),
    Command("end", ("g e", "end"), (), ("列表底", "end"), "lie biao di", "going", ("到列表最下面。", "To the end of the list.")),
    Command("view-next", ("]", "right"), (), ("下一个视图", "next view"), "xia yi ge shi tu", "going", (
        "换一个视图看队列：工作、我的、等候、本组、全部。",
        "Shows the queue as work, mine, waiting, group or all.",
    ), pane="queue"),
    Command("view-back", ("[", "left"), (), ("上一个视图", "view before"), "shang yi ge shi tu", "going", (
        "退回上一个视图。", "Back to the view before."), pane="queue"),
    Command("original", ("v",), (), ("原文", "original"), "yuan wen", "going", (
        "终端把有些字画成两格宽、只好换一种写法时，看客户原来怎么写的。",
        "Shows what was written, where the terminal draws some characters too wide and others stand for them.",
    ), pane="conversation"),
    Command("back", ("escape",), (), ("返回", "back"), "fan hui", "going", (
        "从订单、话术、计时回到会话，从会话回到队列。",
        "From orders, replies and timers back to the conversation, from there to the queue.",
    )),

    Command("palette", ("ctrl+p",), (), ("命令", "commands"), "ming ling", "program", (
        "找命令、客户和话术；拼音、首字母、英文都行。",
        "Finds commands, customers and replies by a few letters.",
    ), "both"),
    Command("help", ("?",), ("f1",), ("帮助", "help"), "bang zhu", "program", (
        "所有的键，和它们做什么。", "Every key, and what it does."), "both"),
    Command("theme", ("g b",), (), ("换配色", "theme"), "huan pei se", "program", (
        "墨、宣、高对比，轮着换。", "Dark, light and high contrast in turn."), "both"),
    Command("language", ("g l",), (), ("换语言", "language"), "huan yu yan", "program", (
        "中文、英文，轮着换。", "Chinese and English in turn."), "both"),
    Command("settings", ("g p",), (), ("设置", "settings"), "she zhi", "program", (
        "配色、语言、疏密、响铃、撤回时限、按键习惯。",
        "Colours, language, density, bell, time to take a send back, key habits.",
    )),
    Command("tour", ("g h",), (), ("教程", "tour"), "jiao cheng", "program", (
        "两分钟，在练习客户身上学会接、答、下一个；随时 g x 回来。",
        "Two minutes on practice customers that teach take, answer, next; g x comes back at any time.",
    )),
    Command("quit", ("g x", "ctrl+c ctrl+c"), (), ("退出", "quit"), "tui chu", "program", (
        "离开工作台；草稿和待发的都留着。",
        "Leaves the workstation; drafts and what is to send are kept.",
    ), "both"),
)
# fmt: on


COMMANDS: dict[str, Command] = {command.id: command for command in TABLE}

PROTECTED = frozenset(("quit", "help", "palette"))
"""What must keep a key."""

_SHOWN = {
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "backspace": "Bksp",
    "delete": "Del",
    "insert": "Ins",
}
_NAMED = {shown: key for key, shown in _SHOWN.items()}
KEY_NAMES = frozenset(_SHOWN) | {f"f{number}" for number in range(1, 13)}
"""Keys that are no character; `ctrl+` stands before a letter, `shift+` before one of these."""


def shown_key(key: str) -> str:
    """A key or chord as it is written on a cap: `^P`, `F5`, `Esc`, `g q`."""
    return " ".join(_shown(part) for part in key.split(" "))


def pressed(shown: str) -> list[str]:
    """The keys, one after the other, that a cap stands for: what `shown_key` wrote; [] for what is no single key."""
    keys = [_NAMED.get(part, _unshown(part)) for part in shown.split(" ")]
    return keys if all(keys) else []


def _unshown(part: str) -> str:
    if len(part) == 2 and part[0] == "^":
        return "ctrl+" + part[1].lower()
    if part.startswith("Shift+"):
        return "shift+" + _NAMED.get(part.removeprefix("Shift+"), "")
    return part if len(part) == 1 else part.lower() if part.lower() in KEY_NAMES else ""


def _shown(part: str) -> str:
    if part in _SHOWN:
        return _SHOWN[part]
    if part.startswith("ctrl+"):
        return "^" + part.removeprefix("ctrl+").upper()
    if part.startswith("shift+"):
        return "Shift+" + _shown(part.removeprefix("shift+"))
    return part.upper() if len(part) > 1 else part
