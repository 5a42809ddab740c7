/** A frame of a shot: corrected as a photograph is, for the whole shot. */

import { requestJson } from "../api.js";
import { percent, revokeLater } from "../dom.js";
import { Photo } from "../photo.js";
import { t } from "../texts.js";
import { Places } from "./places.js";

export class Still extends Photo {
  /**
   * @param {import("./video.js").Video} video
   * @param {number} index of its shot
   */
  constructor(video, index) {
    super(new File([], t("video.shot-of", { name: video.name, number: index + 1 }))); // its picture comes from the server
    this.video = video;
    this.index = index;
    this.history = video.historyOf(index); // of the whole shot
    /** @type {Map<import("./places.js").Moment, Places>} */
    this.places = new Map(); // by the frames that were shown
    this.pointed = new WeakMap(); // the frames in which places were pointed at, by these
    /** @type {number | undefined} */
    this.pictured = undefined; // the frame of its picture
  }

  /** The width of its pixels by their height, as it is shown. */
  get aspect() {
    return this.video.told?.pixel_aspect ?? 1;
  }

  get asked() {
    return String(this.video.momentOf(this.index));
  }

  get #place() {
    const moment = this.video.momentOf(this.index);
    if (!this.places.has(moment)) this.places.set(moment, new Places(moment));
    return this.places.get(moment);
  }

  /** What is said of the shot, with corrections where they are in this frame, as far as that is known. */
  get state() {
    return this.#place.stateOf(this.history.state);
  }

  /** How many corrections of the shot are not seen in this frame. */
  get unseen() {
    return this.#place.countUnseen(this.history.state.hints);
  }

  /** What is being done, in words. */
  get doing() {
    const { video } = this;
    if (this.work !== "opening") return t(this.#place.finding ? "video.following" : `stage.${this.work}`);
    if (video.sent < 1) return t("video.sending", { share: percent(video.sent) });
    return t(video.isReading ? "video.reading" : "video.opening");
  }

  /** Places were pointed at in this frame; their color may come when another one is shown. */
  pointedAt(points) {
    this.pointed.set(points, this.#place.moment);
  }

  commit(change, amend = false) {
    const { hints } = this.history.state;
    return super.commit(change.hints ? { ...change, hints: this.#place.taken(change.hints, hints, this.pointed) } : change, amend);
  }

  /** It shows another frame now. */
  turned() {
    for (const url of [this.before, this.after]) revokeLater(url);
    Object.assign(this, { before: undefined, after: undefined, afterWidth: undefined });
    this.#place.isUnknown = false; // it may be told this time
    this.changed();
  }

  post() {
    const { video, index, closing: { signal } } = this;
    return video.call(async () => {
      const frame = video.shownFrameOf(index);
      const picture = frame === this.pictured ? null : await video.picture(frame);
      if (picture && frame === video.shownFrameOf(index)) {
        this.pictured = frame;
        this.replaceFile(new File([picture], this.name));
      }
      return requestJson(`${video.path}/frames/${frame}/canvas`, { method: "POST", signal });
    });
  }

  render(draft = false) {
    const place = this.#place;
    const { hints } = this.history.state;
    if (place.knows(hints)) return super.render(draft);
    const found = place.find(hints, this.video, this.index);
    this.dispatchEvent(new Event("work"));
    return found.then(() => (place === this.#place ? this.render(draft) : undefined)); // else it was turned, and opened anew
  }
}
