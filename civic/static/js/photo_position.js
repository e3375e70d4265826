// The position that a camera wrote into a photo, read here without sending the file: JPEG, PNG, WebP,
// HEIC and AVIF. What is made smaller is given it again, so that the server can offer it as well.

const HEAD = 256 * 1024;
const MOST_PARTS = 2000;

const read = async (file, at, length) => new DataView(await file.slice(at, at + length).arrayBuffer());
const word = (view, at) => String.fromCharCode(...[0, 1, 2, 3].map((place) => view.getUint8(at + place)));
const beyond = (view, at) => new DataView(view.buffer, view.byteOffset + at);

/** Resolves to {lat, lon} in degrees, or null. */
export async function photoPosition(file) {
  try {
    const exif = await findExif(file);
    return exif && readPosition(exif);
  } catch {
    // Written by any device in any way; a photo without a place is fine.
    return null;
  }
}

async function findExif(file) {
  const head = await read(file, 0, 12);
  if (head.getUint16(0) === 0xffd8) return jpegExif(await read(file, 0, HEAD));
  if (word(head, 4) === "ftyp") return boxesExif(file);
  if (word(head, 0) === "\x89PNG") return chunkExif(file, { from: 8, name: "eXIf", at: 4, size: 0, around: 12 });
  if (word(head, 8) === "WEBP") return chunkExif(file, { from: 12, name: "EXIF", at: 0, size: 4, around: 8 });
  return null;
}

function jpegExif(view) {
  let at = 2;
  while (at + 10 < view.byteLength) {
    const marker = view.getUint16(at);
    if (marker === 0xffe1 && word(view, at + 4) === "Exif") return beyond(view, at + 10);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null;
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

async function chunkExif(file, chunk) {
  const little = chunk.name === "EXIF";
  let at = chunk.from;
  for (let part = 0; part < MOST_PARTS && at + 8 <= file.size; part += 1) {
    const head = await read(file, at, 8);
    const length = head.getUint32(chunk.size, little);
    if (word(head, chunk.at) === chunk.name) {
      const view = await read(file, at + 8, Math.min(length, HEAD));
      return word(view, 0) === "Exif" ? beyond(view, 6) : view;
    }
    at += chunk.around + length + (little ? length % 2 : 0);
  }
  return null;
}

async function boxesExif(file) {
  let at = 0;
  for (let part = 0; part < MOST_PARTS && at + 8 <= file.size; part += 1) {
    const head = await read(file, at, 8);
    const length = head.getUint32(0);
    if (word(head, 4) === "meta") {
      const place = exifPlace(await read(file, at + 12, Math.min(length - 12, HEAD)));
      if (!place) return null;
      const block = await read(file, place.at, Math.min(place.length, HEAD));
      return beyond(block, 4 + block.getUint32(0));
    }
    if (length < 8) return null;
    at += length;
  }
  return null;
}

function exifPlace(meta) {
  const boxes = (from, to) => {
    const found = [];
    for (let at = from; at + 8 <= to; at += Math.max(meta.getUint32(at), 8)) {
      found.push({ name: word(meta, at + 4), at: at + 8, end: at + meta.getUint32(at) });
    }
    return found;
  };
  const all = boxes(0, meta.byteLength);
  const items = all.find((box) => box.name === "iinf");
  const places = all.find((box) => box.name === "iloc");
  if (!items || !places) return null;
  for (const box of boxes(items.at + (meta.getUint8(items.at) === 0 ? 6 : 8), items.end)) {
    const short = meta.getUint8(box.at) === 2;
    if (box.name !== "infe" || word(meta, box.at + (short ? 8 : 10)) !== "Exif") continue;
    return itemPlace(meta, places.at, short ? meta.getUint16(box.at + 4) : meta.getUint32(box.at + 4));
  }
  return null;
}

function itemPlace(meta, start, wanted) {
  const version = meta.getUint8(start);
  const number = (at, size) => {
    let value = 0;
    for (let place = 0; place < size; place += 1) value = value * 256 + meta.getUint8(at + place);
    return value;
  };
  const [offsetSize, lengthSize, baseSize] = [12, 8, 4].map((shift) => (meta.getUint16(start + 4) >> shift) & 15);
  const indexSize = version > 0 ? meta.getUint16(start + 4) & 15 : 0;
  const idSize = version === 2 ? 4 : 2;
  let at = start + 6 + idSize;
  for (let left = number(start + 6, idSize); left > 0; left -= 1) {
    const id = number(at, idSize);
    at += idSize;
    const inFile = version === 0 || (meta.getUint16(at) & 15) === 0;
    if (version > 0) at += 2;
    const base = number(at + 2, baseSize);
    const extents = meta.getUint16(at + 2 + baseSize);
    at += 4 + baseSize;
    if (id === wanted) {
      const offset = base + number(at + indexSize, offsetSize);
      return inFile && extents === 1 ? { at: offset, length: number(at + indexSize + offsetSize, lengthSize) } : null;
    }
    at += extents * (indexSize + offsetSize + lengthSize);
  }
  return null;
}

function readPosition(view) {
  const little = view.getUint16(0) === 0x4949;
  const u16 = (at) => view.getUint16(at, little);
  const u32 = (at) => view.getUint32(at, little);
  const entries = (at) =>
    new Map(Array.from({ length: u16(at) }, (_, i) => at + 2 + 12 * i).map((entry) => [u16(entry), entry]));
  const directory = entries(u32(4));
  if (!directory.has(0x8825)) return null;
  const gps = entries(u32(directory.get(0x8825) + 8));
  const degrees = (tag, reference, negative) => {
    if (!gps.has(tag) || !gps.has(reference)) return Number.NaN;
    const at = u32(gps.get(tag) + 8);
    const [d, m, s] = [0, 8, 16].map((offset) => u32(at + offset) / (u32(at + offset + 4) || 1));
    const letter = String.fromCharCode(view.getUint8(gps.get(reference) + 8)).toUpperCase();
    return (letter === negative ? -1 : 1) * (d + m / 60 + s / 3600);
  };
  const lat = degrees(2, 1, "S");
  const lon = degrees(4, 3, "W");
  const usable = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0);
  return usable ? { lat, lon } : null;
}

/** Returns the JPEG with the position written into it, as a camera does. */
export function withPosition(jpeg, { lat, lon }) {
  const view = new DataView(new ArrayBuffer(140));
  const text = (at, letters) => [...letters].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  view.setUint32(0, 0xffe1_0000 + 138);
  text(4, "Exif");
  text(10, "II*");
  const u16 = (at, value) => view.setUint16(10 + at, value, true);
  const u32 = (at, value) => view.setUint32(10 + at, value, true);
  const entry = (at, tag, type, count, value) => {
    u16(at, tag);
    u16(at + 2, type);
    u32(at + 4, count);
    u32(at + 8, value);
  };
  u32(4, 8);
  u16(8, 1);
  entry(10, 0x8825, 4, 1, 26);
  u16(26, 4);
  entry(28, 1, 2, 2, (lat < 0 ? "S" : "N").charCodeAt(0));
  entry(40, 2, 5, 3, 82);
  entry(52, 3, 2, 2, (lon < 0 ? "W" : "E").charCodeAt(0));
  entry(64, 4, 5, 3, 106);
  for (const [at, value] of [[82, lat], [106, lon]]) {
    [[Math.round(Math.abs(value) * 1e7), 1e7], [0, 1], [0, 1]].forEach(([above, below], place) => {
      u32(at + 8 * place, above);
      u32(at + 8 * place + 4, below);
    });
  }
  return new Blob([jpeg.slice(0, 2), view, jpeg.slice(2)], { type: "image/jpeg" });
}
