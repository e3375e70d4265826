// Puts a kept reply into the sentence at once. Without script its button asks the server.
export default function savedReplies(form) {
  const sentence = form.elements.namedItem("sentence");
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="insert"]');
    const kept = button?.parentElement.querySelector(`template[data-reply="${CSS.escape(button.value)}"]`);
    if (!kept || !sentence) return;
    event.preventDefault();
    sentence.value = [sentence.value.trim(), kept.content.textContent].filter(Boolean).join("\n\n");
    sentence.dispatchEvent(new Event("input", { bubbles: true }));
    sentence.focus();
  });
}
