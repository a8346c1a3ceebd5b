"""The tour: each step is done by the agent's own keys on a practice desk that is gone afterwards."""

import pathlib

from kefu_tui import settings
from kefu_tui.app import KefuApp
from kefu_tui.demo.practice import practice_desk
from kefu_tui.screens.tour import STEPS, Tour
from tests.real_desk import Real, real_desk


async def test_it_is_walked_by_keys() -> None:
    with practice_desk("zh") as desk:
        clock = iter(range(1000))
        app = KefuApp(desk, theme="dark", lang="zh", tour=Tour(lambda: next(clock)))
        folder = pathlib.Path(desk.store.path)
        async with app.run_test(size=(140, 40)) as pilot:
            one = Real(app, pilot, desk)
            await pilot.pause()
            assert "1 / 8" in one.notice
            assert "Space" in one.notice
            await one.press("space")
            assert "2 / 8" in one.notice
            await one.press("tab")
            if not one.work.composer.text:
                await one.type("ok")
            await one.press("enter")
            await one.press("ctrl+z")
            assert app.tour is not None
            assert app.tour.place == 4
            await one.press("escape", "/")
            await one.type("tk")
            await one.press("enter", "escape", "x", "escape", "o", "?")
            await one.press("escape")
            assert app.tour.over
            assert app.tour.place == len(STEPS)
            assert f"{app.tour.keys} 键" in one.notice
            await one.press("g", "h")
            assert app.is_running
    assert not folder.exists(), "nothing is left of it"


async def test_the_workstation_leaves_for_it(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "h")
        assert one.app.return_value == "tour"


async def test_it_is_offered_in_the_first_run_alone(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "settings.toml"
    with practice_desk("zh") as desk:
        for run in (1, 2):
            chosen, _ = settings.load(file)
            app = KefuApp(desk, theme="dark", lang="zh", settings=chosen, settings_file=file)
            async with app.run_test(size=(80, 24)) as pilot:
                one = Real(app, pilot, desk)
                await pilot.pause()
                assert ("两分钟" in one.notice) == (run == 1)
                await one.press("down")
                assert ("两分钟" in one.notice) == (run == 1), "a key does not take it away"
