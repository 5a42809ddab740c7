/** Why a photograph or a film could not be colored, in its place, and what can be done about it. */

import { $, onFile } from "./dom.js";
import { scaledDown } from "./files.js";
import { t } from "./texts.js";
import { toast, toastError } from "./toasts.js";
import { FileNeeded } from "./video/remote.js";

export class Failure {
  /** @param {import("./album.js").Album} album */
  constructor(album) {
    this.album = album;
    $("retry").onclick = () => this.#retry();
    $("scale-down").onclick = () => this.#scaleDown();
    $("color-part").onclick = () => this.#colorPart();
    $("remove-failed").onclick = () => album.remove(album.shown);
    $("choose-again").onclick = () => $("video-file").click();
    onFile("video-file", (file) => this.#takeFile(file));
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
    const isNeeded = photo.error instanceof FileNeeded;
    $("failure-title").textContent = t(this.album.video ? "video.failed" : "failure.title");
    $("failure-reason").textContent = photo.error.message;
    $("choose-again").hidden = !isNeeded;
    $("retry").hidden = isNeeded;
    const { code, canBePartial = false } = /** @type {any} */ (photo.error);
    $("scale-down").hidden = code !== "picture_too_large";
    $("color-part").hidden = !canBePartial;
  }

  #retry() {
    $("stage").focus();
    this.album.reopen(this.album.current);
  }

  /** Go on with the file of a film that the server no longer has. */
  #takeFile(file) {
    const { video } = this.album;
    if (file.name !== video.name || file.size !== video.size) {
      toast(t("video.other-file", { name: video.name }), file.name);
      return;
    }
    video.file = file;
    this.#retry();
  }

  #colorPart() {
    const photo = this.album.shown;
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
      toastError(error, photo.name);
    }
  }
}
