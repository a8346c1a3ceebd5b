"""The shop in the pictures: a real backend and real desks, with an evening of customers played in a few seconds."""

import json
import os
import pathlib
import tomllib
from typing import Any

import httpx

from kefu_tui.backend.accounts import add_user
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.channels_admin import add_channel
from kefu_tui.backend.serve import Running, start_in_thread
from kefu_tui.backend.service import Settings
from kefu_tui.channels.webhook import sign
from kefu_tui.config import box
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.level import sync_once
from kefu_tui.ids import Ids
from kefu_tui.now import MINUTE, SECOND, system_now
from kefu_tui.operations import Refusal
from kefu_tui.operations.order import ImportOrders, Line, Parcel, ShopOrder
from kefu_tui.operations.service_policy import SetPolicy

HERE = pathlib.Path(__file__).parent
PASSWORD = "only for pictures"
CHANNEL = "app"
"""The channel by which customers with a tier come: the chat page knows none."""
PLAYING = 12 * SECOND
"""How long the play may take: its last moment is this far ahead when it begins."""


class Shop:
    """Plays `shop.<lang>.toml`: each line there at its minute before now, through HTTP and through desks."""

    def __init__(self, folder: pathlib.Path, lang: str) -> None:
        self.folder, self.lang = folder, lang
        self.play: dict[str, Any] = tomllib.loads((HERE / f"shop.{lang}.toml").read_text(encoding="utf-8"))
        os.environ.update(KEFU_STORE_KEY="pictures", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
        self._at: int | None = None
        self._running: Running | None = None
        self._port = 0
        self.open()
        self._furnish()

    def now(self) -> int:
        """The moment of the play, then the machine's own."""
        return self._at if self._at is not None else system_now()

    def open(self) -> None:
        """The backend answers, always at the same address."""
        settings = Settings(data_dir=self.folder / "backend")
        service = prepare(settings.data_dir, self.now, Ids(self.now), settings=settings, say=lambda line: None)
        self._running = start_in_thread(service, port=self._port)
        self.url = self._running.url
        self._port = int(self.url.rpartition(":")[2])

    def close(self) -> None:
        """The cable is cut."""
        if self._running is not None:
            self._running.stop()
            self._running.service.close()
            self._running = None

    def home(self, login: str) -> pathlib.Path:
        """The folder of an agent's desk."""
        return self.folder / login

    def desk(self, login: str) -> Desk:
        """An agent's desk, open; close its store."""
        home = Home(self.home(login), self.now)
        return open_desk(home, home.open_store(), self.lang)

    def _furnish(self) -> None:
        assert self._running is not None
        service = self._running.service
        policy = tomllib.loads(box("policies", "standard.toml").read_text(encoding="utf-8"))
        policy["shift"] = {"daily": ["00:00-24:00"]}  # pictures are taken at any hour
        service.commits.run(SetPolicy(name="pictures", body=json.dumps(policy, default=str)), service.ids())
        self._secret = add_channel(service, CHANNEL, "webhook")
        end = system_now() + PLAYING
        first = min(line["at"] for customer in self.play["customer"] for line in customer["line"])
        self._at = end + int((first - 1) * MINUTE)
        for agent in self.play["agent"]:
            add_user(service, agent["login"], "agent", (), PASSWORD, name=agent["name"])
            Home(self.home(agent["login"]), self.now).sign_in(self.url, agent["login"], PASSWORD, self.lang)
        Evening(self, self._secret, end).go()
        self._at = None

    def moment(self, at: int) -> None:
        """The play goes on to this moment (µs UTC)."""
        self._at = at


class Evening:
    """One run of the play: customers by HTTP, agents by their desks, everything in the order of time."""

    def __init__(self, shop: Shop, secret: str, end: int) -> None:
        self.shop, self.secret, self.end = shop, secret, end
        self.desks = {agent["login"]: shop.desk(agent["login"]) for agent in shop.play["agent"]}
        self.http = httpx.Client(base_url=shop.url, trust_env=False, timeout=20)
        self.conversations: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.sent = 0

    def go(self) -> None:
        """Plays it all."""
        customers = self.shop.play["customer"]
        numbers = {one["name"]: [order["no"] for order in one.get("order", [])] for one in customers}
        for customer in customers:
            self._order(customer, self._enter(customer))
        lines = sorted(((line["at"], one, line) for one in customers for line in one["line"]), key=lambda told: told[0])
        for at, customer, line in lines:
            self.shop.moment(self.end + int(at * MINUTE))
            text = line.get("text", "").replace("{order}", (numbers[customer["name"]] or [""])[0])
            if "by" in line:
                self._act(line, customer["name"], text)
            else:
                self._write(customer, text)
        for desk in self.desks.values():
            sync_once(desk)
            desk.store.close()
        self.http.close()

    def _enter(self, customer: dict[str, Any]) -> str:
        """How the shop knows a customer: by its visitor on the chat page, or by the channel's own name for it."""
        if "tier" in customer:
            return str(customer["name"])
        asked = {"name": customer["name"], "locale": self.shop.lang}
        told = self.http.post("/chat/v1/visitors", json=asked).raise_for_status().json()
        self.tokens[customer["name"]] = told["token"]
        return str(told["visitor_id"])

    def _order(self, customer: dict[str, Any], buyer: str) -> None:
        orders = tuple(self._shop_order(order, buyer) for order in customer.get("order", []))
        if orders:
            desk = next(iter(self.desks.values()))
            sync_once(desk)
            _done(desk.do(ImportOrders(orders=orders)).result())
            sync_once(desk)

    def _shop_order(self, order: dict[str, Any], buyer: str) -> ShopOrder:
        lines = tuple(Line(title=title, price=price, quantity=quantity) for title, price, quantity in order["items"])
        total = sum(line.price * line.quantity for line in lines)
        placed = self.end - int(order["placed"] * 60 * MINUTE)
        parcels: tuple[Parcel, ...] = ()
        if "carrier" in order:
            trace = tuple((self.end - int(hours * 60 * MINUTE), text) for hours, text in order["trace"])
            parcels = (
                Parcel(
                    carrier=order["carrier"], tracking_no=order["tracking"], status=order["parcel"], trace=trace,
                    updated_at=trace[-1][0],
                ),
            )  # fmt: skip
        return ShopOrder(
            order_no=order["no"], status=order["status"], total=total, paid=total, placed_at=placed, buyer=buyer,
            shop=self.shop.play["shop"], paid_at=placed + 2 * MINUTE, lines=lines, parcels=parcels,
        )  # fmt: skip

    def _write(self, customer: dict[str, Any], text: str) -> None:
        self.sent += 1
        if "tier" in customer:
            told = self._signed(
                {"external_id": customer["name"], "name": customer["name"], "tier": customer["tier"]}, text
            )
        else:
            token = {"Authorization": f"Bearer {self.tokens[customer['name']]}"}
            told = self.http.post("/chat/v1/messages", json={"client_id": str(self.sent), "text": text}, headers=token)
        self.conversations[customer["name"]] = told.raise_for_status().json()["conversation_id"]

    def _signed(self, customer: dict[str, str], text: str) -> httpx.Response:
        """A message by the channel, signed as Standard Webhooks say."""
        id, seconds = f"m{self.sent}", self.shop.now() // SECOND
        told = {"message_id": id, "customer": customer, "text": text, "sent_at": "2026-01-01T00:00:00Z"}
        body = json.dumps(told, ensure_ascii=False)
        stamp = {
            "webhook-id": id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(self.secret, id, seconds, body),
        }
        return self.http.post(f"/intake/v1/{CHANNEL}/messages", content=body.encode(), headers=stamp)

    def _act(self, line: dict[str, Any], name: str, text: str) -> None:
        desk, id = self.desks[line["by"]], self.conversations[name]
        sync_once(desk)
        verb = line.get("verb", "reply")
        if verb == "reply":
            head = desk.head(id)
            if head is None or not head.mine:
                _done(desk.take(id).result())
            _done(desk.reply(id, text).result())
        elif verb == "note":
            _done(desk.note(id, text).result())
        elif verb == "tag":
            _done(desk.tag(id, text).result())
        elif verb == "resolve":
            _done(desk.resolve(id).result())
        sync_once(desk)


def both_answer_offline(shop: Shop, name: str, replies: dict[str, str]) -> None:
    """The cable is cut; every agent takes the same customer and answers; back online the first to sync has it.

    The last agent's reply is held then: a colleague was first.
    """
    shop.close()
    for login, text in replies.items():
        desk = shop.desk(login)
        id = next(row.id for row in desk.queue_rows(desk.queue_ids("all")) if row.name == name)
        _done(desk.take(id).result())
        _done(desk.reply(id, text).result())
        desk.store.close()
    shop.open()
    for login in replies:
        desk = shop.desk(login)
        sync_once(desk)
        desk.store.close()


def _done(outcome: object) -> None:
    if isinstance(outcome, Refusal):
        raise RuntimeError(outcome.say("en"))
