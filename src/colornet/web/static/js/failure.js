/** Why a photograph could not be colored, in its place, and what can be done about it. */

import { $ } from "./dom.js";
import { scaledDown } from "./files.js";
import { toast } from "./toasts.js";

export class Failure {
  /** @param {import("./album.js").Album} album */
  constructor(album) {
    this.album = album;
    $("retry").onclick = () => this.#retry();
    $("scale-down").onclick = () => this.#scaleDown();
    $("color-part").onclick = () => this.#colorPart();
    $("remove-failed").onclick = () => album.remove(album.current);
  }

  draw() {
    const photo = this.album.current;
    const failed = photo?.work === "failed";
    const { activeElement } = document;
    $("failure").hidden = !failed;
    if (!failed) {
      if ($("failure").contains(activeElement)) $("stage").focus();
      return;
    }
    $("failure-reason").textContent = photo.error.message;
    const { code, canBePartial = false } = /** @type {any} */ (photo.error);
    $("scale-down").hidden = code !== "picture_too_large";
    $("color-part").hidden = !canBePartial;
  }

  #retry() {
    $("stage").focus();
    this.album.open(this.album.current);
  }

  #colorPart() {
    const photo = this.album.current;
    photo.partial = true;
    this.album.store.keep(photo);
    this.#retry();
  }

  async #scaleDown() {
    const photo = this.album.current;
    try {
      photo.replaceFile(await scaledDown(photo.file, this.album.server.max_pixels));
      this.album.store.keep(photo);
      this.#retry();
    } catch (error) {
      toast(error.message, photo.name);
    }
  }
}
