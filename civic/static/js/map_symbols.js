// The drawings of the map, as HTML for Leaflet's divIcon. The same paths are in
// templates/components/map_legend.html; docs/design.md says what each shape means.
//
//   L.marker(at, { icon: L.divIcon(contributionSymbol({ kind, icon, type, late, label })) })
//   L.marker(at, { icon: L.divIcon(clusterSymbol(214)) })
//
// Nothing in them is cut, filtered or moved by styles: a hundred of those make panning stumble.

const SHAPES = {
  incident: "M20 47C17 41 3 34 3 20a17 17 0 1 1 34 0c0 14-14 21-17 27z",
  idea: "M10 3h20a7 7 0 0 1 7 7v20a7 7 0 0 1-7 7h-4l-6 10-6-10h-4a7 7 0 0 1-7-7V10a7 7 0 0 1 7-7z",
  action: "M20 2l17 9v19l-11 6.5L20 47l-6-10.500L3 30V11z",
};
const LINES = {
  incident: "M20 6a14 14 0 1 1 0 28 14 14 0 0 1 0-28z",
  idea: "M10.500 6h19a4.500 4.500 0 0 1 4.500 4.500v19a4.500 4.500 0 0 1-4.500 4.500h-19A4.500 4.500 0 0 1 6 29.500v-19A4.500 4.500 0 0 1 10.500 6z",
  action: "M20 5.500l14 7.300v15.400l-14 7.300-14-7.300V12.800z",
};
const CORNERS = {
  fixed: '<g class="marker-corner"><circle cx="35" cy="9" r="8"></circle><path d="M31.300 9.200l2.600 2.600 4.800-5"></path></g>',
  closed: '<g class="marker-corner"><rect x="27.500" y="1.500" width="15" height="15" rx="3"></rect><path d="M31.500 9h7"></path></g>',
  late: '<g class="marker-corner marker-late"><path class="marker-tri" d="M35 0.500l8.500 15h-17z"></path><path d="M35 6v4.500M35 13v.2"></path></g>',
};
const KIND_ICONS = { incident: "exclamation-lg", idea: "lightbulb-fill", action: "cone-striped" };

const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const word = (text, fallback) => (/^[a-z][a-z0-9-]*$/.test(text ?? "") ? text : fallback);

/** The HTML of one marker. icon: a name of the sprite (the category's), or none for the kind's own. */
export function markerHtml({ kind, icon, type = "open", late = false, selected = false, label = "" }) {
  const shape = word(kind, "incident");
  const state = word(type, "open");
  const corner = CORNERS[state] ?? (late ? CORNERS.late : "");
  const sprite = document.documentElement.dataset.icons;
  const name = word(icon, KIND_ICONS[shape] ?? "geo-alt-fill");
  return (
    `<svg class="marker marker-${shape} marker-${state}${selected ? " marker-selected" : ""}" viewBox="0 0 44 50" width="44" height="50" aria-hidden="true" focusable="false">` +
    `<ellipse class="marker-ground" cx="20" cy="47" rx="8" ry="2.500"></ellipse>` +
    `<path class="marker-shape" d="${SHAPES[shape] ?? SHAPES.incident}"></path>` +
    `<path class="marker-line" d="${LINES[shape] ?? LINES.incident}"></path>` +
    `<use class="marker-icon" href="${escaped(sprite)}#${name}" x="12" y="12" width="16" height="16"></use>${corner}</svg>` +
    (label ? `<span class="visually-hidden">${escaped(label)}</span>` : "")
  );
}

/** Options of L.divIcon for one contribution or action; the tip of the shape is the place. */
export function contributionSymbol(symbol) {
  return { html: markerHtml(symbol), className: "map-symbol", iconSize: [44, 50], iconAnchor: [20, 47], popupAnchor: [0, -44] };
}

/** Options of L.divIcon for several in one place; its label is the marker's own. */
export function clusterSymbol(count) {
  const size = count < 100 ? "small" : count < 10_000 ? "" : "large";
  const pixels = { small: 38, "": 46, large: 56 }[size];
  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
  const shown = count < 1000 ? String(count) : short.format(count);
  return {
    html: `<span class="cluster${size ? ` cluster-${size}` : ""}" aria-hidden="true">${escaped(shown)}</span>`,
    className: "map-symbol cluster-symbol",
    iconSize: [pixels, pixels],
    iconAnchor: [pixels / 2, pixels / 2],
  };
}

/** Options of L.divIcon for the pin that a person places while reporting. */
export function placePin(label = "") {
  return contributionSymbol({ kind: "incident", icon: "geo-alt-fill", selected: true, label });
}
