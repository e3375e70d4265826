// Says how many characters are left. Counts as the server does: code points, a line break being sent as two.
export default function counter(field) {
  const input = field.querySelector("textarea, input");
  const line = field.querySelector("[data-counter]");
  const max = Number(field.dataset.max);
  // The limit is then a help while typing, not a wall that swallows a pasted text.
  input.removeAttribute("maxlength");
  const live = document.createElement("span");
  live.className = "visually-hidden";
  live.setAttribute("role", "status");
  line.after(live);
  let timer;
  const show = () => {
    const left = max - [...input.value.replaceAll("\n", "\r\n")].length;
    const text = left < 0 ? line.dataset.textOver : line.dataset.textLeft;
    const number = Math.abs(left).toLocaleString(document.documentElement.lang);
    line.textContent = text.replace("__n__", number);
    line.classList.toggle("is-over", left < 0);
    clearTimeout(timer);
    // Read out only near the end, and only when the person pauses.
    if (left < max / 10) timer = setTimeout(() => (live.textContent = line.textContent), 900);
  };
  input.addEventListener("input", show);
  show();
}
