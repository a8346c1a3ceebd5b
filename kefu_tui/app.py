"""KefuApp: wires a desk to the workstation; themes, language, keys, and when garbage is collected."""

import gc
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual import events
from textual.app import App
from textual.timer import Timer

from kefu_tui.commands import pressed
from kefu_tui.desk import StoreError
from kefu_tui.keymap import Keymap, Pending, Problem, load
from kefu_tui.screens.keyed import Keyed, Over, key_name, respelled
from kefu_tui.screens.narrow import NARROW, PARTED
from kefu_tui.screens.themes import Ink, ink_after, ink_for, style_sheet_words, themes
from kefu_tui.screens.tour import Tour
from kefu_tui.screens.which import Follow, Which
from kefu_tui.screens.work import WorkScreen
from kefu_tui.settings import Settings, save
from kefu_tui.text import one_line

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.filter import LineFilter

    from kefu_tui.desk import Desk
    from kefu_tui.screens.driver import Measured

WHICH = 0.2
"""Seconds after which a pending chord shows how it goes on."""
IDLE = 0.5
"""Seconds without a key after which garbage is collected and the next customers are read."""


class KefuApp(App[str], inherit_bindings=False):
    """The workstation in a terminal, on one desk."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "kefu"

    def __init__(
        self,
        desk: "Desk",
        *,
        theme: str | None = None,
        lang: str | None = None,
        keymap: Path | None = None,
        settings: Settings = Settings(),  # noqa: B008 (it is frozen)
        settings_file: Path | None = None,
        begin: Callable[[], None] = lambda: None,
        tour: Tour | None = None,
        wide: bool = False,
    ) -> None:
        """`theme`: dark, light, contrast or none (None: by KEFU_THEME, the settings, NO_COLOR and the terminal).

        `lang`: zh or en. What is changed here is written to `settings_file`, None: kept for this run alone. `begin` is called
        once the first frame is there. The app ends with `tour` where that is wanted next. `wide`: the terminal is known to draw
        characters of uncertain width two cells wide; else KEFU_WIDTH says it, or the terminal when it is asked.
        """
        self._begin = begin
        self.tour = tour
        """The tour that is taken on this desk, where it is a practice desk."""
        self.settings, self.settings_file = settings, settings_file
        self.newcomer = settings_file is not None and not settings.toured and tour is None
        """Whether the tour is offered: in the first run, where nothing else is to be said."""
        own = None if "KEFU_THEME" in os.environ or "NO_COLOR" in os.environ else settings.theme or None
        self.ink = ink_for(theme or own, os.environ)
        """The theme in use, as panes draw with it."""
        super().__init__(ansi_color=True if self.ink.flat else None)
        self.wide = wide or os.environ.get("KEFU_WIDTH") == "wide"
        """Whether the terminal draws characters of uncertain width two cells wide: none is printed then."""
        self.parted = False
        """Whether it draws the parts of an emoji beside each other: only the first is printed then."""
        self.lang = lang or desk.lang
        self.desk = desk
        self.keymap, self.problems = load(keymap, settings.keys)
        self.chord = ""
        """Keys of a chord so far."""
        self.pressed_at = 0.0
        """When a key came last, by the monotonic clock, in seconds."""
        self.fault: StoreError | None = None
        """Why the app ended by itself: the store can be read no more."""
        self.unkept = ""
        """What was being written then and could not be saved."""
        self._work = WorkScreen(desk)
        self._which: Timer | None = None
        self._unswept = 1
        """Rests since the last full sweep."""

    keymap: Keymap
    problems: list[Problem]

    @property
    def zone(self) -> str:
        """The agent's IANA zone."""
        return self.desk.zone()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Variables of the style sheets."""
        return style_sheet_words(self.ink)

    def on_mount(self) -> None:
        """The workstation is the first screen."""
        for theme in themes():
            self.register_theme(theme)
        self.theme = f"kefu-{self.ink.name}"
        self.push_screen(self._work)
        if self.problems:
            self.call_after_refresh(self._work.tell_keymap, self.problems[0].say("zh"), self.problems[0].say("en"))
        self.call_after_refresh(self._begin)
        if self.newcomer:
            self.call_after_refresh(self.change, toured=True)
        gc.freeze()
        gc.disable()
        self.set_interval(IDLE, self._rest)

    def _handle_exception(self, error: Exception) -> None:
        """A store that cannot be read ends the app; whoever began it says why, and has the words that could not be saved."""
        if not isinstance(error, StoreError):
            super()._handle_exception(error)
        elif self.fault is None:
            self.fault, self.unkept = error, self._work.last_words()
            self.exit()

    def on_unmount(self) -> None:
        """Garbage is collected as usual again."""
        gc.enable()

    def _rest(self) -> None:
        """Between keys: collect garbage, read ahead."""
        if time.monotonic() - self.pressed_at < IDLE:
            self._unswept += 1
            if self._unswept % 20 == 0:  # keys without a pause: the young must not pile up
                gc.collect(0)
            return
        self._work.preload()
        self._work.at_rest()
        self.desk.effort.keep()
        if self._unswept:
            self.bind_macros()
        if self._unswept:
            self._unswept = 0
            gc.collect()
        else:
            gc.collect(0)

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Keys are commands first; what is text goes to what has the focus."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self.pressed_at = time.monotonic()
        event, screen = respelled(event), self.screen
        self._work.count_key()
        if self.tour is not None and not self.tour.over:
            self.tour.keys += 1
        if isinstance(screen, Over):
            await screen.press(event)
        elif not await self._press(key_name(event)):
            await super().on_event(event)
            if isinstance(screen, WorkScreen) and not (event.is_printable and screen.situation == "writing"):
                await screen.settled()

    def on_click(self, event: events.Click) -> None:
        """A click on a cap presses its key."""
        for key in pressed(event.style.meta.get("press", "")):
            self.post_message(events.Key(key, key if len(key) == 1 else {"space": " "}.get(key)))

    def _keyed(self) -> Keyed | None:
        """The screen whose keys are those of the table: the top one, under the which-key bar."""
        for screen in reversed(self.screen_stack):
            if not isinstance(screen, Which):
                return screen if isinstance(screen, Keyed) else None
        return None

    async def _press(self, key: str) -> bool:
        """Do what a key means; false where it is for what has the focus."""
        screen = self._keyed()
        if screen is None:
            return False
        chord, before = f"{self.chord} {key}" if self.chord else key, self.chord
        found = self.keymap.find(screen.situation, screen.pane, chord)
        screen.heed()
        if isinstance(found, Pending):
            await self._end_chord()
            self._await_more(chord, screen)
            return True
        if before:
            await self._end_chord()
        if found is not None:
            self._work.count_use(found.id)
            if screen.leaves(found.id):
                return False
            await screen.run_command(found.id)
            return True
        if before:
            if key != "escape":
                screen.tell_chord(before, key)
            return True
        if screen.situation == "moving":
            screen.stray(key)
            return True
        return False

    def _await_more(self, chord: str, screen: Keyed) -> None:
        """The chord may go on: say how, unless the next key is there soon."""
        self.chord = chord
        follow: dict[str, Follow] = {}
        for rest, command in self.keymap.after(chord, screen.situation):
            label = command.label[self.lang == "en"]
            follow.setdefault(label, Follow(rest, label, screen.fact(command.id)))
        self._work.bars()
        which = Which(chord, list(follow.values()))
        self._which = self.set_timer(WHICH, lambda: self.push_screen(which))

    async def _end_chord(self) -> None:
        if self._which is not None:
            self._which.stop()
            self._which = None
        if isinstance(self.screen, Which):
            await self.pop_screen()
        if self.chord:
            self.chord = ""
            self._work.bars()

    def bind_macros(self) -> None:
        """Macros that have a key run by it from now on."""
        self.keymap = self.keymap.with_macros(
            {key: (row.id, one_line(row.name)) for key, row in self.desk.macros.bound().items()}
        )

    # Settings

    def change(self, **chosen: object) -> str:
        """Other settings, from now on and at the next start; why they could not be kept, '' when they were."""
        self.settings = msgspec.structs.replace(self.settings, **chosen)
        if self.settings_file is None:
            return ""
        try:
            save(self.settings_file, self.settings)
        except OSError as error:
            return str(error)
        return ""

    def set_to(self, name: str, value: object) -> str:
        """One setting, and what it changes on screen; why it could not be kept, '' when it was."""
        wrong = self.change(**{name: value})
        if name == "theme" and not self.ink.mono:
            self._look(ink_for(str(value) or None, os.environ))
        elif name == "lang" and value:
            self._speak(str(value))
        elif name == "density":
            self._work.queue.be_tall(2 if value == "two" else 1)
        return wrong

    # Looks

    def get_driver_class(self) -> "type[Driver]":
        """The terminal as Textual finds it, ours where that is a terminal of this machine."""
        found = super().get_driver_class()
        if found.__module__ == "textual.drivers.linux_driver":
            from kefu_tui.screens.driver import Driver as Ours

            return Ours
        return found

    def get_line_filters(self) -> "Sequence[LineFilter]":
        """What is done to every line before it is printed."""
        ours = ((PARTED, self.parted), (NARROW, self.wide))
        return [*super().get_line_filters(), *(one for one, needed in ours if needed)]

    def on_measured(self, event: "Measured") -> None:
        """The terminal was asked, and draws something otherwise than it is counted."""
        self.wide, self.parted = self.wide or event.wide, self.parted or event.parted
        self._repaint()

    def next_theme(self) -> None:
        """The next theme in turn."""
        self._look(ink_after(self.ink, os.environ))
        if not self.ink.mono:
            self.change(theme=self.ink.name)

    def next_language(self) -> None:
        """Chinese or English."""
        self._speak("zh" if self.lang == "en" else "en")
        self.change(lang=self.lang)

    def _look(self, ink: Ink) -> None:
        self.ink = ink
        self.theme = f"kefu-{ink.name}"
        self._repaint()

    def _speak(self, lang: str) -> None:
        self.lang = self.desk.lang = lang
        self._work.retell()
        self._repaint()

    def _repaint(self) -> None:
        for screen in self.screen_stack:
            for widget in screen.query("*"):
                widget.refresh()
