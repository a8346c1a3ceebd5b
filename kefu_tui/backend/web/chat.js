// The chat page: draws the conversation, takes what is written. Texts from outside only ever become text nodes.

import { keep, recall } from "/web/keep.js";
import { Mail } from "/web/mail.js";
import { LIMIT, clock, day, switchLanguage, words } from "/web/words.js";

const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const mail = new Mail(() => draw());
const NEAR = 80; // pixels from the end that still count as the end
const TOGETHER = 5 * 60 * 1000; // lines of one party within this time stand together
const PATIENCE = 700; // a message may take this long before the page says that it is being sent

let unseen = 0;
let drawn = 0;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function length(text) {
  return [...text].length;
}

// What stands in the thread, in order: days, lines of the shop, messages on their way.
function entries() {
  const found = [];
  let previous = null;
  const stand = (entry, at, party) => {
    const date = day(at);
    if (previous ? previous.date !== date : date !== words().today) {
      found.push({ key: `day ${date}`, day: date });
      previous = null;
    }
    entry.opens = !previous || previous.party !== party || at - previous.at > TOGETHER;
    previous = { date, at, party };
    found.push(entry);
  };
  for (const line of mail.lines) {
    const at = new Date(line.sent_at);
    stand({ key: line.message_id, party: line.from, text: line.text, at }, at, line.from);
  }
  for (const item of mail.pending) {
    const at = new Date(item.at);
    const slow = Date.now() - item.at > PATIENCE;
    const mark = item.state === "failed" ? "failed" : !mail.reached ? "waiting" : slow ? "sending" : "";
    stand({ key: item.message_id || item.client_id, party: "customer", text: item.text, at, item, mark }, at, "customer");
  }
  return found;
}

function drawEntry(entry) {
  if (entry.day) return element("li", "day", entry.day);
  if (entry.party === "system") return element("li", "system", entry.text);
  const line = element("li", `line ${entry.party}`);
  line.classList.toggle("opens", entry.opens);
  line.classList.toggle("pending", Boolean(entry.item));
  line.classList.toggle("failed", entry.mark === "failed");
  const who = element("p", entry.opens ? "who" : "heard");
  who.append(element("b", "", words().party[entry.party]), ` ${clock(entry.at)}`);
  const said = element("p", "said", entry.text);
  said.dir = "auto";
  line.append(who, said);
  if (entry.mark) line.append(drawMark(entry));
  return line;
}

function drawMark({ item, mark }) {
  const shown = element("p", "mark");
  const reason = mark === "failed" && words().refused[item.status];
  shown.append(element("span", "", reason || words()[mark]));
  if (mark === "failed") {
    for (const [name, act] of [["retry", () => mail.retry(item)], ["discard", () => mail.discard(item)]]) {
      if (name === "retry" && reason) continue; // the same text would be refused again
      const button = element("button", "", words()[name]);
      button.type = "button";
      button.addEventListener("click", act);
      shown.append(button);
    }
  }
  return shown;
}

function draw() {
  const atEnd = part.thread.scrollHeight - part.thread.scrollTop - part.thread.clientHeight < NEAR;
  const there = new Map([...part.lines.children].map((child) => [child.dataset.key, child]));
  let next = part.lines.firstElementChild;
  for (const entry of entries()) {
    const face = JSON.stringify([entry.opens, Boolean(entry.item), entry.mark, entry.text, document.documentElement.lang]);
    let child = there.get(entry.key);
    there.delete(entry.key);
    if (!child || child.dataset.face !== face) {
      const made = drawEntry(entry);
      made.dataset.key = entry.key;
      made.dataset.face = face;
      if (child) {
        if (child === next) next = made;
        child.replaceWith(made);
      }
      child = made;
    }
    if (child === next) next = next.nextElementSibling;
    else part.lines.insertBefore(child, next);
  }
  for (const child of there.values()) child.remove();
  drawNews(atEnd);
  drawRating();
  drawComposer();
}

function drawNews(atEnd) {
  const fresh = mail.lines.slice(drawn).filter((line) => line.from !== "customer").length;
  const own = mail.pending.length > 0 && drawn === 0;
  const first = drawn === 0 && mail.lines.length > 0;
  drawn = mail.lines.length;
  if (fresh && !first && (document.hidden || !atEnd)) unseen += fresh;
  if (atEnd || own || first) toEnd();
  part.newer.hidden = !unseen || atEnd;
  part.newer.textContent = words().newer(unseen);
  document.title = document.hidden && unseen ? `(${unseen}) ${words().title}` : words().title;
  part.welcome.hidden = mail.lines.length + mail.queue.length > 0;
}

function toEnd() {
  part.thread.scrollTop = part.thread.scrollHeight;
  if (!document.hidden) unseen = 0;
}

function drawComposer() {
  const trouble = !navigator.onLine ? words().offline : !mail.reached ? words().busy : "";
  part.notice.hidden = !trouble;
  if (part.notice.textContent !== trouble) part.notice.textContent = trouble;
  part.naming.hidden = !mail.fresh;
  const written = length(part.text.value);
  const over = written > LIMIT;
  part.count.textContent = over ? words().over(written) : written > LIMIT * 0.9 ? words().count(written) : "";
  part.count.classList.toggle("over", over);
  part.text.setAttribute("aria-invalid", String(over));
  part.send.disabled = over || !part.text.value.trim();
}

// A conversation that is over may be rated once: five buttons, and a word if they like.
function drawRating() {
  const asks = Boolean(mail.rate) && !mail.pending.length;
  part.rating.hidden = !asks && !mail.thanked;
  part.scores.hidden = !asks;
  part.comment.parentElement.hidden = !asks;
  part["rating-ask"].textContent = asks ? words().rate : words().thanks;
}

function drawScores() {
  part.scores.replaceChildren(
    ...[1, 2, 3, 4, 5].map((score) => {
      const button = element("button", "", words().score[score - 1]);
      button.type = "button";
      button.value = score;
      button.addEventListener("click", () => mail.score(score, part.comment.value.trim()));
      return button;
    }),
  );
}

part.rating.addEventListener("submit", (event) => event.preventDefault());

function drawWords() {
  const said = words();
  document.documentElement.lang = said.tag;
  part.title.textContent = said.title;
  part.language.textContent = said.other;
  part.language.lang = said.otherTag;
  part.greeting.textContent = said.greeting;
  part.promise.textContent = said.promise;
  part.lines.setAttribute("aria-label", said.log);
  part["name-label"].textContent = said.name;
  part["text-label"].textContent = said.text;
  part.text.placeholder = said.placeholder;
  part.send.textContent = said.send;
  part.hint.textContent = said.hint;
  part["comment-label"].textContent = said.comment;
  part.comment.placeholder = said.comment;
  drawScores();
  draw();
}

// The field is as high as its text, up to what the style allows.
function fit() {
  part.text.style.height = "auto";
  part.text.style.height = `${part.text.scrollHeight}px`;
}

function send() {
  const text = part.text.value;
  if (!text.trim() || length(text) > LIMIT) return;
  part.text.value = "";
  keep("draft", null);
  fit();
  mail.write(text, part.name.value.trim(), document.documentElement.lang);
  toEnd();
  part.text.focus();
  setTimeout(draw, PATIENCE + 50);
}

part.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

part.text.addEventListener("keydown", (event) => {
  // 229: an input method is at work; Enter then chooses a word and does not send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  send();
});

part.name.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  part.text.focus();
});

part.text.addEventListener("input", () => {
  keep("draft", part.text.value || null);
  fit();
  drawComposer();
});

part.thread.addEventListener("scroll", () => {
  if (!unseen || part.thread.scrollHeight - part.thread.scrollTop - part.thread.clientHeight >= NEAR) return;
  unseen = 0;
  drawNews(true);
});

part.newer.addEventListener("click", () => {
  toEnd();
  drawNews(true);
});

part.language.addEventListener("click", () => {
  switchLanguage();
  drawWords();
});

// Now, or as soon as somebody looks: a page that was only loaded in the background is no visitor.
function whenSeen(act) {
  if (!document.hidden) act();
  else document.addEventListener("visibilitychange", () => whenSeen(act), { once: true });
}

document.addEventListener("visibilitychange", draw);
new ResizeObserver(() => unseen || toEnd()).observe(part.thread);

part.text.value = recall("draft", "") || "";
drawWords();
fit();
mail.start();
whenSeen(() => document.body.classList.contains("greets") && mail.enter(document.documentElement.lang));
if (matchMedia("(hover: hover)").matches) part.text.focus();
