// The place of a report: tap the map, drag the pin, use my position, pick an address while typing.
//
// Mounted on the fieldset of the place, which works without it. It fills the fields lat, lon,
// address and resolved_for (the address that the position was found for) and sends the event
// "place" when the place has changed.
import { createMap } from "./map_base.js";
import { contributionSymbol } from "./map_symbols.js";
import { proposeAddresses } from "./suggestions.js";

const NEAR = 17;
// Farther out a finger covers whole streets: a tap only leads closer.
const CLOSE = 16;

export default async function placePicker(element) {
  const form = element.closest("form");
  const named = (name) => form.elements.namedItem(name);
  const [lat, lon, address, resolved, placedBy] = ["lat", "lon", "address", "resolved_for", "placed_by"].map(named);
  const texts = JSON.parse(element.dataset.texts);
  const status = element.querySelector("[data-place-status]");
  const aside = element.querySelector("[data-place-said]");
  const offer = element.querySelector("[data-place-offer]");
  let asking = 0;
  let L;
  let map;
  let pin;

  const say = (text, wrong = false) => {
    status.textContent = text;
    status.classList.toggle("is-wrong", wrong);
  };
  const forgetChoices = () => {
    for (const radio of element.querySelectorAll('[name="candidate"]')) radio.checked = false;
    const street = named("street");
    if (street instanceof HTMLSelectElement) street.value = "";
  };

  addSuggestions();
  addStreets();
  form.addEventListener("restored", () => lat.value && show());
  addPosition();
  offerPhoto();

  const box = element.querySelector("[data-place-map]");
  // Without the map, addresses, streets and the position still work.
  ({ L, map } = await createMap(box.querySelector("[data-place-canvas]"), {
    view: () => (lat.value ? { lat: Number(lat.value), lon: Number(lon.value), zoom: NEAR } : undefined),
    scrollZoom: false,
    label: texts.map,
  }));
  if (lat.value) show();
  map.on("click", (event) => point(event.latlng));
  const centre = box.querySelector("[data-place-centre]");
  centre.disabled = false;
  centre.addEventListener("click", () => point(map.getCenter()));

  /** Takes a place of the map where it shows streets, and leads there where it shows the town. */
  function point(at) {
    if (map.getZoom() >= CLOSE) return choose(at.lat, at.lng, "map");
    map.setView(at, NEAR);
    say(texts.closer);
  }

  /** Shows the place that the form carries: as it came, or as a draft brought it back. */
  function show() {
    const at = { lat: Number(lat.value), lon: Number(lon.value) };
    drop(at);
    map?.setView([at.lat, at.lon], NEAR);
    say(address.value ? texts.chosen.replace("__place__", address.value) : texts.chosenNowhere);
  }

  function drop(at) {
    if (!L) return;
    if (!pin) {
      pin = L.marker([at.lat, at.lon], {
        draggable: true,
        autoPan: true,
        keyboard: true,
        title: texts.pin,
        alt: texts.pin,
        icon: L.divIcon(
          contributionSymbol({ kind: element.dataset.kind, icon: "geo-alt-fill", selected: true, label: texts.pin }),
        ),
      }).addTo(map);
      pin.on("dragend", () => choose(pin.getLatLng().lat, pin.getLatLng().lng, "map"));
      pin.on("keydown", ({ originalEvent }) => {
        const step = { ArrowUp: [0, -10], ArrowDown: [0, 10], ArrowLeft: [-10, 0], ArrowRight: [10, 0] }[originalEvent.key];
        if (!step) return;
        originalEvent.preventDefault();
        L.DomEvent.stop(originalEvent);
        const to = map.layerPointToLatLng(map.latLngToLayerPoint(pin.getLatLng()).add(step));
        pin.setLatLng(to);
        clearTimeout(pin.settle);
        pin.settle = setTimeout(() => choose(to.lat, to.lng, "map"), 400);
      });
    }
    pin.setLatLng([at.lat, at.lon]);
  }

  /** Takes a place; the server says which address it has and whether the town answers for it. */
  async function choose(latitude, longitude, from, label = "") {
    placedBy.value = from;
    lat.value = latitude.toFixed(6);
    lon.value = longitude.toFixed(6);
    forgetChoices();
    offer.hidden = true;
    drop({ lat: latitude, lon: longitude });
    if (map && (from !== "map" || !map.getBounds().contains([latitude, longitude]))) {
      map.setView([latitude, longitude], Math.max(map.getZoom(), NEAR));
    }
    if (label) address.value = label;
    resolved.value = address.value;
    const mine = ++asking;
    try {
      const answer = await fetch(`${element.dataset.locateUrl}?lat=${lat.value}&lon=${lon.value}`);
      if (!answer.ok || mine !== asking) return;
      const found = await answer.json();
      if (mine !== asking) return;
      if (!found.inside) {
        say(found.message, true);
      } else {
        if (!label) address.value = found.address;
        resolved.value = address.value;
        say(address.value ? texts.chosen.replace("__place__", address.value) : texts.chosenNowhere);
      }
    } catch {
      // The network is away: the form carries the position, the server checks it when it is sent.
      say(texts.chosenNowhere);
    }
    element.dispatchEvent(new CustomEvent("place", { bubbles: true }));
  }

  function addPosition() {
    const button = element.querySelector("[data-place-mine]");
    if (!("geolocation" in navigator)) {
      button.hidden = true;
      return;
    }
    button.addEventListener("click", () => {
      say(texts.searching);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => choose(coords.latitude, coords.longitude, "position"),
        () => say(texts.noPosition, true),
        { enableHighAccuracy: true, timeout: 12_000, maximumAge: 60_000 },
      );
    });
  }

  function addStreets() {
    element.addEventListener("change", (event) => {
      if (event.target.name === "street") {
        const option = event.target.selectedOptions[0];
        if (!option?.dataset.lat) return;
        const chosen = event.target.value;
        choose(Number(option.dataset.lat), Number(option.dataset.lon), "street", option.textContent.trim());
        event.target.value = chosen;
      }
      if (event.target.name === "candidate" && event.target.checked) {
        const { value } = event.target;
        const [latitude, longitude, ...label] = value.split(";");
        choose(Number(latitude), Number(longitude), "address", label.join(";"));
        event.target.checked = true;
      }
    });
    element.addEventListener("htmx:load", ({ target }) => {
      if (target.id !== "street-list") return;
      const { letter } = target.dataset;
      element.querySelector('[name="letter"][aria-current]')?.removeAttribute("aria-current");
      element.querySelector(`[name="letter"][value="${letter}"]`)?.setAttribute("aria-current", "true");
      const count = target.querySelectorAll("[data-lat]").length;
      aside.textContent = texts.letter.replace("__letter__", letter).replace("__n__", count);
    });
  }

  function addSuggestions() {
    const isPlaced = () => ["map", "position", "photo"].includes(placedBy.value);
    address.addEventListener("input", () => {
      // A pin set by hand stays; where the text names another place, the server asks which is right.
      if (!isPlaced()) say("");
    });
    proposeAddresses(address, element.querySelector("[data-place-suggestions]"), {
      url: element.dataset.addressesUrl,
      onTake: (match) => choose(match.lat, match.lon, "address", match.label),
      onFound: (count) => {
        aside.textContent = count ? texts.found.replace("__n__", count) : "";
        if (count === 0 && !isPlaced()) say(texts.noAddress, true);
      },
    });
  }

  /** A photo may know where it was taken: offered, never taken by itself. */
  function offerPhoto() {
    form.addEventListener("photos", ({ detail: { position } }) => {
      offer.hidden = !position;
      if (!position) return;
      offer.querySelector("button").onclick = () => choose(position.lat, position.lon, "photo");
    });
  }
}
