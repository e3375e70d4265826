// Light, dark or as the device says; kept in a cookie so that the next page comes out right at once.
const YEAR = 60 * 60 * 24 * 365;
const root = document.documentElement;

function show(group) {
  const chosen = root.dataset.theme ?? "";
  for (const button of group.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
  }
}

export default function theme(group) {
  group.hidden = false;
  show(group);
  group.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    const choice = button.dataset.themeChoice;
    if (choice) root.dataset.theme = choice;
    else delete root.dataset.theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `civic_theme=${choice}; Path=/; SameSite=Lax; Max-Age=${choice ? YEAR : 0}${secure}`;
    for (const other of document.querySelectorAll('[data-component="theme"]')) show(other);
  });
}
