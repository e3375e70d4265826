// Gives a message a way to go: a button that takes it off the page.
export default function dismiss(element) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-quiet button-icon button-small alert-dismiss";
  button.setAttribute("aria-label", element.dataset.textClose);
  const icons = document.documentElement.dataset.icons;
  button.innerHTML = `<svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><use href="${icons}#x-lg"></use></svg>`;
  button.addEventListener("click", () => {
    element.remove();
    document.getElementById("main").focus({ preventScroll: true });
  });
  element.append(button);
}
