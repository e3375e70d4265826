// What is on the map: tiles of clusters and single things, asked for as the map moves.

import { flatMarker } from "./map_base.js";
import { clusterSymbol, contributionSymbol } from "./map_symbols.js";

const TILE = 512;
const KEPT_TILES = 160;
// Things nearer than this to one another on the screen cannot be told apart: they fan out.
const NEAR = 22;
// Clusters whose middles are nearer than this would cover one another: they are shown as one.
const TOUCHING = 44;
const FAN_FROM = 17;
// So far around the view, in pixels, symbols are drawn: a telephone moves few of them smoothly.
const AROUND = 80;

export class MapLayer {
  /**
   * config: see views/map.py. query(): the filters as URLSearchParams. on: onSelect(point, marker),
   * onList(bounds), onShown(text).
   */
  constructor(L, map, config, query, on) {
    Object.assign(this, { L, map, config, query, on });
    this.Symbol = flatMarker(L);
    this.tiles = new Map();
    this.entries = [];
    this.markers = new Map();
    this.selected = "";
    this.run = 0;
    this.fan = null;
    this.pane = map.getPane("markerPane");
    const pane = map.createPane("fan");
    pane.style.zIndex = 590;
    pane.setAttribute("aria-hidden", "true");
    map.on("zoomstart", () => this.foldFan());
    map.on("click", () => this.foldFan());
    map.on("move", () => this.follow());
  }

  /** Marks the thing `kind:key` as the one whose card is open. */
  mark(name) {
    const before = this.selected;
    this.selected = name;
    for (const [key, entry] of this.markers) {
      if (entry.point && (key === `p/${before}` || key === `p/${name}`)) this.paint(entry);
    }
  }

  /** Forgets what was asked with other filters. */
  reload() {
    this.tiles.clear();
    this.foldFan();
    return this.refresh();
  }

  /** Asks for the tiles in view and shows them. */
  async refresh() {
    const run = ++this.run;
    const wanted = this.wanted();
    const query = this.query().toString();
    const asked = wanted.map(({ z, x, y }) => this.tile(z, x, y, query));
    this.pane.setAttribute("aria-busy", "true");
    const answers = await Promise.all(asked);
    if (run !== this.run) return;
    this.pane.removeAttribute("aria-busy");
    if (answers.every((answer) => answer === null) && answers.length) {
      this.on.onShown(this.config.texts.failed);
      return;
    }
    this.show(answers.filter(Boolean));
  }

  wanted() {
    const z = Math.min(Math.max(Math.round(this.map.getZoom()) - 1, 0), 18);
    const size = 2 ** z;
    const { min, max } = this.map.getPixelBounds();
    const scale = TILE * 2 ** (this.map.getZoom() - 1 - z);
    const clamp = (value) => Math.min(Math.max(Math.floor(value / scale), 0), size - 1);
    const tiles = [];
    for (let x = clamp(min.x); x <= clamp(max.x); x++) {
      for (let y = clamp(min.y); y <= clamp(max.y); y++) tiles.push({ z, x, y });
    }
    return tiles;
  }

  async tile(z, x, y, query) {
    const path = this.config.data.replace("{z}", z).replace("{x}", x).replace("{y}", y);
    const url = query ? `${path}?${query}` : path;
    if (!this.tiles.has(url)) {
      if (this.tiles.size > KEPT_TILES) this.tiles.delete(this.tiles.keys().next().value);
      this.tiles.set(url, this.ask(url));
    }
    return this.tiles.get(url);
  }

  async ask(url) {
    try {
      const answer = await fetch(url, { credentials: "omit", cache: "no-cache" });
      if (!answer.ok) throw new Error(answer.status);
      return await answer.json();
    } catch {
      this.tiles.delete(url);
      return null;
    }
  }

  show(answers) {
    if (!this.isShown(answers)) {
      this.shown = { answers, zoom: this.map.getZoom() };
      this.entries = this.arranged(answers);
      // Names of areas give way to what is put over them.
      this.map.fire("symbols", { places: this.entries.map(([, entry]) => place(entry)) });
    }
    this.draw();
    this.tell(answers);
  }

  isShown(answers) {
    const { shown } = this;
    return (
      shown?.zoom === this.map.getZoom() &&
      shown.answers.length === answers.length &&
      answers.every((answer, at) => answer === shown.answers[at])
    );
  }

  // From the north down and from the west, as a reader with a keyboard goes through them.
  arranged(answers) {
    const wanted = new Map();
    const points = [];
    for (const cluster of this.joined(answers.flatMap((answer) => answer.clusters))) {
      wanted.set(`c/${cluster.lat}/${cluster.lon}/${cluster.n}`, cluster);
    }
    for (const answer of answers) {
      for (const [kind, key, lat, lon, type, icon, title] of answer.points) {
        points.push({ kind, key, lat, lon, type, icon, title });
      }
    }
    for (const stack of this.stacked(points)) {
      if (stack.length === 1) wanted.set(`p/${stack[0].kind}:${stack[0].key}`, { point: stack[0] });
      else {
        const first = stack[0];
        const name = `s/${first.kind}:${first.key}/${stack.length}/${this.map.getZoom()}`;
        wanted.set(name, { stack, lat: first.lat, lon: first.lon, n: stack.length, by: tally(stack) });
      }
    }
    return [...wanted].sort(([, a], [, b]) => place(b)[0] - place(a)[0] || place(a)[1] - place(b)[1]);
  }

  /** Draws what is in view or just beside it, and takes away the rest. */
  draw() {
    this.drawnAt = this.map.getPixelBounds();
    const { min, max } = this.drawnAt;
    const pad = [AROUND, AROUND];
    const near = this.L.latLngBounds(
      this.map.unproject(min.subtract(pad)),
      this.map.unproject(max.add(pad)),
    );
    const focused = this.focused();
    const isWanted = ([name, entry]) => name === focused || near.contains(place(entry));
    const wanted = new Map(this.entries.filter(isWanted));
    for (const [name, entry] of this.markers) {
      if (!wanted.has(name) && entry !== this.fan?.entry) this.erase(name, entry);
    }
    let next = null;
    for (const [name, entry] of [...wanted].reverse()) {
      if (!this.markers.has(name)) {
        this.markers.set(name, this.add(entry));
        next?.before(entry.marker.getElement());
      }
      next = this.markers.get(name).marker.getElement();
    }
  }

  // A keyboard that was on a symbol stays on the map when the symbol goes.
  erase(name, entry) {
    if (name === this.focused()) this.map.getContainer().focus({ preventScroll: true });
    entry.marker.remove();
    this.markers.delete(name);
  }

  focused() {
    const held = document.activeElement;
    if (!held?.classList.contains("map-symbol")) return undefined;
    return [...this.markers].find(([, entry]) => entry.marker.getElement() === held)?.[0];
  }

  // While a hand pans, what comes into view is drawn before the hand lets go.
  follow() {
    if (!this.drawnAt || this.map._animatingZoom) return;
    const moved = this.map.getPixelBounds().min.distanceTo(this.drawnAt.min);
    if (moved > AROUND / 2) this.draw();
  }

  joined(clusters) {
    const shown = [];
    for (const [lat, lon, n, by, box] of [...clusters].sort((a, b) => b[2] - a[2])) {
      const at = this.map.latLngToLayerPoint([lat, lon]);
      const touching = this.isLast() ? null : shown.find((one) => one.at.distanceTo(at) < TOUCHING);
      if (!touching) {
        shown.push({ at, lat, lon, n, by: structuredClone(by), box });
        continue;
      }
      touching.n += n;
      for (const [kind, types] of Object.entries(by)) {
        const known = (touching.by[kind] ??= {});
        for (const [type, part] of Object.entries(types)) known[type] = (known[type] ?? 0) + part;
      }
    }
    return shown;
  }

  stacked(points) {
    if (points.length < 2) return points.map((point) => [point]);
    const deep = this.map.getZoom() >= FAN_FROM;
    const stacks = [];
    for (const point of points) {
      const at = this.map.latLngToLayerPoint([point.lat, point.lon]);
      const known = stacks.find(
        (stack) => stack.at.distanceTo(at) < (deep ? NEAR : 2),
      );
      if (known) known.points.push(point);
      else stacks.push({ at, points: [point] });
    }
    return stacks.map((stack) => stack.points);
  }

  add(entry) {
    const [lat, lon] = place(entry);
    entry.marker = new this.Symbol([lat, lon], { icon: this.icon(entry), keyboard: true, riseOnHover: true });
    entry.marker.on("click", () => this.open(entry));
    entry.marker.on("add", () => this.button(entry));
    entry.marker.addTo(this.map);
    return entry;
  }

  button(entry) {
    const element = entry.marker.getElement();
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", this.label(entry));
    element.setAttribute("tabindex", "0");
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      this.open(entry, { byKey: true });
    });
  }

  paint(entry) {
    entry.marker.setIcon(this.icon(entry));
    this.button(entry);
  }

  icon(entry) {
    if (!entry.point) return this.L.divIcon(clusterSymbol(entry.n));
    const { kind, key, type, icon } = entry.point;
    const selected = this.selected === `${kind}:${key}`;
    return this.L.divIcon(contributionSymbol({ kind, type, icon, selected }));
  }

  label(entry) {
    const { kinds, texts } = this.config;
    if (entry.point) {
      const { kind, title } = entry.point;
      return `${kinds[kind]?.label ?? kind} : ${title}`;
    }
    const text = entry.stack ? (isOnePlace(entry.stack) ? texts.stack : texts.beside) : this.isLast() ? texts.last : texts.cluster;
    return text.replace("__n__", entry.n).replace("__kinds__", this.kinds(entry.by));
  }

  isLast() {
    return this.map.getZoom() >= this.config.maxZoom;
  }

  open(entry, { byKey = false } = {}) {
    if (entry.point) {
      this.on.onSelect(entry.point, entry.marker);
    } else if (entry.stack) {
      this.openFan(entry, byKey);
    } else if (this.isLast()) {
      const [south, west, north, east] = entry.box;
      this.on.onList([[south, west], [north, east]]);
    } else {
      const zoom = Math.min(this.map.getZoom() + 2, this.config.maxZoom);
      this.map.setView([entry.lat, entry.lon], zoom);
      if (byKey) this.map.getContainer().focus({ preventScroll: true });
    }
  }

  openFan(entry, byKey) {
    const already = this.fan?.entry === entry;
    this.foldFan();
    if (already) return;
    const centre = this.map.latLngToLayerPoint([entry.lat, entry.lon]);
    const items = entry.stack.map((point, index) => {
      const at = this.map.layerPointToLatLng(centre.add(petal(index, entry.stack.length)));
      const leg = this.L.polyline([[entry.lat, entry.lon], at], {
        pane: "fan",
        interactive: false,
        className: "fan-leg",
      }).addTo(this.map);
      const petalEntry = this.add({ point: { ...point, lat: at.lat, lon: at.lng } });
      petalEntry.marker.setZIndexOffset(1000);
      return { leg, entry: petalEntry };
    });
    entry.marker.getElement()?.setAttribute("aria-expanded", "true");
    entry.marker.setOpacity(0.35);
    this.fan = { entry, items };
    if (byKey) items[0].entry.marker.getElement().focus({ preventScroll: true });
  }

  foldFan() {
    if (!this.fan) return;
    for (const { leg, entry } of this.fan.items) {
      leg.remove();
      entry.marker.remove();
    }
    this.fan.entry.marker.getElement()?.setAttribute("aria-expanded", "false");
    this.fan.entry.marker.setOpacity(1);
    this.fan = null;
  }

  kinds(by) {
    return Object.entries(by)
      .map(([kind, types]) => {
        const n = Object.values(types).reduce((sum, part) => sum + part, 0);
        return `${this.config.kinds[kind]?.labels ?? kind} : ${n}`;
      })
      .join(", ");
  }

  tell(answers) {
    const bounds = this.map.getBounds();
    const by = {};
    let total = 0;
    const add = (lat, lon, kind, type, n) => {
      if (!bounds.contains([lat, lon])) return;
      by[kind] ??= {};
      by[kind][type] = (by[kind][type] ?? 0) + n;
      total += n;
    };
    for (const answer of answers) {
      for (const [lat, lon, , kinds] of answer.clusters) {
        for (const [kind, types] of Object.entries(kinds)) {
          for (const [type, n] of Object.entries(types)) add(lat, lon, kind, type, n);
        }
      }
      for (const [kind, , lat, lon, type] of answer.points) add(lat, lon, kind, type, 1);
    }
    const { inView, none } = this.config.texts;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      this.on.onShown(total ? inView.replace("__n__", total).replace("__kinds__", this.kinds(by)) : none);
    }, 700);
  }
}

function place(entry) {
  return entry.point ? [entry.point.lat, entry.point.lon] : [entry.lat, entry.lon];
}

// Within a metre or so; what lies nearer than a finger on the screen may be streets apart.
function isOnePlace([first, ...others]) {
  return others.every(({ lat, lon }) => Math.hypot(lat - first.lat, lon - first.lon) < 1e-5);
}

function tally(points) {
  const by = {};
  for (const { kind, type } of points) {
    by[kind] ??= {};
    by[kind][type] = (by[kind][type] ?? 0) + 1;
  }
  return by;
}

// A ring while there is room on it, a spiral beyond; in pixels from the middle. A little lower than
// the middle, because a symbol stands above its place.
function petal(index, count) {
  const [x, y] = onRing(index, count);
  return [x, y + 22];
}

function onRing(index, count) {
  if (count <= 9) {
    const angle = (2 * Math.PI * index) / count - Math.PI / 2;
    const radius = 50 + 5 * Math.max(0, count - 5);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }
  const angle = Math.sqrt(index + 4) * 2.4;
  const radius = 24 + 9 * angle;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
