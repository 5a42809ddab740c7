/** Colors of single places of a picture, and small copies. */

import { rgbToLab, toHex } from "./color.js";
import { clamp } from "./dom.js";
import { START, levelsOf } from "./guidance.js";

const CELL = 1 / 128; // side of what the model can tell apart, as a share of the longer side
const LONGEST = 8; // times its shorter side: no thumbnail of a strip is longer
const LEAST = 3; // pixels of the side of a square that is averaged

/**
 * @param {string} url of a picture
 * @param {readonly (readonly [x: number, y: number])[]} places in fractions of its width and height
 * @param {number} share side of the square around each place that is averaged, as a share of the longer side
 * @returns {Promise<import("./color.js").Rgb[]>} a color for each place
 */
async function pixelsAt(url, places, share = 0) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { naturalWidth, naturalHeight } = image;
  const side = Math.max(LEAST, Math.round(share * Math.max(naturalWidth, naturalHeight)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(side, naturalWidth);
  canvas.height = Math.min(side, naturalHeight);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return places.map(([x, y]) => {
    const left = within(x * naturalWidth - side / 2, naturalWidth - canvas.width);
    const top = within(y * naturalHeight - side / 2, naturalHeight - canvas.height);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, -left, -top);
    return mean(context.getImageData(0, 0, canvas.width, canvas.height).data);
  });
}

/**
 * The color that a photograph is shown in at a place, given in fractions.
 * @param {import("./photo.js").Photo} photo
 * @returns {Promise<string>} "#rrggbb"
 */
export async function colorAt(photo, x, y) {
  const [rgb] = await pixelsAt(photo.after, [[x, y]]);
  return toHex(rgb);
}

/**
 * The lightness of a photograph under a hint, as the model sees it.
 * @param {import("./photo.js").Photo} photo
 * @param {{points: [x: number, y: number][]}} hint
 * @returns {Promise<number>} 0..100
 */
export async function lightnessUnder(photo, { points }) {
  const some = points.filter((_, index) => index % Math.ceil(points.length / 16) === 0);
  const found = await pixelsAt(photo.before ?? photo.after, some, CELL);
  const [black, white] = levelsOf(photo.before ? photo.state : START, photo); // the gray original has none
  const sorted = found.map((rgb) => clamp((100 * (rgbToLab(rgb)[0] - black)) / (white - black), 0, 100))
    .sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

const within = (at, most) => Math.round(clamp(at, 0, most));

/** @returns {import("./color.js").Rgb} */
function mean(data) {
  const sums = [0, 0, 0];
  for (let at = 0; at < data.length; at++) if (at % 4 < 3) sums[at % 4] += data[at];
  const [red, green, blue] = sums.map((sum) => (4 * sum) / data.length);
  return [red, green, blue];
}

/**
 * A small copy of a picture.
 * @param {HTMLImageElement} image
 * @param {number} side of its shorter side, in pixels
 * @returns {Promise<Blob>}
 */
export function thumbnail(image, side) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(side / Math.min(width, height), LONGEST * side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width * scale);
  canvas.height = Math.max(1, height * scale);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}
