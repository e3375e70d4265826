// The town's map: Leaflet, loaded only where a map is, over the town's own outlines.
//
//   import { createMap } from "./map_base.js";
//   const { L, map, fitTown } = await createMap(element, { view: () => ({ lat, lon, zoom }) });
//
// `element` carries data-map='{{ map_config()|tojson|forceescape }}'. The outlines lie under the
// tiles: where tiles do not come, or none are wanted, the outlines are what is seen.

const SYMBOL = 36;
const NAME = [144, 36];
const AHEAD = 300;

let leaflet;

function loadOnce(config) {
  leaflet ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = config.leafletCss;
    // Before our own sheets, so that ours decide.
    document.head.prepend(style);
    const script = document.createElement("script");
    script.src = config.leaflet;
    const styled = new Promise((done) => {
      style.addEventListener("load", done);
      style.addEventListener("error", done);
    });
    script.addEventListener("load", () => styled.then(() => resolve(window.L)));
    script.addEventListener("error", () => {
      leaflet = undefined;
      reject(new Error("Leaflet did not load"));
    });
    document.head.append(script);
  });
  return leaflet;
}

/** Reads what the server says about maps; `element` or an ancestor carries it. */
export function mapConfig(element) {
  return JSON.parse(element.closest("[data-map]").dataset.map);
}

/**
 * Returns a class of markers that stand where they are by `left` and `top`.
 *
 * Leaflet's own are moved by transforms, of which browsers keep one by one what they paint, and
 * move them one by one while a hand pans: at a hundred markers a telephone stumbles. These are
 * painted together and move as one with their pane (will-change in leaflet.css). While the map
 * zooms they glide as Leaflet's do.
 */
export function flatMarker(L) {
  return L.Marker.extend({
    _setPos(at) {
      L.Marker.prototype._setPos.call(this, at);
      Object.assign(this._icon.style, { left: `${at.x}px`, top: `${at.y}px`, transform: "" });
      this._stands = at;
    },
    _animateZoom({ zoom, center }) {
      const to = this._map._latLngToNewLayerPoint(this._latlng, zoom, center).round();
      L.DomUtil.setTransform(this._icon, to.subtract(this._stands));
    },
  });
}

/** Lets what was touched meanwhile be answered: a slow telephone is busy with each step for long. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** Resolves when `element` is on the screen or a little below it. */
function isNear(element) {
  return new Promise((resolve) => {
    const watcher = new IntersectionObserver(
      (seen) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        watcher.disconnect();
        resolve();
      },
      { rootMargin: `${AHEAD}px` },
    );
    watcher.observe(element);
  });
}

/**
 * Makes a map in `element` once that is near the screen: Leaflet is large, and most readers of a page
 * never come to its map. options: view() gives {lat, lon, zoom} (the whole town without), scrollZoom
 * (true), controls (true), label. Resolves to {L, map, config, fitTown, ready}: `ready` resolves to
 * the outlines when they are drawn, to none when they have failed.
 */
export async function createMap(element, options = {}) {
  const config = mapConfig(element);
  await isNear(element);
  element.setAttribute("aria-busy", "true");
  const L = await loadOnce(config).catch((error) => {
    // No empty box where there will be no map.
    element.hidden = true;
    throw error;
  });
  await breathe();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    attributionControl: false,
    zoomControl: false,
    maxZoom: config.maxZoom,
    minZoom: 4,
    // Without tiles nothing is drawn for whole zooms only, and the town can fill its frame.
    zoomSnap: config.tiles ? 1 : 0.25,
    worldCopyJump: false,
    scrollWheelZoom: options.scrollZoom ?? true,
    fadeAnimation: !calm,
    zoomAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
    keyboard: true,
  });
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", options.label ?? config.texts.map);
  const bounds = L.latLngBounds(config.bounds);
  const fitTown = () => map.fitBounds(bounds, { padding: [8, 8], animate: false });
  const view = options.view?.();
  if (view) map.setView([view.lat, view.lon], view.zoom);
  else fitTown();
  await breathe();
  if (options.controls ?? true) {
    L.control
      .zoom({
        position: "topright",
        zoomInTitle: config.texts.zoomIn,
        zoomOutTitle: config.texts.zoomOut,
      })
      .addTo(map);
  }
  if (config.tiles?.attribution) L.control.attribution({ prefix: false }).addTo(map);
  const ready = drawOutlines(L, map, config).finally(() => element.removeAttribute("aria-busy"));
  addTiles(L, map, config);
  // A map made while hidden, or whose box changes, has to measure itself again.
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(element);
  return { L, map, config, fitTown, ready };
}

function addTiles(L, map, config) {
  if (!config.tiles) return;
  const tiles = L.tileLayer(config.tiles.url, {
    attribution: config.tiles.attribution,
    maxNativeZoom: config.tiles.maxZoom,
    maxZoom: config.maxZoom,
    // Tile servers ask to know which site they serve; the address of the page is not their business.
    referrerPolicy: "strict-origin-when-cross-origin",
  });
  tiles.on("tileerror", ({ tile }) => {
    tile.hidden = true;
  });
  tiles.addTo(map);
}

async function drawOutlines(L, map, config) {
  // Surfaces and names under the tiles (200), limits above them and under the markers (600).
  map.createPane("land").style.zIndex = 150;
  map.createPane("places").style.zIndex = 160;
  map.createPane("limits").style.zIndex = 250;
  for (const name of ["land", "places", "limits"]) {
    map.getPane(name).classList.add("map-pane-quiet");
    // Drawings; the list and the address say in words what they show.
    map.getPane(name).setAttribute("aria-hidden", "true");
  }
  let drawn;
  try {
    const answer = await fetch(config.outlines, { credentials: "omit" });
    if (!answer.ok) return [];
    drawn = await answer.json();
  } catch {
    return [];
  }
  const land = L.svg({ pane: "land", padding: 0.5 });
  const limits = L.svg({ pane: "limits", padding: 0.5 });
  const shapes = { town: [], district: [], neighbourhood: [], park: [], water: [] };
  for (const area of drawn.areas) shapes[area.level]?.push(area);
  const draw = (areas, renderer, pane, prefix) => {
    for (const area of areas) {
      L.geoJSON(area.drawing, {
        renderer,
        pane,
        interactive: false,
        style: { className: `${prefix}-${area.level}` },
      }).addTo(map);
    }
  };
  for (const level of ["town", "district", "neighbourhood", "park", "water"]) {
    draw(shapes[level], land, "land", "land");
    await breathe();
  }
  for (const level of ["neighbourhood", "district", "town"]) {
    draw(shapes[level], limits, "limits", "limit");
    await breathe();
  }
  nameAreas(L, map, drawn.areas);
  return drawn.areas;
}

function nameAreas(L, map, areas) {
  const Name = flatMarker(L);
  const rank = ["district", "neighbourhood", "park", "water"];
  const names = areas
    .filter((area) => area.level !== "town")
    .sort((one, other) => rank.indexOf(one.level) - rank.indexOf(other.level))
    .map((area) => ({
      area,
      marker: new Name(area.label, {
        pane: "places",
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: `area-name area-name-${area.level}`, iconSize: NAME }),
      }),
    }));
  let symbols = [];
  const show = () => {
    const taken = symbols.map((place) => symbolBox(map, place));
    const near = map.getBounds().pad(0.5);
    for (const { area, marker } of names) {
      const fits = near.contains(area.label) && hasRoom(map, area, taken);
      if (fits && !map.hasLayer(marker)) {
        marker.addTo(map);
        const label = document.createElement("span");
        label.textContent = area.name;
        marker.getElement().replaceChildren(label);
        marker.getElement().setAttribute("aria-hidden", "true");
      } else if (!fits && map.hasLayer(marker)) marker.remove();
    }
  };
  map.on("moveend", show);
  map.on("symbols", ({ places }) => {
    symbols = places;
    show();
  });
  show();
}

// The box that a symbol takes, from the top left corner of the map's layers.
function symbolBox(map, place) {
  const { x, y } = map.latLngToLayerPoint(place);
  return { left: x - SYMBOL / 2, right: x + SYMBOL / 2, y, height: SYMBOL };
}

// A name is written where its area is wide enough on the screen to hold it (two lines for a long
// one), and where no symbol lies and no name written before it (the
// larger areas come first). `taken` grows by its box.
function hasRoom(map, area, taken) {
  const [[south, west], [north, east]] = area.bounds;
  const across = map.project([south, east]).x - map.project([north, west]).x;
  const width = Math.min(area.name.length * 7, NAME[0]);
  const height = area.name.length * 7 > width ? NAME[1] : NAME[1] / 2;
  if (across < width) return false;
  const { x, y } = map.latLngToLayerPoint(area.label);
  const box = { left: x - width / 2, right: x + width / 2, y, height };
  const free = taken.every(
    (other) =>
      box.left > other.right ||
      box.right < other.left ||
      Math.abs(box.y - other.y) > (box.height + other.height) / 2,
  );
  if (free) taken.push(box);
  return free;
}
