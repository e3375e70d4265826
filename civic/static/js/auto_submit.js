// Sends a form of filters as soon as a choice changes; its button stays for readers without script.
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
