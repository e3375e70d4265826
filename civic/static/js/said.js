// What the server says of the last act is read out: it takes the focus, or, where the address leads to
// a place of its own in the page, it is said again, since a page that opens reads no region.
export default function said(element) {
  const first = element.querySelector(".alert");
  const led = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!led) {
    // A form with faults takes the focus itself.
    if (document.querySelector(".error-summary")) return;
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
    return;
  }
  for (const body of element.querySelectorAll("[role] .alert-body")) {
    const words = [...body.childNodes];
    body.replaceChildren();
    setTimeout(() => body.replaceChildren(...words), 150);
  }
}
