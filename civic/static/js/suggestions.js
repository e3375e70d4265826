// Addresses proposed under a field while somebody types: a combobox with a list, used by mouse, finger
// or keyboard (arrows, Enter, Escape), as the ARIA guide describes it.
const SHORTEST = 3;
const PAUSE_MS = 180;

/**
 * Calls `onTake` with the address that is chosen, and `onFound` with how many were proposed. Nothing
 * is chosen but what was pointed at or marked: Enter alone closes the list and leaves the text.
 */
export function proposeAddresses(field, list, { url, onTake, onFound }) {
  let found = [];
  let at = -1;
  let timer;
  let latest = 0;

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("autocomplete", "off");
  show(false);

  function show(open) {
    at = -1;
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    field.removeAttribute("aria-activedescendant");
  }

  /** Closes the list; an answer that is still under way comes too late. */
  function close() {
    clearTimeout(timer);
    latest += 1;
    show(false);
  }

  function take(match) {
    close();
    onTake(match);
  }

  function mark(index) {
    at = (index + found.length) % found.length;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    field.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    const typed = field.value.trim();
    const mine = ++latest;
    if (typed.length < SHORTEST) return show(false);
    let answered;
    try {
      const answer = await fetch(`${url}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok) return;
      answered = await answer.json();
    } catch {
      // The network is away: the server finds the address when the form is sent.
      return;
    }
    if (mine !== latest) return;
    found = answered.addresses;
    list.replaceChildren(...found.map(option));
    // A restored draft types too: the list opens for whoever is typing only.
    const isTyping = document.activeElement === field;
    show(isTyping && found.length > 0);
    if (!isTyping) return;
    list.scrollIntoView({ block: "nearest" });
    onFound(found.length);
  }

  function option(match, index) {
    const element = document.createElement("li");
    element.id = `${list.id}-${index}`;
    element.setAttribute("role", "option");
    element.setAttribute("aria-selected", "false");
    element.textContent = match.note ? `${match.label} (${match.note})` : match.label;
    element.addEventListener("click", () => take(match));
    return element;
  }

  // The field keeps the focus while something of the list is pressed: letting go elsewhere takes nothing.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("keydown", (event) => {
    const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (event.key === "Escape") close();
    else if (list.hidden) {
      if (isArrow) ask();
    } else if (isArrow) {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? at + 1 : Math.max(at, 0) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at < 0) close();
      else take(found[at]);
    }
  });
  field.addEventListener("blur", close);
}
