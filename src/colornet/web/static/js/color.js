/** Colors: sRGB and CIE Lab (D65) as the library defines them, and what sRGB has at a lightness. */

/** @typedef {[red: number, green: number, blue: number]} Rgb 0..255 */
/** @typedef {[lightness: number, a: number, b: number]} Lab lightness 0..100 */

const RGB_TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
const XYZ_TO_RGB = [
  [3.240481, -1.537152, -0.498536],
  [-0.969255, 1.87599, 0.041556],
  [0.055647, -0.204041, 1.057311],
];
const WHITE = RGB_TO_XYZ.map((row) => row[0] + row[1] + row[2]);
const EPSILON = 216 / 24389;
const KAPPA = 24389 / 27;
const UNREACHABLE = 5; // Lab units: a color that misses the one asked for by less goes unnoticed

const toLinear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (value) => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
const curve = (t) => (t > EPSILON ? Math.cbrt(t) : (KAPPA * t + 16) / 116);
const inverseCurve = (f) => (f > 6 / 29 ? f ** 3 : (116 * f - 16) / KAPPA);
const times = (matrix, /** @type {number[]} */ [x, y, z]) => matrix.map((row) => row[0] * x + row[1] * y + row[2] * z);

/**
 * @param {Rgb} rgb
 * @returns {Lab}
 */
export function rgbToLab(rgb) {
  const [x, y, z] = times(RGB_TO_XYZ, rgb.map((value) => toLinear(value / 255))).map((value, i) => curve(value / WHITE[i]));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/**
 * A color in linear light, outside 0..1 where sRGB has no such color.
 * @param {Lab} lab
 */
function labToLinear([lightness, a, b]) {
  const y = (lightness + 16) / 116;
  return times(XYZ_TO_RGB, [y + a / 500, y, y - b / 200].map((f, i) => inverseCurve(f) * WHITE[i]));
}

/** Whether sRGB has the color. */
export function isInGamut(lab) {
  return labToLinear(lab).every((value) => value > -0.0005 && value < 1.0005);
}

/**
 * The color in sRGB, of less chroma where sRGB lacks it, never of another lightness.
 * @param {Lab} lab
 * @returns {Rgb}
 */
export function labToRgb(lab) {
  const linear = labToLinear(lab);
  const gray = inverseCurve((lab[0] + 16) / 116);
  const factors = linear.map((value) => {
    const room = value > gray ? 1 - gray : gray;
    return Math.abs(value - gray) > room ? room / Math.abs(value - gray) : 1;
  });
  const factor = Math.min(...factors);
  const fit = (value) => Math.min(Math.max(gray + (value - gray) * factor, 0), 1);
  const [red, green, blue] = linear.map((value) => Math.round(fromLinear(fit(value)) * 255));
  return [red, green, blue];
}

/** @param {Rgb} rgb */
export function toHex(rgb) {
  return `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {string} hex "#rrggbb"
 * @returns {Rgb}
 */
export function fromHex(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * A color as people write it.
 * @param {string} text "#rrggbb", "#rgb", "rrggbb" or one of CSS's names
 * @returns {string | null} "#rrggbb"; null: it is no color
 */
export function parseColor(text) {
  const word = text.trim().toLowerCase();
  const digits = /^#?([0-9a-f]{6})$/.exec(word)?.[1];
  if (digits) return `#${digits}`;
  const short = /^#([0-9a-f]{3})$/.exec(word)?.[1];
  if (short) return `#${[...short].map((digit) => digit + digit).join("")}`;
  return /^[a-z]+$/.test(word) && CSS.supports("color", word) ? namedHex(word) : null;
}

/** Of a CSS name, as the browser knows it; null for words that are no fixed color, such as "inherit". */
function namedHex(name) {
  pen.fillStyle = "#010203"; // which no name means
  pen.fillStyle = name;
  return typeof pen.fillStyle === "string" && pen.fillStyle !== "#010203" && pen.fillStyle[0] === "#" ? pen.fillStyle : null;
}

const pen = document.createElement("canvas").getContext("2d");

/**
 * What comes out where a color is asked for at a lightness that sRGB may not have it at.
 * @param {string} hex
 * @param {number} lightness 0..100
 * @returns {string | null} "#rrggbb"; null: the color itself, as nearly as one can see
 */
export function nearestReachable(hex, lightness) {
  const [, a, b] = rgbToLab(fromHex(hex));
  const nearest = labToRgb([lightness, a, b]);
  const [, nearA, nearB] = rgbToLab(nearest);
  return Math.hypot(nearA - a, nearB - b) > UNREACHABLE ? toHex(nearest) : null;
}
