// Sends the map's filters as soon as a choice changes; the page and the focus stay where they are.
export default function autoSubmit(form) {
  let timer;
  const send = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(), wait);
  };
  form.addEventListener("change", (event) => {
    if (event.target.type !== "search" && event.target.type !== "text") send(0);
  });
}
