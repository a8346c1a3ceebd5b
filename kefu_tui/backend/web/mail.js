// Talks to the shop: sends what was written, once and in order, and fetches what came.

import { freshId, keep, recall } from "/web/keep.js";

const QUICK = 5000; // a stream closed sooner than this was cut by something in between
const SILENCE = 45000; // no byte for this long: the connection is dead
const POLL = { shown: 3000, hidden: 20000, for: 60000 };

class Lost extends Error {} // the shop was not reached, or could not answer now

export class Mail {
  constructor(changed) {
    this.changed = changed;
    this.lines = []; // what the shop has, in its order
    this.queue = recall("queue", []).map((item) => ({ ...item, state: item.state === "failed" ? "failed" : "sending" }));
    this.token = recall("token", null);
    this.silent = recall("silent", false); // came in and has not written
    this.beginning = null;
    this.rate = null; // the conversation that is over and may be rated
    this.thanked = false;
    this.reached = true;
    this.delay = 0;
    this.flushing = false;
    this.fetching = null;
    this.wakers = new Set();
  }

  start() {
    for (const event of ["online", "offline"]) {
      addEventListener(event, () => {
        this.wake();
        this.changed();
      });
    }
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.wake();
      this.fetch().catch(() => {}); // the stream may have died in its sleep; the notice says when the shop is away
    });
    this.listen();
    this.flush();
  }

  get last() {
    return this.lines.length ? this.lines[this.lines.length - 1].position : 0;
  }

  // Whether nothing was written here yet: then a name may still be told.
  get fresh() {
    return !this.queue.length && (!this.token || this.silent);
  }

  // Messages on their way: those the shop already shows are left out, also while its answer is still missing.
  get pending() {
    const arrived = new Set(this.lines.map((line) => line.message_id));
    const loose = this.lines.filter((line) => line.from === "customer");
    return this.queue.filter((item) => {
      if (item.message_id) return !arrived.has(item.message_id);
      const at = loose.findIndex((line) => line.position > item.after && line.text === item.text);
      if (at >= 0) loose.splice(at, 1);
      return at < 0;
    });
  }

  // Tells the shop that somebody came in. Where that fails nobody is greeted, and nothing else is different.
  async enter(locale) {
    try {
      for (let known = Boolean(this.token); ; known = false) {
        if (!this.token) {
          this.hush(true);
          await this.begin({ locale });
        }
        const token = this.token;
        const headers = { Authorization: `Bearer ${token}` };
        const signal = AbortSignal.timeout(20000);
        const answer = await fetch("/chat/v1/entered", { method: "POST", headers, cache: "no-store", signal });
        if (answer.status === 401) this.forget(token);
        if (answer.status !== 401 || !known) break;
      }
    } catch {
      if (!this.queue.length) this.reach(true); // what they write will tell whether the shop is there
    }
  }

  hush(silent) {
    this.silent = silent;
    keep("silent", silent || null);
  }

  write(text, name, locale) {
    this.hush(false);
    this.queue.push({ client_id: freshId(), text, at: Date.now(), after: this.last, state: "sending", name, locale });
    this.save();
    this.flush();
  }

  retry(item) {
    item.state = "sending";
    this.delay = 0;
    this.save();
    this.wake();
    this.flush();
  }

  discard(item) {
    this.queue = this.queue.filter((other) => other !== item);
    this.save();
  }

  save() {
    keep("queue", this.queue);
    this.changed();
  }

  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let item; (item = this.queue.find((one) => one.state === "sending")); ) {
        try {
          await this.post(item);
          this.delay = 0;
        } catch (error) {
          if (!(error instanceof Lost)) throw error;
          this.delay = Math.min(15000, Math.max(500, this.delay * 2));
          await this.pause(error.wait || this.delay * (0.5 + Math.random() / 2));
        }
      }
    } finally {
      this.flushing = false;
    }
  }

  async post(item) {
    if (!this.token) await this.begin(item);
    const token = this.token;
    const answer = await this.ask("/chat/v1/messages", { client_id: item.client_id, text: item.text, name: item.name || "" });
    if (answer.ok) {
      item.message_id = (await answer.json()).message_id;
      item.state = "sent";
      this.save();
      await this.fetch();
    } else if (answer.status === 401) {
      this.forget(token);
    } else {
      item.state = "failed";
      item.status = answer.status;
    }
    this.save();
  }

  // How a conversation was that is over; where the shop was not reached, the question stays.
  async score(score, comment) {
    try {
      const answer = await this.ask("/chat/v1/scores", { conversation_id: this.rate, score, comment });
      this.thanked = answer.ok;
      this.rate = null;
      this.changed();
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
  }

  // Begins as a new visitor, once, whoever asks for it first.
  begin(item) {
    this.beginning ??= this.welcome(item).finally(() => (this.beginning = null));
    return this.beginning;
  }

  async welcome(item) {
    const answer = await this.ask("/chat/v1/visitors", { name: item.name || "", locale: item.locale || "" });
    if (!answer.ok) throw new Lost();
    this.token = (await answer.json()).token;
    keep("token", this.token);
    this.wake();
  }

  // The shop does not know this token any more: begin anew, with what is still unsent.
  forget(token) {
    if (token !== this.token) return;
    this.token = null;
    keep("token", null);
    this.lines = [];
    for (const item of this.queue) item.after = 0;
  }

  // One request; throws Lost where trying again helps, and says so on the page.
  async ask(path, body, signal) {
    const headers = { Accept: "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body) headers["Content-Type"] = "application/json";
    let answer;
    try {
      const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
      answer = await fetch(path, { ...options, headers, cache: "no-store", signal: signal || AbortSignal.timeout(20000) });
    } catch {
      this.reach(false);
      throw new Lost();
    }
    const later = answer.status === 429 || answer.status === 408 || answer.status >= 500;
    this.reach(answer.status < 500);
    if (later) {
      const lost = new Lost();
      lost.wait = Number(answer.headers.get("Retry-After")) * 1000;
      throw lost;
    }
    return answer;
  }

  reach(reached) {
    if (this.reached === reached) return;
    this.reached = reached;
    this.changed();
    if (reached) this.wake();
  }

  // Everything that is new; a call during a fetch is answered by one more.
  fetch() {
    this.again = true;
    this.fetching ??= this.fetchAll().finally(() => {
      this.fetching = null;
      return this.again && this.token ? this.fetch() : null;
    });
    return this.fetching;
  }

  async fetchAll() {
    while (this.again && this.token) {
      this.again = false;
      const token = this.token;
      const answer = await this.ask(`/chat/v1/messages?after=${this.last}`);
      if (token !== this.token) return;
      if (answer.status === 401) this.forget(token);
      if (!answer.ok) return this.changed();
      const told = await answer.json();
      const found = told.messages.filter((line) => line.position > this.last);
      if (this.rate !== told.rate) {
        this.thanked &&= !told.rate;
        this.rate = told.rate;
        this.changed();
      }
      this.lines.push(...found);
      this.again ||= found.length > 0;
      if (found.length) this.settle();
    }
  }

  // What the shop shows needs no keeping any more.
  settle() {
    const arrived = new Set(this.lines.map((line) => line.message_id));
    this.queue = this.queue.filter((item) => !arrived.has(item.message_id));
    this.save();
  }

  // Hears of news for ever: by the stream, or where something cuts it, by asking now and then.
  async listen() {
    let quick = 0;
    let wait = 500;
    for (;;) {
      if (!this.token) {
        await this.pause(1e9);
        continue;
      }
      const began = Date.now();
      try {
        if (quick < 3) await this.stream();
        else await this.poll();
        wait = 500;
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        wait = Math.min(15000, wait * 2);
      }
      quick = quick < 3 && this.reached && Date.now() - began < QUICK ? quick + 1 : 0;
      await this.pause(wait * (0.5 + Math.random() / 2));
    }
  }

  async stream() {
    await this.fetch();
    const token = this.token;
    const cut = new AbortController();
    let silence = setTimeout(() => cut.abort(), SILENCE);
    try {
      const answer = await this.ask("/chat/v1/events", null, cut.signal);
      if (answer.status === 401) return this.forget(token);
      if (!answer.ok) return;
      await this.fetch(); // what came between the first fetch and the stream
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let heard = ""; ; ) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => cut.abort(), SILENCE);
        heard += value; // a proxy may cut an event in two
        if (heard.includes("event: poke")) await this.fetch();
        heard = heard.includes("event: poke") ? "" : heard.slice(-20);
      }
    } catch (error) {
      if (error instanceof Lost) throw error;
      this.reach(navigator.onLine); // cut off; the next request tells whether the shop is there
    } finally {
      clearTimeout(silence);
      cut.abort();
    }
  }

  async poll() {
    for (const end = Date.now() + POLL.for; Date.now() < end; ) {
      await this.fetch();
      await this.pause(document.hidden ? POLL.hidden : POLL.shown);
    }
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(milliseconds, 2 ** 31 - 1));
      this.wakers.add(wake);
    });
  }

  wake() {
    for (const wake of [...this.wakers]) wake();
  }
}
