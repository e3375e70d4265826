// The areas of the town, coloured by a measure; loaded when somebody asks for the colours.
//
// The figures come once, for every measure. The areas are one stop of the Tab key: arrows lead from
// the highest to the lowest, Enter leaves the figure and the link to the area in the legend.

/** Resolves to {show(measure), hide()}. outlines: those the map draws; legend: its place. */
export async function loadHeat({ L, map, config, outlines, legend }) {
  const { heat } = config;
  const answer = await fetch(heat.data, { credentials: "omit", cache: "no-cache" });
  if (!answer.ok) throw new Error(`figures: ${answer.status}`);
  const figures = await answer.json();
  const pane = map.createPane("heat");
  pane.style.zIndex = 220;
  // Tab comes by the areas before the symbols.
  map.getPane("markerPane").before(pane);
  const renderer = L.svg({ pane: "heat", padding: 0.5 });
  const ring = L.polygon([], { renderer, pane: "heat", interactive: false, className: "heat-ring" });
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const part = (name) => legend.querySelector(`[data-heat-${name}]`);
  const hint = part("area").textContent;

  const shapes = outlines
    .filter(({ slug }) => slug in figures.areas)
    .map(({ slug, name, label, drawing }) => {
      const [polygon] = L.geoJSON(drawing, { renderer, pane: "heat", className: "heat-area" }).getLayers();
      // An element, not text: Leaflet would read a name as HTML.
      const tip = document.createElement("span");
      polygon.bindTooltip(tip, { sticky: true, direction: "top" });
      return { slug, name, label, polygon, tip, url: heat.area.replace("SLUG", slug) };
    });
  const layer = L.layerGroup([...shapes.map(({ polygon }) => polygon), ring]);
  let measure = "";
  let order = [];

  const value = (shape) => {
    const [figure] = figures.areas[shape.slug][measure];
    return figure === null ? heat.texts.unknown : number.format(figure);
  };
  const point = (shape) => ring.setLatLngs(shape ? shape.polygon.getLatLngs() : []);

  function read(shape) {
    point(shape);
    const link = document.createElement("a");
    link.href = shape.url;
    link.textContent = shape.name;
    const figure = document.createElement("strong");
    figure.textContent = value(shape);
    part("area").replaceChildren(link, " ", figure);
  }

  function reach(shape) {
    for (const other of order) other.element.setAttribute("tabindex", other === shape ? "0" : "-1");
  }

  function key(event, shape) {
    const at = order.indexOf(shape);
    const last = order.length - 1;
    const next = {
      ArrowRight: Math.min(at + 1, last),
      ArrowDown: Math.min(at + 1, last),
      ArrowLeft: Math.max(at - 1, 0),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined) order[next].element.focus({ preventScroll: true });
    else if (event.key === "Enter" || event.key === " ") {
      read(shape);
      part("area").querySelector("a").focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function prepare(shape) {
    const element = shape.polygon.getElement();
    shape.element = element;
    element.setAttribute("role", "button");
    element.addEventListener("keydown", (event) => key(event, shape));
    element.addEventListener("focus", () => {
      reach(shape);
      point(shape);
      map.panInside(shape.label, { padding: [60, 60] });
    });
    shape.polygon.on("mouseover", () => point(shape));
    shape.polygon.on("mouseout", () => point(null));
    shape.polygon.on("click", () => read(shape));
  }

  function paint(shape) {
    const [, step] = figures.areas[shape.slug][measure];
    const told = `${shape.name} – ${value(shape)}`;
    shape.element.setAttribute("fill", `url(#heat-${step})`);
    shape.element.setAttribute("aria-label", told);
    shape.tip.textContent = told;
  }

  function explain() {
    const label = heat.measures[measure];
    part("area").textContent = hint;
    part("table").href = `${heat.table}?measure=${measure}`;
    part("legend").innerHTML = figures.legend[measure]
      .map(([step, limit]) => {
        const shown = number.format(limit);
        const told = heat.texts.upTo.replace("__n__", shown);
        return (
          `<li><svg width="40" height="16" aria-hidden="true" focusable="false"><rect class="heat-sample" fill="url(#heat-${step})" width="100%" height="16"></rect></svg>` +
          `<span aria-hidden="true">≤ ${shown}</span><span class="visually-hidden">${told}</span></li>`
        );
      })
      .join("");
    const group = renderer.getPane().querySelector("svg");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", heat.texts.group.replace("__measure__", label));
  }

  return {
    show(chosen) {
      measure = chosen;
      if (!map.hasLayer(layer)) {
        layer.addTo(map);
        shapes.forEach(prepare);
      }
      const height = ({ slug }) => figures.areas[slug][measure][0] ?? -1;
      order = [...shapes].sort((one, other) => height(other) - height(one));
      order.forEach(paint);
      reach(order[0]);
      point(null);
      explain();
      map.getPane("places").style.zIndex = 260;
      map.getContainer().classList.add("map-heated");
      legend.hidden = false;
    },
    hide() {
      layer.remove();
      map.getPane("places").style.zIndex = 160;
      map.getContainer().classList.remove("map-heated");
      legend.hidden = true;
    },
  };
}
