// Turns a <details> with a panel into a modal dialog. Without script the panel opens in place.
export default function dialog(details) {
  const panel = details.querySelector("[data-panel]");
  const summary = details.querySelector("summary");
  const box = document.createElement("dialog");
  box.className = "modal";
  const title = panel.dataset.title ?? summary.textContent.trim();

  const head = document.createElement("div");
  head.className = "modal-head";
  const heading = document.createElement("h2");
  heading.id = `${details.id}-dialog-title`;
  heading.textContent = title;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet button-small";
  close.textContent = details.dataset.close;
  close.addEventListener("click", () => box.close());
  head.append(heading, close);
  box.setAttribute("aria-labelledby", heading.id);
  box.append(head);
  details.after(box);

  const open = () => {
    details.open = false;
    box.append(panel);
    box.showModal();
    const first = panel.querySelector(".error-summary, input:not([type=hidden]), select, textarea");
    (first ?? close).focus();
  };
  summary.setAttribute("aria-haspopup", "dialog");
  summary.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener("close", () => {
    details.append(panel);
    summary.focus();
  });
  if (details.open) open();
}
