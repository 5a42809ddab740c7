/** A frame of a shot: corrected as a photograph is, for the whole shot. */

import { requestJson } from "../api.js";
import { percent } from "../dom.js";
import { Photo } from "../photo.js";
import { t } from "../texts.js";

export class Still extends Photo {
  /**
   * @param {import("./video.js").Video} video
   * @param {number} index of its shot
   * @param {import("./video.js").Moment} moment which frame of that
   */
  constructor(video, index, moment) {
    super(new File([], t("video.shot-of", { name: video.name, number: index + 1 }))); // its picture comes from the server
    this.video = video;
    this.index = index;
    this.moment = moment;
    this.history = video.historyOf(index);
  }

  /** The width of its pixels by their height, as it is shown. */
  get aspect() {
    return this.video.told?.pixel_aspect ?? 1;
  }

  /** What is being done, in words. */
  get doing() {
    const { video } = this;
    if (this.work !== "opening") return t(`stage.${this.work}`);
    if (video.sent < 1) return t("video.sending", { share: percent(video.sent) });
    return t(video.isReading ? "video.reading" : "video.opening");
  }

  post() {
    const { video, closing: { signal } } = this;
    return video.call(async () => {
      const frame = video.frameOf(this.index, this.moment);
      if (!this.file.size) this.replaceFile(new File([await video.picture(frame)], this.name));
      return requestJson(`${video.path}/frames/${frame}/canvas`, { method: "POST", signal });
    });
  }
}
