/** A frame of a shot: corrected as a photograph is, for the whole shot. */

import { requestJson } from "../api.js";
import { percent, revokeLater } from "../dom.js";
import { KEEP } from "../guidance.js";
import { Photo } from "../photo.js";
import { t } from "../texts.js";
import { Inherited } from "./inherited.js";
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
    this.inherited = new Inherited(video, index);
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

  /** What counts in the shot. */
  get #counting() {
    return this.inherited.stateOf(this.history.state);
  }

  /** What counts in the shot, with corrections where they are in this frame, as far as that is known. */
  get state() {
    return this.#place.stateOf(this.#counting);
  }

  /** How many corrections of the shot are not seen in this frame. */
  get unseen() {
    return this.#place.countUnseen(this.#counting.hints);
  }

  /** The number of the earlier shot whose corrections hold; 0: none do. */
  get inheritsFrom() {
    return this.history.state.hints.length ? 0 : this.inherited.number;
  }

  get isOutOfDate() {
    const isIdle = this.work === "ready" && !this.rendering && !this.live && !this.#isFinding;
    return isIdle && (super.isOutOfDate || !this.#knowsInherited);
  }

  get #isFinding() {
    return Boolean(this.inherited.finding || this.#place.finding);
  }

  get #knowsInherited() {
    return this.history.state.hints.length > 0 || this.inherited.isKnown;
  }

  /** What is being done, in words. */
  get doing() {
    const { video } = this;
    if (this.work !== "opening") return t(this.#isFinding ? "video.following" : `stage.${this.work}`);
    if (video.sent < 1) return t("video.sending", { share: percent(video.sent) });
    return t(video.isReading ? "video.reading" : "video.opening");
  }

  /** Places were pointed at in this frame; their color may come when another one is shown. */
  pointedAt(points) {
    this.pointed.set(points, this.#place.moment);
  }

  commit(change, amend = false) {
    return super.commit(change.hints ? { ...change, hints: this.#taken(change.hints) } : change, amend);
  }

  /** Corrections as they were made in this frame, as the shot's own; inherited ones that all go leave their places as they are without. */
  #taken(hints) {
    const before = this.#counting.hints;
    const taken = this.#place.taken(hints, before, this.pointed);
    return taken.length || !this.inheritsFrom ? taken : before.map((hint) => ({ ...hint, color: KEEP }));
  }

  /** It shows another frame now. */
  turned() {
    for (const url of [this.before, this.after]) revokeLater(url);
    Object.assign(this, { before: undefined, after: undefined, afterWidth: undefined });
    this.#place.isUnknown = false; // it may be told this time
    this.inherited.tryAgain();
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
    const found = this.#find(place);
    if (!found) return super.render(draft);
    this.dispatchEvent(new Event("work"));
    return found.then(() => (place === this.#place ? this.render(draft) : undefined)); // else it was turned, and opened anew
  }

  /** Ask the server for what is not known of this frame; null: nothing. */
  #find(place) {
    if (!this.#knowsInherited) return this.inherited.find();
    const { hints } = this.#counting;
    return place.knows(hints) ? null : place.find(hints, this.video, this.index);
  }
}
