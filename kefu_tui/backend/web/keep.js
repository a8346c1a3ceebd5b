// What survives a reload: the visitor's key, unsent messages, the draft, the language.

const memory = new Map();

export function recall(name, otherwise) {
  try {
    const kept = localStorage.getItem(`kefu.${name}`);
    return kept === null ? otherwise : JSON.parse(kept);
  } catch {
    return memory.has(name) ? memory.get(name) : otherwise;
  }
}

export function keep(name, value) {
  memory.set(name, value);
  try {
    if (value === null) localStorage.removeItem(`kefu.${name}`);
    else localStorage.setItem(`kefu.${name}`, JSON.stringify(value));
  } catch {
    // No storage here (private window): the page then remembers until it is closed.
  }
}

export function freshId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
