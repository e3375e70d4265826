// The device's own share sheet where there is one; otherwise the link is copied.
export default function share(details) {
  const { url, title, textCopied } = details.dataset;
  const status = details.querySelector("[data-status]");
  const copy = details.querySelector("[data-copy]");
  const input = details.querySelector("input");
  input.addEventListener("focus", () => input.select());
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(url);
      const label = copy.querySelector("span");
      status.textContent = textCopied;
      label.textContent = textCopied;
    });
  }
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    details.querySelector("summary").addEventListener("click", (event) => {
      event.preventDefault();
      navigator.share({ url, title }).catch((error) => {
        if (error.name !== "AbortError") details.open = true;
      });
    });
  }
  document.addEventListener("click", (event) => {
    if (details.open && !details.contains(event.target)) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
}
