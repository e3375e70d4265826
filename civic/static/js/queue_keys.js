// The moderator's keyboard: each key presses what carries it as data-key inside the queue.
//
// A button or a link is pressed; a <details> is opened and its first field takes the focus. Keys
// typed into a field, or with Ctrl, Alt or Meta, are left alone.
const TYPED = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export default function queueKeys(queue) {
  function press(event) {
    if (!queue.isConnected) {
      document.removeEventListener("keydown", press);
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      event.target.closest?.("details.measure[open] form")?.closest("details").removeAttribute("open");
      return;
    }
    if (event.target.closest?.(TYPED) || document.querySelector("dialog[open]")) return;
    if (!/^[a-z?]$/.test(event.key)) return;
    const found = queue.querySelector(`[data-key="${event.key}"]`);
    if (!found) return;
    event.preventDefault();
    if (found.tagName !== "DETAILS") {
      found.click();
      return;
    }
    found.open = !found.open;
    const first = found.open && found.querySelector("select, input:not([type=hidden]), textarea");
    (first || found.querySelector("summary")).focus();
  }
  document.addEventListener("keydown", press);
}
