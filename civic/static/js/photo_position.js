// The position that a camera wrote into a JPEG (EXIF), read here without sending the file.

const HEAD = 256 * 1024;

/** Resolves to {lat, lon} in degrees, or null. */
export async function photoPosition(file) {
  if (!file || file.type !== "image/jpeg") return null;
  const view = new DataView(await file.slice(0, HEAD).arrayBuffer());
  const tiff = findExif(view);
  return tiff === null ? null : readPosition(view, tiff);
}

function findExif(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null;
    at += 2 + length;
  }
  return null;
}

function readPosition(view, tiff) {
  const little = view.getUint16(tiff) === 0x4949;
  const u16 = (at) => view.getUint16(at, little);
  const u32 = (at) => view.getUint32(at, little);
  const entries = (at) =>
    new Map(Array.from({ length: u16(at) }, (_, i) => at + 2 + 12 * i).map((entry) => [u16(entry), entry]));
  const directory = entries(tiff + u32(tiff + 4));
  if (!directory.has(0x8825)) return null;
  const gps = entries(tiff + u32(directory.get(0x8825) + 8));
  const degrees = (tag, reference, negative) => {
    if (!gps.has(tag) || !gps.has(reference)) return Number.NaN;
    const at = tiff + u32(gps.get(tag) + 8);
    const [d, m, s] = [0, 8, 16].map((offset) => u32(at + offset) / (u32(at + offset + 4) || 1));
    const letter = String.fromCharCode(view.getUint8(gps.get(reference) + 8)).toUpperCase();
    return (letter === negative ? -1 : 1) * (d + m / 60 + s / 3600);
  };
  const lat = degrees(2, 1, "S");
  const lon = degrees(4, 3, "W");
  const usable = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0);
  return usable ? { lat, lon } : null;
}
