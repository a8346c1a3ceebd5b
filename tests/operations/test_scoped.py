"""Who may write what belongs to the company, a group or an agent: canned replies, macros, saved views."""

import pytest

from kefu_tui.model.rows import Macro
from kefu_tui.model.sql import Reader
from kefu_tui.operations import Basis, Context, Operation, Refusal, View
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.macro import RemoveMacro, SaveMacro
from kefu_tui.operations.saved_view import RemoveSavedView, SaveSavedView
from tests.operations.rows import NOW, Cast


def saving(noun: str, scope: str, scope_id: str | None, name: str = "催件") -> Operation:
    if noun == "canned":
        return SaveCanned(
            canned_id="x", title=name, text="您好", stage="greet", scenario="greeting", scope=scope, scope_id=scope_id
        )
    if noun == "macro":
        return SaveMacro(macro_id="x", name=name, steps="[]", scope=scope, scope_id=scope_id)
    return SaveSavedView(view_id="x", name=name, filter="tag:急", scope=scope, scope_id=scope_id)


REMOVING = {
    "canned": RemoveCanned(canned_id="x"),
    "macro": RemoveMacro(macro_id="x"),
    "view": RemoveSavedView(view_id="x"),
}
MAY = {
    ("agent", "mei"): {"mei", "boss"},
    ("group", "one"): {"lao", "boss"},
    ("group", "two"): {"boss"},
    ("company", None): {"lao", "boss"},
}


@pytest.mark.parametrize("noun", REMOVING)
@pytest.mark.parametrize("who", ["mei", "lin", "lao", "far", "boss", "eye"])
@pytest.mark.parametrize(("scope", "scope_id"), MAY)
def test_who_may_save_and_remove(noun: str, who: str, scope: str, scope_id: str | None) -> None:
    cast = Cast()
    outcome, view = cast.run(saving(noun, scope, scope_id), who)
    if who in MAY[scope, scope_id]:
        assert outcome.status == "applied"
    else:
        assert (outcome, view.written) == (Refusal("forbidden"), {})
    cast.commit(saving(noun, scope, scope_id), "boss")
    outcome, _ = cast.run(REMOVING[noun], who)
    assert (outcome == Refusal("forbidden")) is (who not in MAY[scope, scope_id])


@pytest.mark.parametrize("noun", REMOVING)
def test_nobody_makes_a_colleagues_theirs_by_saving_it(noun: str) -> None:
    cast = Cast()
    cast.commit(saving(noun, "agent", "mei"), "mei")
    assert cast.run(saving(noun, "agent", "lin"), "lin")[0] == Refusal("forbidden")


@pytest.mark.parametrize("noun", REMOVING)
def test_the_same_again_is_nothing_and_what_is_gone_stays_gone(noun: str) -> None:
    cast = Cast()
    cast.commit(saving(noun, "agent", "mei"), "mei")
    assert cast.run(saving(noun, "agent", "mei"), "mei")[0].status == "noop"
    cast.commit(REMOVING[noun], "mei")
    assert cast.run(REMOVING[noun], "mei")[0].status == "noop"


@pytest.mark.parametrize("noun", REMOVING)
def test_what_somebody_else_edited_first_is_not_overwritten(noun: str) -> None:
    cast = Cast()
    cast.commit(saving(noun, "company", None), "lao")
    cast.connection.execute(
        f"UPDATE {'canned_reply' if noun == 'canned' else 'saved_view' if noun == 'view' else noun} SET version = 7"
    )
    changed = saving(noun, "company", None, "物流")
    assert cast.run(changed, "lao", basis=Basis(version=6))[0] == Refusal("stale-version")
    assert cast.run(changed, "lao", basis=Basis(version=7))[0].status == "applied"


@pytest.mark.parametrize("noun", ["macro", "view"])
def test_a_name_is_needed_and_has_its_length(noun: str) -> None:
    cast = Cast()
    assert cast.run(saving(noun, "agent", "mei", " "), "mei")[0] == Refusal("empty")
    assert cast.run(saving(noun, "agent", "mei", "长" * 41), "mei")[0].code == "too-long"


def test_undo_of_an_edit_brings_the_macro_back_as_it_was() -> None:
    cast = Cast()
    cast.commit(saving("macro", "agent", "mei"), "mei")
    changed = saving("macro", "agent", "mei", "物流")
    back = changed.inverse(View(Reader(cast.connection)), Context(cast.actor("mei"), NOW, "op", Basis()))
    cast.commit(changed, "mei")
    assert cast.get(Macro, "x").name == "物流"
    assert back is not None
    cast.commit(back, "mei")
    assert cast.get(Macro, "x").name == "催件"
