// The list of what is to be mended takes the focus, so that it is seen and read out at once.
export default function errorSummary(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
  element.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".field") ?? field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
