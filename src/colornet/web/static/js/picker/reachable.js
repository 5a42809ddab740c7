/** What comes out where the photograph is too dark or too bright for a color. */

import { fromHex, nearestReachable, rgbToLab } from "../color.js";
import { nearestName } from "../color-names.js";
import { $ } from "../dom.js";
import { t } from "../texts.js";

/**
 * @param {string | null} wanted "#rrggbb"; null: no color
 * @param {number | null} lightness of the photograph there, 0..100, once it is known
 */
export function tellReachable(wanted, lightness) {
  const color = wanted && lightness !== null ? nearestReachable(wanted, lightness) : null;
  $("reachable").hidden = !color;
  if (!color) return;
  $("reachable-swatch").style.background = color;
  const isDark = rgbToLab(fromHex(wanted))[0] > lightness;
  $("reachable-text").textContent = t(isDark ? "picker.too-dark" : "picker.too-bright", { name: nearestName(color), color });
}
