/** What the user says of a photograph's colors, and its JSON form. */

import { t } from "./texts.js";

/**
 * A color that the user gave to a spot or a stroke.
 * @typedef {object} Hint
 * @property {[x: number, y: number][]} points fractions of width and height; several are a stroke
 * @property {string} [color] "#rrggbb", a CSS name or "keep"; missing until one is chosen
 * @property {number} radius of the brush, a fraction of the longer side; 0 is the smallest spot
 * @property {"fractions"} [unit]
 * @property {number} [reach] factor on how far the color goes, 0..4
 */

/**
 * @typedef {object} State
 * @property {number} strength 0..1
 * @property {number} saturation 0..4
 * @property {string | null} setting one of the model's; null is its usual one
 * @property {number} variant 0 is the likeliest
 * @property {readonly Hint[]} hints
 * @property {{photo: import("./photo.js").Photo, name: string} | null} reference another photograph, whose colors are taken
 * @property {"auto" | [black: number, white: number] | null} levels lightness, 0..100, that becomes black, and that becomes white
 * @property {number} turn degrees by which the photograph is turned clockwise before it is colored, also its hints
 * @property {number} page of a TIFF that has several, from 1
 * @property {Readonly<Record<number, Own>>} aside what was said of other pages
 */

/** @typedef {Pick<State, "variant" | "hints" | "turn">} Own what is said of one page alone */

/** @type {Readonly<State>} */
export const START = Object.freeze({
  strength: 1, saturation: 1, setting: null, variant: 0, levels: null, hints: Object.freeze([]), reference: null, turn: 0,
  page: 1, aside: Object.freeze({}),
});

export const KEEP = "keep"; // the color of a hint where a place keeps what it has without hints

const AS_STORED = Object.freeze([0, 100]);
export const VERSION = 1;

/**
 * The JSON of guidance, of which a reference, the turn and the page are no part.
 * @param {State} state
 */
export function toJson({ reference, turn, page, aside, ...state }) {
  return { version: VERSION, ...state };
}

/**
 * A state from the JSON of guidance; hints in pixels become fractions. What the page does not use
 * itself is checked by the server.
 * @param {any} json
 * @param {{width?: number, height?: number}} photo its size in pixels
 * @returns {State}
 * @throws {Error} that names the field which is wrong
 */
export function fromJson(json, { width, height }) {
  if (!isObject(json)) throw new Error(t("correct.not-object"));
  const { version, hints = [], ...rest } = json;
  if (version !== VERSION) {
    const key = version === undefined ? "correct.version-missing" : "correct.version-other";
    throw new Error(t(key, { found: JSON.stringify(version), version: VERSION }));
  }
  if (!Array.isArray(hints)) throw new Error(t("correct.not-list", { field: "hints" }));
  const placed = hints.map((hint, index) => {
    checkHint(hint, `hints[${index}]`);
    if (hint.unit === "fractions") return hint;
    return {
      ...hint,
      unit: "fractions",
      points: hint.points.map(([x, y]) => [x / width, y / height]),
      radius: (hint.radius ?? 0) / Math.max(width, height),
    };
  });
  return { ...START, ...rest, hints: placed };
}

const far = (at) => Math.min(1 - at, 0.9999); // places are below 1

/**
 * Of a photograph that is turned by 90 degrees more.
 * @param {State} state
 * @param {90 | -90} degrees clockwise
 * @returns {Pick<State, "turn" | "hints">}
 */
export function turned({ turn, hints }, degrees) {
  const place = (/** @type {[number, number]} */ [x, y]) => (degrees === 90 ? [far(y), x] : [y, far(x)]);
  return {
    turn: (turn + degrees + 360) % 360,
    hints: hints.map((hint) => ({ ...hint, points: /** @type {any} */ (hint.points.map(place)) })),
  };
}

/**
 * Of another page of the photograph, of which is said what was said before.
 * @param {State} state
 * @param {number} page
 * @returns {Pick<State, "page" | "aside"> & Own}
 */
export function onPage({ page: left, aside, variant, hints, turn }, page) {
  const { variant: usual, hints: none, turn: upright } = START;
  const own = aside[page] ?? { variant: usual, hints: none, turn: upright };
  return { ...own, page, aside: { ...aside, [left]: { variant, hints, turn } } };
}

/** What a coloring of that variant is called. */
export const variantName = (variant) => (variant ? t("variants.other", { number: variant }) : t("variants.usual"));

/** Whether two states differ in their variant at most. */
export function isSameButVariant(one, other) {
  return Object.keys(START).every((name) => name === "variant" || one[name] === other[name]);
}

/**
 * The black and white point of a photograph under a state.
 * @param {State} state
 * @param {{autoLevels: number[]}} photo
 * @returns {readonly number[]} lightness, 0..100
 */
export function levelsOf({ levels }, { autoLevels }) {
  return levels === "auto" ? autoLevels : levels ?? AS_STORED;
}

function checkHint(hint, name) {
  if (!isObject(hint)) throw new Error(t("correct.not-a-hint", { field: name }));
  if (!Array.isArray(hint.points) || hint.points.length === 0) throw new Error(t("correct.not-points", { field: `${name}.points` }));
  for (const [index, point] of hint.points.entries()) {
    const right = Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
    if (!right) throw new Error(t("correct.not-a-point", { field: `${name}.points[${index}]` }));
  }
  if (typeof hint.color !== "string") throw new Error(t("correct.not-a-color", { field: `${name}.color` }));
  if (hint.radius !== undefined && !Number.isFinite(hint.radius)) throw new Error(t("correct.not-a-number", { field: `${name}.radius` }));
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
