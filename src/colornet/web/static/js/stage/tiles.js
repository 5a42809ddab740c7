/** The part of a large photograph that is seen, at full size, where the picture on screen is smaller than that. */

import { $, debounce } from "../dom.js";

const MAX_PIXELS = 3_000_000; // of a part, which is fetched in one piece
const WAIT = 250; // milliseconds of rest before it is fetched
const SIDES = /** @type {const} */ (["before", "after"]);

export class Tiles {
  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
    this.photo = null;
    this.urls = null; // of what is shown, by side
    this.key = null; // says what is shown
    const update = debounce(() => this.#update(), WAIT);
    viewport.addEventListener("change", () => update());
  }

  /** @param {import("../photo.js").Photo} photo whose picture has changed, so that what is shown is out of date */
  reset(photo) {
    this.photo = photo;
    this.abort?.abort(); // so is what is on its way
    this.#drop();
  }

  async #update() {
    const { photo, viewport } = this;
    if (!photo?.afterWidth || photo.rendering || photo.live || (photo.aspect ?? 1) !== 1) return;
    const shown = photo.afterWidth / photo.width;
    if (shown >= 1 || viewport.zoomLevel <= shown * 1.05) {
      this.#drop();
      return;
    }
    const { region } = viewport;
    const key = JSON.stringify([region, photo.id, photo.history.at, photo.against?.variant]);
    if (region[2] * region[3] > MAX_PIXELS || key === this.key) return;
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    let urls;
    try {
      urls = await photo.region(region, abort.signal);
    } catch {
      return; // the smaller picture stays
    }
    if (abort.signal.aborted || photo !== this.photo) {
      Object.values(urls).forEach(URL.revokeObjectURL);
      return;
    }
    this.#drop();
    this.key = key;
    this.urls = urls;
    for (const side of SIDES) this.#show($(`tile-${side}`), urls[side], region);
    this.#show($("tile-beside"), urls.before, region);
  }

  #show(tile, url, [x, y, width, height]) {
    tile.src = url;
    tile.style.left = `${(x / this.photo.width) * 100}%`;
    tile.style.top = `${(y / this.photo.height) * 100}%`;
    tile.style.width = `${(width / this.photo.width) * 100}%`;
    tile.style.height = `${(height / this.photo.height) * 100}%`;
    tile.hidden = false;
  }

  #drop() {
    this.key = null;
    for (const id of ["tile-before", "tile-after", "tile-beside"]) $(id).hidden = true;
    for (const url of Object.values(this.urls ?? {})) URL.revokeObjectURL(url);
    this.urls = null;
  }
}
