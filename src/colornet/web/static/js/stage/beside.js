/** The original, or another coloring, in a pane of its own beside the photograph, moved and zoomed with it. */

import { $, showPicture } from "../dom.js";

export class Beside {
  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
    viewport.addEventListener("change", () => this.#layout());
  }

  get on() {
    return !$("beside-pane").hidden;
  }

  set on(on) {
    $("beside-pane").hidden = !on;
    $("studio").classList.toggle("beside", on);
    $("beside").setAttribute("aria-pressed", String(on));
  }

  /** @param {string} url of the picture; empty: there is none yet */
  show(url, isRaw) {
    const image = $("beside-before");
    showPicture(image, url);
    image.classList.toggle("raw", isRaw);
  }

  #layout() {
    const { style } = $("beside-sheet");
    const sheet = $("sheet");
    for (const property of ["width", "height", "transform"]) style[property] = sheet.style[property];
    $("beside-sheet").classList.toggle("close-up", sheet.classList.contains("close-up"));
  }
}
