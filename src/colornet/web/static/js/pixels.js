/** Colors of single places of a picture, and small copies. */

const LEAST = 3; // pixels of the side of a square that is averaged

/**
 * @param {string} url of a picture
 * @param {readonly (readonly [x: number, y: number])[]} places in fractions of its width and height
 * @param {number} share side of the square around each place that is averaged, as a share of the longer side
 * @returns {Promise<import("./color.js").Rgb[]>} a color for each place
 */
export async function pixelsAt(url, places, share = 0) {
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

const within = (at, most) => Math.round(Math.min(Math.max(at, 0), most));

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
  const scale = side / Math.min(image.naturalWidth, image.naturalHeight);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, image.naturalWidth * scale);
  canvas.height = Math.max(1, image.naturalHeight * scale);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}
