// Keeps what is being written in this browser, so that a closed tab, an ended session or a lost
// network costs nothing.
//
// Every form that is sent (method="post") and has room for words gets a draft by itself; main.js
// mounts it. data-draft="name" tells forms with one address apart, data-draft="off" keeps none.
// A draft belongs to whoever wrote it (the account, or any visitor of this browser) and to the
// address that its form is sent to. It is forgotten when the server says that the form was taken
// (the cookie of civic.web.late), when its writer throws it away, signs out, or after 7 days.
const WEEK = 7 * 24 * 60 * 60 * 1000;
const PREFIX = "civic-draft:";
const WORDS = 'textarea, input:not([type]), input[type="text"]';
const SKIPPED = new Set(["hidden", "password", "file", "submit", "button", "image", "reset"]);
// The place as it was found, and what the page showed when the writing began.
const KEPT_HIDDEN = /(^|-)(lat|lon|resolved_for|placed_by|seen|version|state)$/;

const said = document.querySelector('meta[name="civic-drafts"]');
const page = said ? JSON.parse(said.content) : null;

/** A store that may be full, forbidden or absent: then the forms work as without it. */
const store = {
  read(key) {
    try {
      const saved = JSON.parse(localStorage.getItem(key));
      return saved && Date.now() - saved.when < WEEK ? saved : null;
    } catch {
      return null;
    }
  },
  write(key, saved) {
    try {
      localStorage.setItem(key, JSON.stringify(saved));
    } catch {
      // Nothing to be done.
    }
  },
  drop(isGone) {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(PREFIX) && isGone(key)) localStorage.removeItem(key);
      }
    } catch {
      // Nothing to be done.
    }
  },
};

/** Forgets what the server says it has taken. */
function forgetTaken() {
  const taken = document.cookie.match(new RegExp(`(?:^|; )${page.cookie}=([^;]*)`))?.[1];
  if (!taken) return;
  const ids = new Set(taken.split("."));
  store.drop((key) => taken === "all" || ids.has(store.read(key)?.id));
  document.cookie = `${page.cookie}=; path=${page.path}; max-age=0; samesite=lax`;
}

if (page) {
  forgetTaken();
  store.drop((key) => !store.read(key));
  window.addEventListener("pageshow", forgetTaken);
  document.addEventListener("htmx:afterRequest", forgetTaken);
  for (const name of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(name, (event) => sayFailure(event.detail.elt));
  }
}

function sayFailure(form) {
  if (!(form instanceof HTMLFormElement) || !form.querySelector(WORDS)) return;
  const note = document.createElement("p");
  note.className = "field-error";
  note.setAttribute("role", "alert");
  note.textContent = page.failed;
  form.querySelector(":scope > .field-error")?.remove();
  form.prepend(note);
}

const isSecret = (field) => field.type === "password" || field.autocomplete === "one-time-code";
// An address that is not the writer's own is somebody else's.
const isOthers = (field) => ["email", "tel"].includes(field.type) && field.autocomplete !== "email";
const isKept = (field) =>
  Boolean(field.name) && !isSecret(field) && !isOthers(field) && (!SKIPPED.has(field.type) || KEPT_HIDDEN.test(field.name));
const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
// Going back and reloading, the browser itself fills the fields: what stands there was not typed now.
const isFresh = performance.getEntriesByType("navigation")[0]?.type === "navigate";

/** What a field holds, and what it held as the page came. */
const held = (field) => (isTicked(field) ? [field.name, field.value, field.checked] : [field.name, field.value]);
function came(field) {
  if (isTicked(field)) return [field.name, field.value, field.defaultChecked];
  if (field instanceof HTMLSelectElement) {
    const chosen = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
    return [field.name, chosen?.value ?? ""];
  }
  return [field.name, field.defaultValue];
}

export function keepDraft(form) {
  const fields = () => [...form.elements].filter(isKept);
  if (!page || form.dataset.draft === "off" || !form.querySelector(WORDS) || [...form.elements].some(isSecret)) return;
  const action = new URL(form.getAttribute("action") || location.href, location.href).pathname;
  const keyOf = (owner) => `${PREFIX}${owner}:${action}:${form.dataset.draft ?? ""}`;
  const key = keyOf(page.owner);
  let id = "";
  let note;
  let timer;
  let changed = false;

  const values = () => fields().map(held);
  const untouched = () => fields().map(came);
  // What was typed before this script came; an address that the map found is not.
  const isTyped = (field) =>
    field.matches(`${WORDS}, select, [type="checkbox"], [type="radio"]`) &&
    String(held(field)) !== String(came(field)) &&
    !(field.name === "address" && field.value === form.elements.resolved_for?.value);
  const words = (list) => JSON.stringify(list.filter(([name]) => !/(^|-)(seen|version|state)$/.test(name)));

  function fill(list, among = fields()) {
    for (const field of among) {
      const isOfThis = ([name, value]) => name === field.name && (!isTicked(field) || value === field.value);
      const saved = list.find(isOfThis);
      if (!saved) continue;
      if (isTicked(field)) field.checked = saved[2];
      else field.value = saved[1];
      // The place is told as a whole: its fields would each look for an address.
      if (field.type !== "hidden" && !field.closest('[data-component~="place-picker"]')) {
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
  }

  function save() {
    clearTimeout(timer);
    if (!changed) return;
    id ||= crypto.getRandomValues(new Uint32Array(3)).reduce((text, part) => text + part.toString(36), "");
    const files = [...form.elements].reduce((sum, field) => sum + (field.files?.length ?? 0), 0);
    store.write(key, { when: Date.now(), id, values: values(), files });
  }

  function tell(saved) {
    note = document.createElement("p");
    note.className = "draft-note";
    const text = document.createElement("span");
    text.setAttribute("role", "status");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "button button-quiet button-small";
    drop.textContent = page.drop;
    drop.addEventListener("click", () => {
      fill(untouched());
      clearTimeout(timer);
      changed = false;
      for (const one of [key, keyOf("")]) store.drop((other) => other === one);
      note.remove();
      form.querySelector(WORDS).focus();
    });
    note.append(text, drop);
    form.prepend(note);
    // A status is read out when it changes, not when it comes.
    requestAnimationFrame(() => {
      text.textContent = saved.files ? `${page.found} ${page.files}` : page.found;
    });
  }

  // What came back from the server holds what was typed last.
  const cameBack = page.sent && (location.pathname === action || location.pathname.startsWith(`${action}/`));
  const saved = store.read(key) ?? store.read(keyOf(""));
  const typed = isFresh ? fields().filter(isTyped) : [];
  id = saved?.id ?? "";
  if (cameBack) {
    changed = words(values()) !== "[]";
    save();
  } else if (saved && words(saved.values) !== words(untouched())) {
    changed = true;
    const said = typed.map((field) => [field, field.value, field.checked]);
    fill(saved.values);
    for (const [field, value, checked] of said) {
      if (isTicked(field)) field.checked = checked;
      else if (field.value !== value) field.value = field.type === "textarea" ? `${field.value}\n\n${value}` : value;
    }
    form.closest("details:not(.disclosure)")?.setAttribute("open", "");
    tell(saved);
    // Fields that come with an answer, such as the questions of a category.
    form.addEventListener("htmx:load", (event) => {
      fill(saved.values, fields().filter((field) => event.detail.elt.contains(field)));
    });
  } else {
    changed = typed.length > 0;
    save();
  }

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  });
  form.addEventListener("place", () => {
    changed = true;
    save();
  });
  window.addEventListener("pagehide", save);
  form.addEventListener("submit", (event) => {
    save();
    form.querySelector(':scope > input[name="draft"]')?.remove();
    // A button that leads elsewhere (an address to find, another's report) does not send the form.
    const target = new URL(event.submitter?.getAttribute("formaction") || action, location.href).pathname;
    if (!id || target !== action) return;
    const named = document.createElement("input");
    Object.assign(named, { type: "hidden", name: "draft", value: id });
    form.append(named);
  });
}
