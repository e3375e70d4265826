// A small map of one place. The address beside it says the same in words.
import { createMap } from "./map_base.js";
import { contributionSymbol } from "./map_symbols.js";

export default async function placeMap(element) {
  const { lat, lon, kind, icon, type, late, label } = element.dataset;
  const canvas = element.querySelector("[data-place-canvas]");
  const { L, map } = await createMap(canvas, {
    view: () => ({ lat: Number(lat), lon: Number(lon), zoom: 16 }),
    scrollZoom: false,
    label,
  });
  L.marker([Number(lat), Number(lon)], {
    interactive: false,
    keyboard: false,
    icon: L.divIcon(contributionSymbol({ kind, icon, type, late: late === "true" })),
  }).addTo(map);
}
