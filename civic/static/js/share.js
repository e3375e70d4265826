// The device's own share sheet where there is one; otherwise the link is copied.

import copy from "./copy.js";

export default function share(details) {
  const { url, title } = details.dataset;
  copy(details);
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
