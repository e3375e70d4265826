// « Près de moi »: reads the position once, on a press, and opens the list sorted by distance.
export default function nearMe(element) {
  if (!("geolocation" in navigator)) return;
  element.hidden = false;
  const button = element.querySelector("button");
  const status = element.querySelector("[role=status]");
  button.addEventListener("click", () => {
    button.disabled = true;
    status.textContent = element.dataset.textSearching;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const url = new URL(element.dataset.url, location.href);
        url.searchParams.set("sort", "near");
        url.searchParams.set("near", `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`);
        location.assign(url);
      },
      () => {
        button.disabled = false;
        status.textContent = element.dataset.textFailed;
      },
      { maximumAge: 60_000, timeout: 10_000 },
    );
  });
}
