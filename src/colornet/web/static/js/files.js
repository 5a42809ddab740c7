/** Files that the user chooses, drops or pastes. */

import { $ } from "./dom.js";
import { t } from "./texts.js";
import { toast } from "./toasts.js";

const HEAD = 64; // bytes that show what a file is
const ZIP = "PK\x03\x04";
const SUFFIXES = /\.(tiff?|hei[cf]|p[gpbn]m|jp2|j2k|jxl|colornet|mkv|avi|m2?ts|vob)$/i; // whose types browsers may not know
const PICTURES = /^(\xff\xd8\xff|\x89PNG|GIF8|II\*\0|MM\0\*|RIFF....WEBP|....ftyp(avi[fs]|hei[cfsx]|mif1|msf1))/s; // how they begin
const FILMS = /^(....(ftyp|moov)|\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01[\xba\xb3]|0&\xb2u|FLV\x01|\x06\x0e\+4)/s;
const STREAMS = /\.(m2?ts|vob)$/; // films that may begin in any way
export const PROJECT = ".colornet"; // how the names of projects end

/**
 * @param {(files: File[]) => void} take
 */
export function listenToFiles(take) {
  $("files").onchange = (/** @type {any} */ { target }) => {
    take([...target.files]);
    target.value = "";
  };
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) take([...event.clipboardData.files]);
  });
  let over = 0; // elements that the pointer has entered and not left
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) $("veil").hidden = !(over += 1);
  });
  addEventListener("dragleave", (event) => {
    if (carriesFiles(event)) $("veil").hidden = !(over = Math.max(over - 1, 0));
  });
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over = 0;
    $("veil").hidden = true;
    take(await dropped(event.dataTransfer));
  });
}

/**
 * The files that were dropped, and those in folders that were.
 * @param {DataTransfer} transfer
 */
async function dropped({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...files];
  const found = (await Promise.all(entries.map(filesIn))).flat();
  if (!found.length) toast(t("film.none-found"), entries.map(({ name }) => name).join(", "));
  return found;
}

/** @returns {Promise<File[]>} those that a browser takes for pictures, in the order of their names; what cannot be read is told */
async function filesIn(entry) {
  const children = [];
  try {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    const reader = entry.createReader();
    for (let some; (some = await readSome(reader)).length;) children.push(...some);
  } catch {
    toast(t("film.unreadable"), entry.name);
  }
  children.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  const found = (await Promise.all(children.map(filesIn))).flat();
  return found.filter((file) => /^(image|video)\//.test(file.type) || SUFFIXES.test(file.name));
}

/**
 * What a file is, by its content, whatever it is called.
 * @param {File} file
 * @returns {Promise<"project" | "corrections" | "picture" | "film">}
 */
export async function kindOf(file) {
  const name = file.name.toLowerCase();
  const start = await file.slice(0, HEAD).arrayBuffer().catch(() => new ArrayBuffer(0)); // opening it tells why it cannot be read
  const head = new Uint8Array(start);
  const beginning = String.fromCharCode(...head);
  if (beginning.startsWith(ZIP) || name.endsWith(PROJECT)) return "project";
  if (!PICTURES.test(beginning) && (FILMS.test(beginning) || file.type.startsWith("video/") || STREAMS.test(name))) return "film";
  const isJson = name.endsWith(".json") || file.type === "application/json";
  return isJson && isText(head) ? "corrections" : "picture";
}

/** Whether bytes can be the beginning of a text; those of every picture but PNM hold some that cannot. */
function isText(bytes) {
  return !/^P[1-7fF]\s/.test(String.fromCharCode(...bytes.slice(0, 3))) && bytes.every((byte) => byte > 31 || [9, 10, 13].includes(byte));
}

function readSome(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

/**
 * A smaller copy of a photograph that the browser can read.
 * @param {File} file
 * @param {number} maxPixels
 * @throws {Error} the browser cannot read it
 */
export async function scaledDown(file, maxPixels) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(t("failure.unreadable"));
  }
  const factor = Math.min(Math.sqrt(maxPixels / (bitmap.width * bitmap.height)), 1);
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(bitmap.width * factor);
  canvas.height = Math.floor(bitmap.height * factor);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  if (!blob) throw new Error(t("failure.unwritable"));
  return new File([blob], file.name.replace(/(\.[^.]+)?$/, ".jpg"), { type: "image/jpeg" });
}
