/** The files in a ZIP that holds them as they are, such as a project (APPNOTE 6.3, method 0: stored). */

import { t } from "./texts.js";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;

/**
 * The parts of the file are not read before they are used.
 * @param {Blob} zip
 * @returns {Promise<Map<string, Blob>>} by their paths
 * @throws {Error} it is no such ZIP
 */
export async function readZip(zip) {
  const tail = Math.max(zip.size - END_BYTES - LONGEST_COMMENT, 0);
  const end = await viewOf(zip.slice(tail));
  let at = end.byteLength - END_BYTES;
  while (at >= 0 && end.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new Error(t("project.none"));
  const [count, size, start] = [end.getUint16(at + 10, true), end.getUint32(at + 12, true), end.getUint32(at + 16, true)];
  const directory = await viewOf(zip.slice(start, start + size));
  const files = new Map();
  for (let entry = 0, place = 0; entry < count; entry++) {
    if (place + 46 > directory.byteLength || directory.getUint32(place, true) !== ENTRY) throw new Error(t("project.none"));
    if (directory.getUint16(place + 10, true) !== 0) throw new Error(t("project.none"));
    const length = directory.getUint32(place + 24, true);
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.getUint16(place + field, true));
    const header = directory.getUint32(place + 42, true);
    if (place + 46 + name > directory.byteLength) throw new Error(t("project.none"));
    const path = new TextDecoder().decode(new Uint8Array(directory.buffer, place + 46, name));
    files.set(path, await stored(zip, header, length));
    place += 46 + name + extra + comment;
  }
  return files;
}

/** The bytes behind a local header. */
async function stored(zip, header, length) {
  const view = await viewOf(zip.slice(header, header + 30));
  if (view.byteLength < 30) throw new Error(t("project.none"));
  const begin = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (begin + length > zip.size) throw new Error(t("project.none"));
  return zip.slice(begin, begin + length);
}

async function viewOf(blob) {
  return new DataView(await blob.arrayBuffer());
}
