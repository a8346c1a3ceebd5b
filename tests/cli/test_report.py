"""report reply-rate: the figure with its definition, on a filled desk."""

import pytest

from tests.cli.program import Kefu


@pytest.mark.parametrize("platform", ["standard", "taobao", "douyin", "kuaishou", "jd", "pinduoduo"])
def test_a_rate_with_its_definition(desk: Kefu, platform: str) -> None:
    told = desk.ok("report", "reply-rate", "--platform", platform, "--who", "group", "--day", "2026-11-26")
    assert (told["platform"], told["confirmed"]) == (platform, platform == "standard")
    assert told["source"]
    if told["in_time"] + told["late"]:
        assert told["share"] == round(told["in_time"] / (told["in_time"] + told["late"]), 4)
    else:
        assert told["share"] is None
    assert (told["target"] is None) == (told["may_be_late"] is None)


def test_it_counts_a_round_that_is_answered(desk: Kefu) -> None:
    before = desk.ok("report", "reply-rate")
    desk.ok("take")
    mine = desk.ok("queue", "--view", "mine")
    desk.ok("reply", mine[0]["id"], "您好")
    after = desk.ok("report", "reply-rate")
    assert after["waiting"] + after["in_time"] + after["late"] >= before["waiting"] + before["in_time"] + before["late"]
    desk("report", "reply-rate", "--platform", "nobody").refused(1, "nobody")
    desk("report", "reply-rate", "--day", "soon").refused(2, "soon")
    assert "3-min replies" in desk("report", "reply-rate", "-o", "table").out
