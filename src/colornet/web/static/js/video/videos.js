/** The films of an album. */

import { announce, clock, megabytes } from "../dom.js";
import { t } from "../texts.js";
import { toast } from "../toasts.js";
import { lengthOf } from "./length.js";
import { Video } from "./video.js";

const ROOM = 0.25; // the share of the room that a browser has left which one film may take

export class Videos {
  /** @param {import("../album.js").Album} album */
  constructor(album) {
    this.album = album;
    /** @type {Video[]} */
    this.all = [];
    addEventListener("visibilitychange", () => { // what browsers slow down while a page is hidden
      if (!document.hidden) for (const video of this.all) video.wake();
    });
  }

  /**
   * Take those that the server takes, and show the first.
   * @param {File[]} files
   * @param {{records?: any[], isShown?: boolean}} how what was said of them before; whether one is shown
   */
  async add(files, { records = [], isShown = true } = {}) {
    const taken = [];
    for (const [index, file] of files.entries()) {
      const refusal = await this.#refusal(file).catch((error) => error.message);
      if (refusal) toast(refusal, file.name);
      else taken.push(await this.#take(new Video(file, undefined, records[index])));
    }
    if (taken.length && (isShown || !this.album.current)) this.album.show(taken[0]);
  }

  /** @param {Video} video that is new */
  async #take(video) {
    this.insert(video);
    video.isFileKept = Boolean(video.file) && await hasRoomFor(video.file);
    this.album.store.keep(video);
    return video;
  }

  /** Why the server would not take it, in words; empty: it would, as far as can be told here. */
  async #refusal(file) {
    const { films } = await this.album.describe();
    if (!films) return t("video.none-taken");
    if (file.size > films.max_bytes) return t("video.too-large", { size: megabytes(file.size), most: megabytes(films.max_bytes, { isLimit: true }) });
    const seconds = await lengthOf(file);
    if (seconds > films.max_seconds) return t("video.too-long", { length: clock(Math.ceil(seconds)), most: clock(films.max_seconds) });
    return "";
  }

  /** @param {Video} video */
  insert(video, index = this.all.length) {
    this.all.splice(index, 0, video);
    const { album } = this;
    video.makeRoom = () => this.#makeRoom();
    video.addEventListener("still", (/** @type {CustomEvent} */ { detail }) => album.adopt(detail));
    video.addEventListener("change", () => this.#tell(video, "video"));
    for (const what of ["uploaded", "asked", "said"]) {
      video.addEventListener(what, () => {
        album.store.keepState(video);
        this.#tell(video, "video");
      });
    }
    video.addEventListener("shots", async () => {
      video.poster = await video.smallPicture(video.frameOf(0)).catch(() => undefined);
      this.#tell(video, "video");
    });
    video.addEventListener("lost", () => this.#reopen(video));
    video.addEventListener("done", (/** @type {CustomEvent} */ { detail }) => this.#tellDone(video, detail));
    album.dispatchEvent(new Event("list"));
  }

  /** The server was started anew, or nobody asked for the film for long: it is uploaded again where it is shown. */
  #reopen(video) {
    if (video !== this.album.video) return;
    if (video.file) toast(t("video.lost"), video.name);
    video.ready().catch((error) => video.still.fail(error));
  }

  /** The server takes so many films at a time: one that only waits there is let go. */
  async #makeRoom() {
    const spare = this.all.find((video) => video.isSpare && video !== this.album.video);
    await spare?.leave();
    return Boolean(spare);
  }

  #tell(video, what) {
    this.album.dispatchEvent(new CustomEvent("change", { detail: { photo: video, what } }));
  }

  #tellDone(video, { isPreview }) {
    const { name, told: { state, order, result, preview } } = video;
    const isShown = video === this.album.video;
    if (state === "failed") {
      announce(t("film.not-colored", { name }));
      if (!isShown) toast(video.failure, name);
    } else if ((isPreview ? preview : result)?.order === order) {
      announce(t(isPreview ? "video.preview-ready" : "film.colored", { name }));
      if (isPreview) this.#tell(video, "preview");
      else if (!isShown) toast(t("video.done"), name);
    }
  }

  /** Take one over that was kept when the page was closed. */
  restore(key, file, kept) {
    const video = new Video(file, key, kept);
    this.insert(video);
    video.resume().catch(() => {}); // it tells once it is shown
  }

  /** Have the still open that is to be shown. @param {Video} video */
  open(video) {
    const { still } = video;
    this.album.ready(still);
    if (still.work === "ready" && !video.shots.length) { // the server no longer has it
      video.ready().catch((error) => still.fail(error));
    }
    this.album.store.keepState(video);
    return still;
  }

  /** Let a film go, here and on the server; to undo that is to upload it again. @param {Video} video */
  remove(video) {
    const index = this.all.indexOf(video);
    this.all.splice(index, 1);
    video.close();
    this.album.store.forget(video);
    this.album.showNear(index + this.album.photos.length, video);
    announce(t("film.removed", { name: video.name }));
    const run = () => this.#putBack(video, index);
    if (video.file) toast(t("video.removed"), video.name, { label: t("toast.undo"), run });
    else toast(t("video.removed-for-good"), video.name);
  }

  #putBack({ file, key, record, isFileKept }, index) {
    const video = Object.assign(new Video(file, key, { ...record.video, id: null, asked: {} }), { isFileKept });
    this.insert(video, Math.min(index, this.all.length));
    this.album.store.keep(video);
    this.album.show(video);
  }

  /** Let all go. */
  clear() {
    for (const video of this.all) video.close();
    this.all = [];
  }
}

async function hasRoomFor(file) {
  const { quota = 0, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
  return file.size < ROOM * (quota - usage);
}
