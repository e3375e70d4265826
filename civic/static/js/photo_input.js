// Shows the chosen photos, keeps them across several choices, lets one be taken out or dropped in.
export default function photoInput(field) {
  const input = field.querySelector('input[type="file"]');
  const list = field.querySelector("[data-previews]");
  const status = field.querySelector("[data-status]");
  const drop = field.querySelector(".photo-drop");
  const icons = document.documentElement.dataset.icons;
  let files = [];

  const room = () => {
    const kept = field.querySelectorAll('input[type="checkbox"]:checked').length;
    return Math.max(Number(field.dataset.max) - kept, 0);
  };

  function write() {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...files.map(preview));
    list.hidden = files.length === 0;
    input.dispatchEvent(new CustomEvent("photos", { bubbles: true, detail: { files } }));
  }

  function preview(file) {
    const item = document.createElement("li");
    item.className = "photo-preview";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "photo-remove";
    button.setAttribute("aria-label", field.dataset.textRemove.replace("__name__", file.name));
    button.innerHTML = `<svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><use href="${icons}#x-lg"></use></svg>`;
    button.addEventListener("click", () => {
      files = files.filter((other) => other !== file);
      write();
      (list.querySelector("button") ?? input).focus();
    });
    item.append(image, button);
    return item;
  }

  function add(chosen) {
    const known = new Set(files.map((file) => `${file.name} ${file.size} ${file.lastModified}`));
    const fresh = [...chosen].filter(
      (file) => file.type.startsWith("image/") && !known.has(`${file.name} ${file.size} ${file.lastModified}`),
    );
    const all = [...files, ...fresh];
    files = all.slice(0, room());
    status.textContent = all.length > files.length ? field.dataset.textMany : "";
    write();
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
}
