"""`kefu` alone: the workstation, and the question of a first start."""

import contextlib
import importlib
import os
import sys
import threading
from typing import TYPE_CHECKING

from kefu_tui.cli.call import can_ask
from kefu_tui.cli.errors import misused

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call


def open_workstation(call: "Call") -> None:
    """Opens the workstation on the desk of this home; in an empty home the shop of this machine, or a question."""
    if call.plain or os.environ.get("KEFU_PLAIN"):
        run_plain(call)
        return
    if not (can_ask() and sys.stdout.isatty()):
        raise misused(
            "工作台要在终端里打开。脚本用命令：kefu queue、kefu reply …，见 kefu --help",
            "The workstation needs a terminal. Scripts use commands: kefu queue, kefu reply …; see kefu --help",
        )
    if not call.home().exists():
        from kefu_tui.cli.people import data_folder
        from kefu_tui.cli.shop import open_shop

        if call.folder is None and data_folder(call, None).exists():
            open_shop(call)
        else:
            _begin(call)
        return
    run(call)


def run(call: "Call") -> None:
    """The workstation, syncing while it is open."""
    from kefu_tui import settings

    # Making the store's key keeps one processor busy without Python: screens are read meanwhile.
    threading.Thread(target=importlib.import_module, args=("kefu_tui.app",), daemon=True).start()
    with contextlib.ExitStack() as open_here:
        desk = open_here.enter_context(call.desk())

        def begin() -> None:
            from kefu_tui.desk.level import kept_level

            open_here.enter_context(kept_level(desk))

        from kefu_tui.app import KefuApp

        keymap, file = settings.folder() / "keymap.toml", settings.folder() / settings.NAME
        chosen, trouble = settings.load(file)
        if trouble is not None:
            call.tell(*trouble)
        lang = call.lang if call.lang_chosen or not chosen.lang else chosen.lang
        app = KefuApp(
            desk,
            lang=lang,
            keymap=keymap if keymap.exists() else None,
            settings=chosen,
            settings_file=file if trouble is None else None,
            begin=begin,
        )
        again = app.run()
        if app.fault is not None:
            if app.unkept:
                from kefu_tui.text import clean

                print(
                    call.say("没存下的话：", "Words that were not saved:"), clean(app.unkept), sep="\n", file=sys.stderr
                )
            raise app.fault
    if again == "tour":
        take_tour(lang)
        run(call)


def take_tour(lang: str) -> None:
    """The tour, on a desk that is gone afterwards."""
    import time

    from kefu_tui.app import KefuApp
    from kefu_tui.demo.practice import practice_desk
    from kefu_tui.screens.tour import Tour

    with practice_desk(lang) as desk:
        KefuApp(desk, lang=lang, tour=Tour(time.monotonic)).run()


def run_plain(call: "Call") -> None:
    """The linear view, syncing while it is open; reads lines from standard input, also from a pipe."""
    from kefu_tui.desk.level import kept_level
    from kefu_tui.plain import Plain

    with call.desk() as desk, kept_level(desk):
        Plain(desk, iter(sys.stdin.readline, ""), sys.stdout).run()


def _begin(call: "Call") -> None:
    print(
        call.say(
            "这里还没有桌面。怎么开始？\n  1  连到后台（kefu login）\n  2  在这台机器上开店（kefu up）\n  3  练习（kefu demo）",
            "There is no desk here yet. How to begin?\n  1  connect to a backend (kefu login)\n"
            "  2  open a shop on this machine (kefu up)\n  3  practise (kefu demo)",
        ),
        file=sys.stderr,
    )
    while True:
        print(call.say("1、2 或 3；q 退出：", "1, 2 or 3; q to leave: "), end="", file=sys.stderr, flush=True)
        told = sys.stdin.readline()
        choice = told.strip().lower()
        if choice in ("q", "") and (choice or not told):
            return
        if choice == "1":
            from kefu_tui.cli.sign import sign_in

            sign_in(call)
            run(call)
            return
        if choice in ("2", "3"):
            from kefu_tui.cli.shop import open_shop, practise

            (open_shop if choice == "2" else practise)(call)
            return
