/** Which frame of the shot that is shown is corrected. */

import { $, showRange } from "../dom.js";
import { t } from "../texts.js";

const PAUSE = 250; // milliseconds after which a frame is meant to be opened, and not to be passed

export class MomentPart {
  /** @param {import("../album.js").Album} album */
  constructor(album) {
    this.album = album;
    /** @type {number | undefined} */
    this.waiting = undefined; // for a pause
    $("moment").oninput = () => this.#say();
    $("moment").onchange = () => {
      clearTimeout(this.waiting);
      const { video } = album;
      const { index } = video;
      this.waiting = setTimeout(() => this.#turn(video, index), PAUSE);
    };
  }

  draw() {
    const { video } = this.album;
    $("moment-part").hidden = $("inherited").hidden = true;
    if (!video?.shots.length) return;
    const { unseen, inheritsFrom } = video.still;
    $("inherited").hidden = !inheritsFrom;
    $("inherited").textContent = inheritsFrom ? t("video.inherited", { number: inheritsFrom }) : "";
    const [first, end] = video.boundsOf(video.index);
    $("moment-part").hidden = end - first < 2;
    $("moment-unseen").hidden = !unseen;
    $("moment-unseen").textContent = unseen ? t("video.unseen", { count: unseen }) : "";
    if (this.waiting) return;
    Object.assign($("moment"), { min: first, max: end - 1, value: video.shownFrameOf(video.index) });
    this.#say();
  }

  #say() {
    const { min, max, value } = $("moment");
    const place = { number: value - min + 1, count: max - min + 1 };
    showRange($("moment"), $("moment-value"), t("look.page-of", place));
  }

  #turn(video, index) {
    this.waiting = undefined;
    if (video !== this.album.video || index !== video.index || !video.shots.length) { // something else is shown by now
      this.draw();
      return;
    }
    video.turnTo(index, Number($("moment").value));
    this.album.showPhoto(video.stillOf(index));
  }
}
