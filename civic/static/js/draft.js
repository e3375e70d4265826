// Keeps what is being written in this browser, so that a closed tab or a lost network costs nothing.
//
// <form data-component="draft" data-draft="incident-new" data-text-found="…" data-text-drop="…">
// Secrets, files and hidden fields are never kept; a draft goes when the form is sent (not while
// the network is away), and after 7 days.
const WEEK = 7 * 24 * 60 * 60 * 1000;
const SKIPPED = new Set(["hidden", "password", "file", "submit", "button"]);

const kept = (form) =>
  [...form.elements].filter((field) => field.name && !SKIPPED.has(field.type) && field.autocomplete !== "one-time-code");

export default function draft(form) {
  const key = `civic-draft:${location.pathname}:${form.dataset.draft ?? ""}`;
  const read = () => {
    try {
      const saved = JSON.parse(localStorage.getItem(key));
      return saved && Date.now() - saved.when < WEEK ? saved.values : null;
    } catch {
      return null;
    }
  };
  const forget = () => localStorage.removeItem(key);
  const initial = JSON.stringify(values());

  function values() {
    return kept(form).map((field) =>
      field.type === "checkbox" || field.type === "radio" ? [field.name, field.value, field.checked] : [field.name, field.value],
    );
  }

  function fill(saved) {
    for (const [name, value, checked] of saved) {
      for (const field of kept(form).filter((one) => one.name === name)) {
        const ticked = field.type === "checkbox" || field.type === "radio";
        if (ticked && field.value === value) field.checked = checked;
        else if (!ticked) field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  }

  const saved = read();
  // A form that came back with errors already holds what was typed.
  if (saved && JSON.stringify(saved) !== initial && !form.querySelector('[aria-invalid="true"]')) {
    fill(saved);
    const note = document.createElement("p");
    note.className = "draft-note";
    note.setAttribute("role", "status");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "button button-quiet button-small";
    drop.textContent = form.dataset.textDrop ?? "×";
    drop.addEventListener("click", () => {
      forget();
      fill(JSON.parse(initial));
      forget();
      note.remove();
    });
    note.append(form.dataset.textFound ?? "", drop);
    form.prepend(note);
  }

  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      try {
        localStorage.setItem(key, JSON.stringify({ when: Date.now(), values: values() }));
      } catch {
        // A full or forbidden store: the form still works.
      }
    }, 400);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    if (navigator.onLine) forget();
  });
}
