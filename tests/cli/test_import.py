"""Orders and canned replies from files: any encoding, a preview, an error file, all or nothing."""

import csv
import json
import pathlib
import subprocess
import sys

import pytest

from tests.cli.program import Kefu

HEADER = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,收货地址 ,订单创建时间,订单付款时间 ,宝贝标题 ,物流单号 ,物流公司"
SHIPPED = (
    '="126036803257340376",小王,128.00元,128.00,"卖家已发货，等待买家确认",上海,2016/5/23 22:02,2016/5/23 22:03,'
    "气泡水,No:SF1385628716739,顺丰"
)
UNPAID = "126036803257340377,小李,21,0,等待买家付款,浙江省,2020-02-21 00:00:00,,=HYPERLINK(1),,"
REAL = pathlib.Path(__file__).parents[3] / "shared" / "data" / "orders" / "tmall_order_report.csv"


def table(path: pathlib.Path, *rows: str, encoding: str = "gb18030") -> str:
    path.write_text("\r\n".join([HEADER, *rows]) + "\r\n", encoding=encoding)
    return str(path)


@pytest.fixture
def export(tmp_path: pathlib.Path) -> str:
    """A platform's export in GBK."""
    return table(tmp_path / "orders.csv", SHIPPED, UNPAID)


def test_export_in_gbk(desk: Kefu, export: str) -> None:
    told = desk.ok("import", "orders", export, "--shop", "花舍")
    assert (told["orders"], told["errors"], told["encoding"], told["status"]) == (2, 0, "gb18030", "applied")
    order = desk.ok("order", "show", "SF1385628716739")
    assert order["order_no"] == "126036803257340376"
    assert (order["total"], order["currency"], order["status"]) == ("128.00", "CNY", "shipped")
    assert order["placed_at"] == "2016-05-23T22:02:00+08:00"
    assert order["parcels"][0]["carrier"] == "顺丰"
    assert desk.ok("import", "orders", export, "--shop", "花舍")["status"] == "noop"
    assert desk.ok("sync", "--status")["pending"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_encodings(desk: Kefu, tmp_path: pathlib.Path, encoding: str) -> None:
    path = table(tmp_path / "orders.csv", UNPAID, encoding=encoding)
    assert desk.ok("import", "orders", path)["orders"] == 1
    assert desk.ok("order", "show", "126036803257340377")["province"] == "浙江省"


def test_preview_changes_nothing(desk: Kefu, export: str) -> None:
    told = desk.ok("import", "orders", export, "--preview")
    assert [one["order_no"] for one in told["first"]] == ["126036803257340376", "126036803257340377"]
    assert desk.ok("order", "find", "1260368") == []
    shown = desk("import", "orders", export, "--preview", "-o", "table")
    assert "126036803257340376" in shown.out
    assert "nothing was imported" in shown.err


def test_rows_that_cannot_be_taken_go_to_a_file_that_can_be_mended(desk: Kefu, tmp_path: pathlib.Path) -> None:
    bad = "126036803257340378,小张,many,0,等待买家付款,北京,2020-02-21 00:00:00,,=1+1,,"
    path = table(tmp_path / "orders.csv", UNPAID, bad)
    answer = desk("import", "orders", path)
    assert answer.code == 0
    assert answer.data["errors"] == 1
    assert "line 3" in answer.err
    place = pathlib.Path(answer.data["errors_file"])
    assert place == tmp_path / "orders.errors.csv"
    assert place.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(place.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:4] == ["line", "column", "message", "订单编号"]
    assert rows[1][0] == "3"
    assert "many" in rows[1][2]
    assert "'=1+1" in rows[1]
    assert [one["order_no"] for one in desk.ok("order", "find", "1260368032573403")] == ["126036803257340377"]
    place.write_text(place.read_text(encoding="utf-8-sig").replace(",many,", ",12,"), encoding="utf-8-sig")
    assert desk.ok("import", "orders", str(place))["orders"] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "header"),
        (b"name,age\nanna,3\n", "orders.csv"),
        (HEADER.encode() + b"\n", "no order"),
        (HEADER.encode() + b"\n,,,,,,,,,,\n1,a,x,x,x,x,x,x,x,x,x\n", "no order"),
        (b"PK\x03\x04rest", "Excel"),
        (HEADER.encode() + b'\n"' + b"x" * 200_000 + b'"\n', "line 2"),
    ],
)
def test_files_that_are_none(desk: Kefu, tmp_path: pathlib.Path, content: bytes, told: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    answer = desk("-q", "import", "orders", str(path)).refused(1, told)
    assert str(path) in answer.err
    assert desk.ok("sync", "--status")["pending"] == 0


def test_wrong_names(desk: Kefu, tmp_path: pathlib.Path, export: str) -> None:
    desk("import", "orders", str(tmp_path / "none.csv")).refused(1, "none.csv")
    desk("import", "orders", str(tmp_path)).refused(1, "not a file")
    desk("import", "orders", export, "--encoding", "klingon").refused(2, "klingon")
    desk("import", "orders", export, "--encoding", "utf-8").refused(1, "utf-8")


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the shared data is not here")
def test_real_export(desk: Kefu) -> None:
    told = desk.ok("import", "orders", str(REAL))
    assert (told["rows"], told["orders"], told["errors"]) == (28_010, 28_010, 0)
    assert desk.ok("order", "show", "28010")["currency"] == "CNY"


def test_ctrl_c_before_the_commit_imports_nothing(desk: Kefu, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "many.csv"
    lines = [
        f"{number},a,1.00,1.00,交易成功,上海,2020-02-21 00:00:00,,水,,," for number in range(10_000_000, 10_008_000)
    ]
    path.write_text("\n".join([HEADER + ",", *lines]), encoding="utf-8")
    # Ctrl-C at the first hundred orders: the import itself sends it.
    code = (
        "import os, signal, sys; from kefu_tui.desk import verbs; whole = verbs.do\n"
        "def do(*words):\n    os.kill(os.getpid(), signal.SIGINT); return whole(*words)\n"
        "verbs.do = do; from kefu_tui.cli.main import main\n"
        f"sys.exit(main(['--home', {str(desk.home)!r}, '-o', 'json', 'import', 'orders', {str(path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=desk.env, timeout=120)
    assert done.returncode == 130, done.stderr
    assert json.loads(done.stderr)["code"] == "interrupted"
    assert desk.ok("sync", "--status")["pending"] == 0
    assert desk.ok("order", "find", "100000") == []


class TestCanned:
    def test_add_edit_search_remove(self, desk: Kefu) -> None:
        added = desk.ok(
            "canned", "add", "--title", "七夕活动", "--text", "{{ customer.name }}，您好", "--shortcut", "qxhd"
        )
        assert added["status"] == "applied"
        id = added["id"]
        for query in ("七夕", "qixi", "qxhd"):
            assert id in [one["id"] for one in desk.ok("canned", "search", query)]
        assert desk.ok("canned", "show", "qxhd")["scope"] == "agent"
        desk.ok("canned", "edit", id[-8:], "--title", "双十一", "--text", "-", input="新的话\n")
        told = desk.ok("canned", "show", id)
        assert (told["title"], told["text"], told["shortcut"]) == ("双十一", "新的话", "qxhd")
        assert id in [one["id"] for one in desk.ok("canned", "search", "shuangshiyi")]
        assert desk.ok("canned", "remove", id)["status"] == "applied"
        desk("canned", "show", id).refused(1, id)
        desk.ok("undo")
        assert desk.ok("canned", "show", id)["title"] == "双十一"

    def test_agents_do_not_write_for_the_company(self, desk: Kefu) -> None:
        first = desk.ok("canned", "list", "--limit", "1")[0]
        assert first["scope"] == "company"
        desk("canned", "edit", first["id"], "--title", "x").refused(1, "Not allowed")
        desk("canned", "add", "--title", "x", "--text", "y", "--scope", "company").refused(1, "Not allowed")
        desk("canned", "add", "--title", "x", "--text", " ").refused(1)

    def test_render(self, desk: Kefu) -> None:
        told = next(told for row in desk.ok("queue", "--limit", "0") if (told := desk.ok("show", row["id"]))["orders"])
        id = desk.ok("canned", "add", "--title", "一", "--text", "{{ customer.name }}：{{ order.no }}")["id"]
        filled = desk.ok("canned", "render", id, told["id"])
        assert (
            filled["text"] == f"{told['customer']}：{told['orders'][0]['order_no']}"
            or told["customer"] in filled["text"]
        )
        lacking = desk.ok("canned", "add", "--title", "二", "--text", "{{ order.nothing }}{{ ask.金额 }}")["id"]
        desk("canned", "render", lacking, told["id"]).refused(1, "order.nothing", "金额")

    def test_file_of_ours_comes_back_as_it_was(self, desk: Kefu, tmp_path: pathlib.Path) -> None:
        desk.ok(
            "canned", "add", "--title", "=1+1", "--text", '一\n二, "三"\n=四', "--shortcut", "x1", "--when", "在吗 你好"
        )
        own = [one for one in desk.ok("canned", "list") if one["scope"] == "agent"]
        file = tmp_path / "canned.csv"
        assert desk.ok("canned", "export", str(file))["replies"] == len(desk.ok("canned", "list"))
        rows = list(csv.DictReader(file.open(encoding="utf-8-sig", newline="")))
        mine = [row for row in rows if row["scope"] == "agent"]
        assert mine[0]["title"] == "'=1+1"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(mine)
        assert desk.ok("canned", "import", str(file))["status"] == "noop"
        desk.ok("canned", "remove", own[0]["id"])
        assert desk.ok("canned", "import", str(file))["replies"] == 1
        assert [one for one in desk.ok("canned", "list") if one["scope"] == "agent"] == own

    def test_file_of_qianniu(self, desk: Kefu, tmp_path: pathlib.Path) -> None:
        file = tmp_path / "quick.csv"
        file.write_text(
            "快捷短语编码,快捷短语,快捷短语分组\r\nfh,亲，今天就发货哦,物流\r\n,您好,欢迎语\r\n", encoding="gbk"
        )
        foreseen = desk.ok("canned", "import", str(file), "--preview")
        assert [(row["would"], row["line"]) for row in foreseen] == [("add", 2), ("add", 3)]
        assert "address" in foreseen[0]["why"], "亲 is no form of address"
        desk("canned", "show", "fh").refused(2)
        told = desk.ok("canned", "import", str(file))
        assert (told["replies"], told["encoding"]) == (2, "gb18030")
        assert {row["would"] for row in desk.ok("canned", "import", str(file), "--preview")} == {"same"}
        assert desk.ok("canned", "import", str(file))["status"] == "noop"
        one = desk.ok("canned", "show", "fh")
        assert (one["text"], one["scenario"], one["stage"]) == ("亲，今天就发货哦", "logistics", "answer")
        assert one["id"] in [found["id"] for found in desk.ok("canned", "search", "qjt")]
        back = tmp_path / "back.csv"
        desk.ok("canned", "export", str(back), "--form", "qianniu")
        assert back.read_bytes().startswith("快捷短语编码,快捷短语,快捷短语分组\r\n".encode("gbk"))

    def test_a_bad_row_keeps_all_out(self, desk: Kefu, tmp_path: pathlib.Path) -> None:
        file = tmp_path / "canned.csv"
        file.write_text("title,text,stage\n一,您好,greet\n二,您好,lunch\n", encoding="utf-8")
        before = desk.ok("canned", "list")
        desk("canned", "import", str(file)).refused(1, "line 3", "lunch")
        assert desk.ok("canned", "list") == before

    def test_check(self, desk: Kefu, tmp_path: pathlib.Path) -> None:
        assert desk.ok("canned", "check") == []
        file = tmp_path / "quick.csv"
        file.write_text(
            "shortcut,text,stage\nok,您好,greet\nbad,保证明天到货,answer\n,,\nno,x,nowhere\n", encoding="utf-8"
        )
        would = desk.ok("canned", "import", str(file), "--preview")
        assert [(row["would"], row["line"]) for row in would] == [("add", 2), ("add", 3), ("refuse", 5)]
        told = desk("canned", "check", str(file), "-o", "json")
        assert told.code == 1
        assert {row["rule"] for row in json.loads(told.out)} == {"promise"}
        assert "3 checked" in told.err or "2 checked" in told.err

    def test_whose(self, desk: Kefu) -> None:
        desk.ok("canned", "add", "--title", "我的", "--text", "您好", "--shortcut", "wdhs")
        assert [row["title"] for row in desk.ok("canned", "list", "--scope", "agent")] == ["我的"]
        assert [row["title"] for row in desk.ok("canned", "search", "@me")] == ["我的"]
        assert "我的" not in [row["title"] for row in desk.ok("canned", "search", "@公司", "--limit", "0")]
