// The map page: clusters that split, places that fan out, and the same things as a list beside.
//
// Without this module the page shows a picture of the map whose clusters are links; everything the
// map shows is in the list in either case.

import { createMap, mapConfig } from "./map_base.js";
import { MapLayer } from "./map_layer.js";

const LIST = "map-list";

export default async function mapPage(frame) {
  const config = mapConfig(frame);
  const canvas = frame.querySelector("[data-map-canvas]");
  const picture = frame.querySelector("[data-map-picture]");
  const status = frame.querySelector("[data-map-status]");
  const card = frame.querySelector("[data-map-card-place]");
  const form = document.getElementById(frame.dataset.form ?? "");
  const inside = document.querySelector("[data-map-inside]");
  const colours = document.querySelector("[data-map-heat]");
  canvas.hidden = false;
  const { L, map, ready } = await createMap(canvas, { view: () => config.view, scrollZoom: !frame.dataset.quiet });
  if (picture) {
    if (picture.contains(document.activeElement)) canvas.focus({ preventScroll: true });
    picture.hidden = true;
  }

  const query = () => {
    const asked = form ? new URLSearchParams(new FormData(form)) : new URLSearchParams();
    for (const name of ["lat", "lon", "z", "bbox", "inside", "after", "selected"]) asked.delete(name);
    for (const [name, value] of [...asked]) if (!value) asked.delete(name, value);
    return asked;
  };
  let selected = new URLSearchParams(location.search).get("selected") ?? "";
  const address = ({ forList = false } = {}) => {
    const asked = query();
    if (!frame.dataset.quiet) {
      const centre = map.getCenter();
      asked.set("lat", centre.lat.toFixed(5));
      asked.set("lon", centre.lng.toFixed(5));
      asked.set("z", String(Math.round(map.getZoom() * 100) / 100));
    }
    if (inside?.checked) {
      asked.set("inside", "1");
      asked.set("bbox", box(map.getBounds()));
    }
    if (colours?.value) asked.set("heat", colours.value);
    if (selected && !forList) asked.set("selected", selected);
    return `${config.page}?${asked}`;
  };

  const layer = new MapLayer(L, map, config, query, {
    onSelect: (point, marker) => select(point, marker),
    onList: (bounds) => {
      const asked = query();
      asked.set("inside", "1");
      asked.set("bbox", box(L.latLngBounds(bounds)));
      location.assign(`${config.page}?${asked}`);
    },
    onShown: (text) => {
      // A list that keeps to the view says itself how much there is, to the last one at the edge.
      status.textContent = inside?.checked ? "" : text;
    },
  });

  let shownAt = location.search;
  const keepAddress = () => {
    if (!frame.dataset.quiet) history.replaceState(history.state, "", address());
    shownAt = location.search;
  };
  const addAddress = () => {
    history.pushState({}, "", address());
    shownAt = location.search;
  };

  let listTimer;
  const refreshList = (wait) => {
    clearTimeout(listTimer);
    const list = document.getElementById(LIST);
    if (!list) return;
    listTimer = setTimeout(() => {
      window.htmx.ajax("GET", address({ forList: true }), { target: `#${LIST}`, swap: "outerHTML" });
    }, wait);
  };

  map.on("moveend", () => {
    layer.refresh();
    keepAddress();
    if (inside?.checked) refreshList(400);
  });
  inside?.addEventListener("change", () => {
    keepAddress();
    refreshList(0);
  });
  const choose = () => {
    addAddress();
    colour();
  };
  colours?.addEventListener("change", choose);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    selected = "";
    closeCard({ focus: false });
    addAddress();
    layer.reload();
    // The chips and the counts of the filters belong to the page around: they come along.
    refreshPage(frame.dataset.parts, address());
  });
  window.addEventListener("popstate", () => {
    // A link to a place of this page is no other map.
    if (location.search !== shownAt) location.reload();
  });

  let heat;
  async function colour() {
    if (!heat && !colours?.value) return;
    const legend = document.querySelector("[data-map-heat-legend]");
    heat ??= Promise.all([import("./map_heat.js"), ready]).then(([{ loadHeat }, outlines]) =>
      loadHeat({ L, map, config, outlines, legend }),
    );
    try {
      const layer = await heat;
      if (colours.value) layer.show(colours.value);
      else layer.hide();
    } catch {
      heat = undefined;
      status.textContent = config.heat.texts.failed;
    }
  }

  let opener;
  async function select(point, marker) {
    opener = marker;
    selected = `${point.kind}:${point.key}`;
    layer.mark(selected);
    keepAddress();
    const url = config.card.replace("KIND", point.kind).replace("KEY", encodeURIComponent(point.key));
    const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) {
      location.assign(`${config.page}?selected=${encodeURIComponent(selected)}`);
      return;
    }
    const body = card.querySelector("[data-map-card-body]");
    body.innerHTML = await answer.text();
    card.hidden = false;
    body.querySelector("a")?.focus({ preventScroll: true });
  }

  function closeCard({ focus = true } = {}) {
    if (card.hidden) return;
    card.hidden = true;
    selected = "";
    layer.mark("");
    keepAddress();
    if (!focus) return;
    const element = opener?.getElement?.();
    (element?.isConnected ? element : canvas).focus({ preventScroll: true });
  }
  card.querySelector("[data-map-card-close]").addEventListener("click", (event) => {
    event.preventDefault();
    closeCard();
  });
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !card.hidden) {
      event.stopPropagation();
      closeCard();
    }
  });
  map.on("click", () => closeCard({ focus: false }));

  layer.mark(selected);
  layer.refresh();
  const asked = new URLSearchParams(location.search).get("heat") ?? "";
  // Somebody may have chosen before this module was there.
  if (colours && colours.value !== asked) choose();
  else colour();
}

function box(bounds) {
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
    .map((edge) => edge.toFixed(5))
    .join(",");
}

async function refreshPage(parts, url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) {
    location.assign(url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of (parts ?? "").split(" ").filter(Boolean)) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) continue;
    old.replaceWith(document.importNode(fresh, true));
    window.htmx.process(document.getElementById(id));
  }
}
