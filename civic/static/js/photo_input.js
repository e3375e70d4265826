// Shows the chosen photos, keeps them across several choices, makes them smaller, lets one be
// described, taken out or dropped in. What is no photo is said at once.
//
// Sends the event "photos" with where the first photo that knows was taken: {position} or {null}.
import { isPhoto, lighten } from "./photo_files.js";

export default function photoInput(field) {
  const input = field.querySelector('input[type="file"]');
  const list = field.querySelector("[data-previews]");
  const status = field.querySelector("[data-status]");
  const refused = field.querySelector("[data-refused]");
  const drop = field.querySelector(".photo-drop");
  const texts = field.dataset;
  const icons = document.documentElement.dataset.icons;
  let photos = [];

  // Without script the lines stand apart, in the order of the photos; here each is at its photo.
  const lines = field.querySelector("[data-lines]");
  const typed = [...(lines?.querySelectorAll("input") ?? [])].map((line) => line.value);
  lines?.remove();

  const room = () => {
    const kept = field.querySelectorAll('input[type="checkbox"]:checked').length;
    return Math.max(Number(texts.max) - kept, 0);
  };
  const say = (text, name) => text.replace("__name__", name).replace("__count__", photos.length);

  function complain(sentences) {
    refused.hidden = sentences.length === 0;
    refused.textContent = sentences.join(" ");
  }

  function write() {
    const transfer = new DataTransfer();
    for (const photo of photos) transfer.items.add(photo.file);
    input.files = transfer.files;
    list.hidden = photos.length === 0;
  }

  function tell() {
    const position = photos.find((photo) => photo.position)?.position ?? null;
    input.dispatchEvent(new CustomEvent("photos", { bubbles: true, detail: { position } }));
  }

  function show(photo) {
    photo.item = document.createElement("li");
    photo.item.className = "photo-preview";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(photo.file);
    image.alt = photo.file.name;
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    // A format that only the server reads is shown by its name.
    image.addEventListener("error", () => {
      const name = document.createElement("span");
      name.className = "photo-kept-name";
      name.textContent = photo.file.name;
      image.replaceWith(name);
    });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "photo-remove";
    button.setAttribute("aria-label", say(texts.textRemove, photo.file.name));
    button.innerHTML = `<svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><use href="${icons}#x-lg"></use></svg>`;
    button.addEventListener("click", () => {
      take(photo);
      status.textContent = say(texts.textRemoved, photo.file.name);
      (list.querySelector("button") ?? input).focus();
    });
    const label = document.createElement("label");
    label.className = "photo-description";
    const words = document.createElement("span");
    words.textContent = texts.textLine;
    const line = document.createElement("input");
    Object.assign(line, { type: "text", name: "photo_line", maxLength: 250, autocomplete: "off" });
    line.value = typed.shift() ?? "";
    label.append(words, line);
    photo.item.append(image, button, label);
    list.append(photo.item);
  }

  function take(photo) {
    photos = photos.filter((other) => other !== photo);
    photo.item.remove();
    write();
    tell();
  }

  async function add(chosen) {
    const mark = (file) => `${file.name} ${file.size} ${file.lastModified}`;
    const known = new Set(photos.map((photo) => photo.mark));
    const fresh = [...chosen].filter((file) => !known.has(mark(file)));
    const good = await Promise.all(fresh.map((file) => isPhoto(file).catch(() => false)));
    const sentences = fresh.filter((_, at) => !good[at]).map((file) => say(texts.textRefused, file.name));
    const taken = fresh.filter((_, at) => good[at]);
    const added = taken.slice(0, Math.max(room() - photos.length, 0)).map((file) => ({ file, mark: mark(file) }));
    if (added.length < taken.length) sentences.push(texts.textMany);
    photos = [...photos, ...added];
    added.forEach(show);
    write();
    complain(sentences);
    if (added.length) status.textContent = say(texts.textAdded, added.map((photo) => photo.file.name).join(", "));
    // One after the other: a photo takes a lot of memory while it is drawn.
    for (const photo of added) {
      const { file, position } = await lighten(photo.file);
      if (!photos.includes(photo)) continue;
      Object.assign(photo, { file, position });
      if (file.size > Number(texts.maxBytes)) {
        sentences.push(say(texts.textHeavy, file.name));
        complain(sentences);
        take(photo);
      }
      write();
      tell();
    }
  }

  input.addEventListener("change", () => add(input.files));
  for (const name of ["dragover", "dragenter"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  // Somebody may have chosen before this module was there.
  if (input.files.length) add(input.files);
}
