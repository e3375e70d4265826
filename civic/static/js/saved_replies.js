// Puts a kept reply into the sentence at once. Without script the button asks the server.
export default function savedReplies(form) {
  const button = form.querySelector('button[name="insert"]');
  const select = form.elements.namedItem("reply");
  const sentence = form.elements.namedItem("sentence");
  if (!button || !select || !sentence) return;
  button.addEventListener("click", (event) => {
    const kept = form.querySelector(`template[data-reply="${CSS.escape(select.value)}"]`);
    if (!kept) return;
    event.preventDefault();
    sentence.value = [sentence.value.trim(), kept.content.textContent].filter(Boolean).join("\n\n");
    sentence.dispatchEvent(new Event("input", { bubbles: true }));
    sentence.focus();
  });
}
