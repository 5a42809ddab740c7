/** The photographs and films that are open, which of them is shown, and which are selected. */

import { requestJson } from "./api.js";
import { announce, megabytes } from "./dom.js";
import { History, withReferences } from "./history.js";
import { Photo } from "./photo.js";
import { Progress } from "./progress.js";
import { t } from "./texts.js";
import { toast, toastError } from "./toasts.js";
import { Videos } from "./video/videos.js";

/** @typedef {import("./store.js").Member} Member */

/** Tells of changes by the events "list", "current", and "change", whose detail is a photograph or a film and what changed of it. */
export class Album extends EventTarget {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this.store = store;
    /** @type {Photo[]} */
    this.photos = [];
    this.videos = new Videos(this);
    /** @type {Photo | null} */
    this.current = null; // a photograph, or the still of a film
    /** @type {Set<Photo>} */
    this.selected = new Set();
    this.server = null; // models and limits; asked for once
    this.progress = new Progress();
    this.queue = Promise.resolve(); // photographs are opened one after another
    /** @type {Set<Photo>} */
    this.unanswered = new Set(); // those that failed since there was no server
    /** @type {Promise<void> | null} */
    this.catchingUp = null; // until those that are out of date are colored anew
  }

  /** All that is open, in the order of the strip. @returns {Member[]} */
  get members() {
    return [...this.photos, ...this.videos.all];
  }

  /** The one that is shown. @returns {Member | null} */
  get shown() {
    return this.video ?? this.current;
  }

  /** The film that is shown, if it is one. @returns {import("./video/video.js").Video | null} */
  get video() {
    return /** @type {any} */ (this.current)?.video ?? null;
  }

  /** Whether a photograph, or the film of a still, is open. */
  has(photo) {
    return this.members.includes(photo.video ?? photo);
  }

  /** What the server can do. */
  async describe() {
    this.server ??= await requestJson("models");
    return this.server;
  }

  /**
   * Take photographs, show the first of them, and color all.
   * @param {File[]} files
   */
  add(files) {
    this.#take(files.filter((file) => this.#fits(file)).map((file) => new Photo(file)));
  }

  /**
   * Take the photographs and films of a project, with what was said of them.
   * @param {{items: import("./project.js").Item[], films: import("./project.js").Film[]}} project
   */
  addProject({ items, films }) {
    this.#take(items.map((item) => restored(new Photo(item.file), item)));
    const records = films.map(({ record }) => record);
    return this.videos.add(films.map(({ file }) => file), { records, isShown: items.length === 0 });
  }

  #take(photos) {
    for (const photo of photos) {
      this.#insert(photo);
      this.store.keep(photo);
    }
    if (photos.length) this.show(photos[0]);
  }

  /** Open what was kept when the page was closed. */
  async restore() {
    const kept = await this.store.take();
    for (const { key, file, video, ...rest } of kept) {
      if (video) this.videos.restore(key, file, video);
      else this.#insert(restored(new Photo(file, key), rest));
    }
    if (this.members.length && !this.current) this.show(this.members[0]);
  }

  #insert(photo, index = this.photos.length) {
    this.photos.splice(index, 0, photo);
    this.adopt(photo);
    this.progress.add();
    photo.opened = this.queue = this.queue.then(() => this.open(photo)).finally(() => this.progress.finish());
  }

  /** Follow what becomes of a photograph, or of a film's still. */
  adopt(photo) {
    for (const what of ["state", "picture", "raw", "rendering", "work", "turned"]) {
      photo.addEventListener(what, () => {
        if (what === "state" && this.has(photo)) this.store.keepState(photo.video ?? photo);
        if (what === "turned") this.reopen(photo);
        this.dispatchEvent(new CustomEvent("change", { detail: { photo, what } }));
      });
    }
  }

  #fits(file) {
    const most = this.server?.max_bytes ?? Infinity;
    if (file.size <= most) return true;
    toast(t("film.too-large", { size: megabytes(file.size), most: megabytes(most, { isLimit: true }) }), file.name);
    return false;
  }

  /** Have a photograph in color, if it can be: a still is opened once it is needed. */
  async ready(photo) {
    if ("video" in photo && photo.work === "waiting") this.reopen(photo);
    await photo.opened;
  }

  /** Open it at once: it was turned, is needed, or is tried again. */
  reopen(photo) {
    photo.opened = this.open(photo);
  }

  /** Color a photograph, or try it again; what went wrong is in `photo.error`. */
  async open(photo) {
    this.unanswered.delete(photo);
    if (!this.has(photo)) return;
    try {
      photo.model = (await this.describe()).models[0];
      announce(t("film.coloring", { name: photo.name }));
      if (!(await photo.open())) return;
      for (const { subject, text } of photo.told) {
        toast(`${text}.`, subject.replace("the picture", () => photo.name));
      }
      announce(t("film.colored", { name: photo.name }));
      this.#openUnanswered();
    } catch (error) {
      if (!this.has(photo)) return;
      photo.fail(error);
      if (photo === this.current) announce(t("film.not-colored", { name: photo.name }));
      else toastError(error, photo.name);
      const isRead = await photo.file.slice(0, 1).arrayBuffer().catch(() => null); // else it is the file that fails
      if (error.code === "unreachable" && isRead && photo.work === "failed" && this.has(photo)) this.unanswered.add(photo);
    }
  }

  /** The server answers: open those that found none. */
  #openUnanswered() {
    for (const photo of this.photos) { // a film, which may have to be uploaded again, waits until it is shown
      if (!this.unanswered.delete(photo)) continue;
      photo.opened = this.queue = this.queue.then(() => photo.work === "failed" && this.open(photo));
    }
  }

  /** @param {Member | null} member */
  show(member) {
    this.current = member && "stills" in member ? this.videos.open(member) : member;
    this.dispatchEvent(new Event("current"));
    this.catchUp();
  }

  /** Do what failed of the photograph that is shown, or of another one, while the server was gone. */
  catchUp(other = this.current) {
    const { current, unanswered } = this;
    if (current?.isOutOfDate) current.render().catch((error) => toastError(error, current.name));
    const photo = unanswered.has(current) ? current : other;
    if (unanswered.has(photo)) this.reopen(photo);
    this.catchingUp ??= this.#colorAgain().finally(() => { this.catchingUp = null; });
  }

  /** Color those anew, out of sight, whose pictures show something else than was said last. */
  async #colorAgain() {
    const stills = this.video?.stills.values() ?? []; // another film, which may have to be uploaded again, waits until it is shown
    for (const photo of [...this.photos, ...stills]) {
      try {
        if (photo.isOutOfDate) await photo.render();
      } catch (error) {
        if (error.code === "unreachable") return; // still; it was told when it was said
      }
    }
  }

  /** Show a photograph, or a still in its film. @param {Photo} photo */
  showPhoto(photo) {
    const { video, index } = /** @type {any} */ (photo);
    if (video) video.index = index;
    this.show(video ?? photo);
  }

  /** @param {number} by photographs or films onward, or back */
  step(by) {
    const { members } = this;
    const next = members[members.indexOf(this.shown) + by];
    if (next) this.show(next);
  }

  /** Show what takes the place of a member that has gone, if it was shown. */
  showNear(index, gone) {
    const { members } = this;
    if (gone === this.shown) this.show(members[Math.min(index, members.length - 1)] ?? null);
    this.dispatchEvent(new Event("list"));
  }

  /** Let a photograph or a film go; for a while that can be undone. @param {Member} photo */
  remove(photo) {
    if ("stills" in photo) {
      this.videos.remove(photo);
      return;
    }
    const index = this.photos.indexOf(photo);
    this.photos.splice(index, 1);
    this.selected.delete(photo);
    photo.close();
    this.store.forget(photo);
    this.showNear(index, photo);
    announce(t("film.removed", { name: photo.name }));
    toast(t("film.removed-toast"), photo.name, { label: t("toast.undo"), run: () => this.#putBack(photo, index) });
  }

  #putBack({ file, key, partial, history }, index) {
    const photo = Object.assign(new Photo(file, key), { partial });
    photo.history = history;
    this.#insert(photo, Math.min(index, this.photos.length));
    this.store.keep(photo);
    this.show(photo);
  }

  /** Let all photographs go, and what was kept of them. */
  async clear() {
    const cleared = this.store.clear();
    for (const photo of this.photos) {
      try {
        photo.close();
      } catch {
        // it goes all the same
      }
    }
    this.videos.clear();
    this.photos = [];
    this.selected.clear();
    this.show(null);
    await cleared;
  }

  /** Those that are selected, or all if none is; what is removed meanwhile stays in the list. */
  get chosen() {
    return this.photos.filter((photo) => !this.selected.size || this.selected.has(photo));
  }

  /** @param {Photo[]} photos that are selected, or no longer */
  select(photos, on) {
    for (const photo of photos) {
      if (on) this.selected.add(photo);
      else this.selected.delete(photo);
    }
    this.dispatchEvent(new Event("list"));
  }

  /** Those that are selected, or all, without the one that is shown; of a film, the stills of the other shots. */
  get others() {
    const { video } = this;
    if (video) return [...video.shots.keys()].filter((index) => index !== video.index).map((index) => video.stillOf(index));
    return this.chosen.filter((photo) => photo !== this.current);
  }
}

/** A photograph with what was said of it; references that are files become photographs, each file one. */
function restored(photo, { partial, history: { past, at } }) {
  const photos = new Map();
  const opened = (/** @type {File} */ file) => {
    if (!photos.has(file)) photos.set(file, { photo: new Photo(file), name: file.name });
    return photos.get(file);
  };
  photo.partial = partial;
  photo.history = new History(withReferences(past, opened), at);
  return photo;
}
