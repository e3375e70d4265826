// A button that copies the text of the field beside it; without script the text can be selected.
export default function copy(element) {
  const button = element.querySelector("[data-copy]");
  const input = element.querySelector("input");
  const status = element.querySelector("[data-status]");
  input.addEventListener("focus", () => input.select());
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(input.value);
    button.querySelector("span").textContent = element.dataset.textCopied;
    status.textContent = element.dataset.textCopied;
  });
}
