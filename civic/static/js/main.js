// Mounts the small modules that make pages smoother. Every page works without any of this.
//
// <div data-component="photo-input"> loads ./photo_input.js and calls its default export with the
// element; an element may name several, apart from one another by spaces. A module that throws is
// logged and leaves the page as it was.

const mounted = new WeakMap();
const drafted = new WeakSet();
let coming = 0;

/** Brings in a module; <html data-coming> says how many are on their way. */
async function bring(file) {
  document.documentElement.dataset.coming = String(++coming);
  try {
    return await import(`./${file}.js`);
  } finally {
    document.documentElement.dataset.coming = String(--coming);
  }
}

async function mount(element, name) {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return;
  const done = mounted.get(element) ?? new Set();
  if (done.has(name)) return;
  done.add(name);
  mounted.set(element, done);
  try {
    const module = await bring(name.replaceAll("-", "_"));
    await module.default(element);
  } catch (error) {
    console.error(`civic: ${name}`, error);
  }
}

async function keepDrafts(forms) {
  // A page without a form may still be the one that says which draft was taken.
  if (!forms.length && !document.cookie.includes("civic_taken=")) return;
  const { keepDraft } = await bring("draft");
  for (const form of forms) {
    if (!drafted.has(form)) keepDraft(form);
    drafted.add(form);
  }
}

export function mountAll(root) {
  document.documentElement.dataset.coming = String(coming);
  keepDrafts([...(root.matches?.('form[method="post"]') ? [root] : []), ...root.querySelectorAll('form[method="post"]')]);
  const elements = [...root.querySelectorAll("[data-component]")];
  if (root.matches?.("[data-component]")) elements.unshift(root);
  for (const element of elements) {
    for (const name of element.dataset.component.split(/\s+/)) mount(element, name);
  }
}

mountAll(document);

// What htmx brings in is mounted too, and what it replaces keeps the reader's place.
document.addEventListener("htmx:load", (event) => mountAll(event.detail.elt));
