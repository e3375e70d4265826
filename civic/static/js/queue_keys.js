// The moderator's keyboard: each key goes to what carries it as data-key inside the queue.
//
// Keys act only while the focus is in the open item, once for each press, and never decide: a link
// is followed, a <details> is opened and its first field takes the focus, a button takes the focus
// and waits for Enter. Keys typed into a field, or with Ctrl, Alt or Meta, are left alone. The box
// in the keys' help switches them off in this browser (WCAG 2.1.4).
const TYPED = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const KEPT = "civic_queue_keys";

function isOff() {
  try {
    return localStorage.getItem(KEPT) === "off";
  } catch {
    return false;
  }
}

function keep(on) {
  try {
    if (on) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, "off");
  } catch {
    // A browser that keeps nothing has the keys of this page only.
  }
}

function go(found) {
  if (found.tagName === "A") found.click();
  else if (found.tagName !== "DETAILS") found.focus();
  else {
    found.open = !found.open;
    const first = found.open && found.querySelector("select, input:not([type=hidden]), textarea");
    (first || found.querySelector("summary")).focus();
  }
}

export default function queueKeys(queue) {
  const box = queue.querySelector("[data-keys-switch]");
  let on = !isOff();
  if (box) box.checked = on;
  box?.addEventListener("change", () => {
    on = box.checked;
    keep(on);
  });
  queue.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      event.target.closest("details.measure[open] form")?.closest("details").removeAttribute("open");
      return;
    }
    if (!on || !event.target.closest(".queue-item") || event.target.closest(TYPED)) return;
    if (!/^[a-z?]$/.test(event.key) || document.querySelector("dialog[open]")) return;
    const found = queue.querySelector(`[data-key="${event.key}"]`);
    if (!found) return;
    event.preventDefault();
    go(found);
  });
}
