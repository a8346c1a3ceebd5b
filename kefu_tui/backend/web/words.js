// What the page says, in Chinese and English, and how it writes times.

import { keep, recall } from "/web/keep.js";

export const LIMIT = 10000;

const WORDS = {
  zh: {
    tag: "zh-CN",
    title: "在线客服",
    other: "English",
    otherTag: "en",
    greeting: "您好，有什么可以帮您？",
    promise: "客服看到就会回复。关掉页面也不要紧，回来时对话还在。",
    log: "对话",
    name: "怎么称呼您（可不填）",
    text: "消息",
    placeholder: "写下您的问题",
    send: "发送",
    hint: "Enter 发送，Shift+Enter 换行",
    newer: (count) => `${count} 条新消息`,
    count: (length) => `${figure(length)} / ${figure(LIMIT)} 字`,
    over: (length) => `多了 ${figure(length - LIMIT)} 字，请分几条发`,
    sending: "发送中",
    waiting: "等待网络",
    failed: "没发出去",
    refused: { 413: "太长，请分几条发", 422: "没有内容", 403: "没有发出，店铺不再接收" },
    retry: "重试",
    discard: "删除",
    offline: "断网了。写好的会留着，连上后自动补发。",
    busy: "暂时连不上。写好的会留着，连上后自动补发。",
    rate: "这次服务您满意吗？点一个分数。",
    score: ["1 很不满意", "2 不满意", "3 一般", "4 满意", "5 很满意"],
    comment: "想说的话（可不填），先写再点分数",
    thanks: "谢谢您的评价。",
    party: { customer: "我", agent: "客服", bot: "机器人", system: "提示" },
    today: "今天",
    yesterday: "昨天",
  },
  en: {
    tag: "en",
    title: "Customer service",
    other: "中文",
    otherTag: "zh-CN",
    greeting: "Hello, how can we help?",
    promise: "An agent will answer. You may close this page; the conversation is here when you return.",
    log: "Conversation",
    name: "Your name (optional)",
    text: "Message",
    placeholder: "Write your question",
    send: "Send",
    hint: "Enter sends, Shift+Enter starts a new line",
    newer: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
    count: (length) => `${figure(length)} / ${figure(LIMIT)} characters`,
    over: (length) => `${figure(length - LIMIT)} too many. Send it in parts.`,
    sending: "Sending",
    waiting: "Waiting for the network",
    failed: "Not sent",
    refused: { 413: "Too long. Send it in parts.", 422: "It is empty.", 403: "Not sent. The shop does not accept it." },
    retry: "Retry",
    discard: "Delete",
    offline: "Offline. What you write is kept and sent by itself, once.",
    busy: "The shop cannot be reached. What you write is kept and sent by itself, once.",
    rate: "How was it? Choose a score.",
    score: ["1 very bad", "2 bad", "3 fair", "4 good", "5 very good"],
    comment: "A word about it (optional), before you choose",
    thanks: "Thank you for your score.",
    party: { customer: "You", agent: "Agent", bot: "Bot", system: "Note" },
    today: "Today",
    yesterday: "Yesterday",
  },
};

let language = recall("language", null) || firstLanguage();

function firstLanguage() {
  const wanted = (navigator.languages || [navigator.language]).find((tag) => /^(zh|en)\b/i.test(tag)) || "en";
  return wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function words() {
  return WORDS[language];
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  keep("language", language);
}

export function figure(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function two(number) {
  return String(number).padStart(2, "0");
}

export function clock(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function day(date) {
  const now = new Date();
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((midnight - new Date(date.getFullYear(), date.getMonth(), date.getDate())) / 86400000);
  if (days === 0) return words().today;
  if (days === 1) return words().yesterday;
  const short = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return date.getFullYear() === now.getFullYear() ? short : `${date.getFullYear()}-${short}`;
}
