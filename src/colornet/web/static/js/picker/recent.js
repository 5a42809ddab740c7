/** The colors that were chosen last, which this browser remembers. */

import { readItem, writeItem } from "../storage.js";

const MOST = 8;
const KEY = "recent-colors";

/** @returns {string[]} "#rrggbb", the newest first */
export function readRecent() {
  const colors = (readItem(KEY) ?? "").split(" ");
  return colors.filter((color) => /^#[0-9a-f]{6}$/.test(color)).slice(0, MOST);
}

/** @param {string} color "#rrggbb" */
export function remember(color) {
  const others = readRecent().filter((other) => other !== color);
  writeItem(KEY, [color, ...others].slice(0, MOST).join(" "));
}
