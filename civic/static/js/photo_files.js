// What a chosen file is, and the same photo made smaller before it travels.
import { photoPosition, withPosition } from "./photo_position.js";

const LIGHT = 1_000_000;
const SIDE = 2048;
const QUALITY = 0.86;
const PATIENCE_MS = 10_000;
const BRANDS = /^(hei[cxms]|hev[cx]|mif1|msf1|avi[fs])$/;

/** Whether the server will know how to read it: by its first bytes, a HEIC by its name too. */
export async function isPhoto(file) {
  if (/\.hei[cf]$/i.test(file.name) && file.size > 0) return true;
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...head);
  return (
    text.startsWith("\xff\xd8\xff") ||
    text.startsWith("\x89PNG\r\n\x1a\n") ||
    (text.startsWith("RIFF") && text.slice(8) === "WEBP") ||
    (text.slice(4, 8) === "ftyp" && BRANDS.test(text.slice(8)))
  );
}

/**
 * Resolves to {file, position}: a JPEG of 2048 pixels at most that still knows where it was taken,
 * or the file as it is when it is light, or when this browser cannot.
 */
export async function lighten(file) {
  const position = await photoPosition(file);
  if (file.size <= LIGHT) return { file, position };
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const blob = await Promise.race([redraw(file).catch(() => null), late]);
  if (!blob || blob.type !== "image/jpeg" || blob.size >= file.size) return { file, position };
  const name = `${file.name.replace(/\.[a-z0-9]+$/i, "")}.jpg`;
  const parts = [position ? withPosition(blob, position) : blob];
  return { file: new File(parts, name, { type: "image/jpeg", lastModified: file.lastModified }), position };
}

async function redraw(file) {
  const canvas = document.createElement("canvas");
  if (!isFaithful(canvas)) return null;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/** Some browsers put noise on every canvas, so that nobody is known by theirs. */
function isFaithful(canvas) {
  canvas.width = canvas.height = 4;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#336699";
  context.fillRect(0, 0, 4, 4);
  const { data } = context.getImageData(0, 0, 4, 4);
  return data.every((value, place) => value === [0x33, 0x66, 0x99, 0xff][place % 4]);
}
