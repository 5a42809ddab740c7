/** The photographs that are open, which of them is shown, and which are selected. */

import { requestJson } from "./api.js";
import { announce } from "./dom.js";
import { History, withReferences } from "./history.js";
import { Photo } from "./photo.js";
import { Progress } from "./progress.js";
import { t } from "./texts.js";
import { toast } from "./toasts.js";

/** Tells of changes by the events "list", "current", and "change", whose detail is a photograph and what changed of it. */
export class Album extends EventTarget {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this.store = store;
    /** @type {Photo[]} */
    this.photos = [];
    /** @type {Photo | null} */
    this.current = null;
    /** @type {Set<Photo>} */
    this.selected = new Set();
    this.server = null; // models and limits; asked for once
    this.progress = new Progress();
    this.queue = Promise.resolve(); // photographs are opened one after another
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
   * Take the photographs of a project, with what was said of them.
   * @param {import("./project.js").Item[]} items
   */
  addProject(items) {
    this.#take(items.map((item) => restored(new Photo(item.file), item)));
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
    for (const { key, file, ...rest } of kept) {
      this.#insert(restored(new Photo(file, key), rest));
    }
    if (this.photos.length && !this.current) this.show(this.photos[0]);
  }

  #insert(photo, index = this.photos.length) {
    this.photos.splice(index, 0, photo);
    for (const what of ["state", "picture", "rendering", "work", "turned"]) {
      photo.addEventListener(what, () => {
        if (what === "state") this.store.keepState(photo);
        if (what === "turned") this.open(photo);
        this.dispatchEvent(new CustomEvent("change", { detail: { photo, what } }));
      });
    }
    this.progress.add();
    photo.opened = this.queue = this.queue.then(() => this.open(photo)).finally(() => this.progress.finish());
  }

  #fits(file) {
    const most = this.server?.max_bytes ?? Infinity;
    if (file.size <= most) return true;
    toast(t("film.too-large", { size: megabytes(file.size), most: megabytes(most) }), file.name);
    return false;
  }

  /** Color a photograph, or try it again; what went wrong is in `photo.error`. */
  async open(photo) {
    if (!this.photos.includes(photo)) return;
    try {
      photo.model = (await this.describe()).models[0];
      announce(t("film.coloring", { name: photo.name }));
      if (!(await photo.open())) return;
      for (const { subject, text } of photo.told) {
        toast(`${text}.`, subject.replace("the picture", photo.name));
      }
      announce(t("film.colored", { name: photo.name }));
    } catch (error) {
      if (!this.photos.includes(photo)) return;
      photo.fail(error);
      if (photo === this.current) announce(t("film.not-colored", { name: photo.name }));
      else toast(error.message, photo.name);
    }
  }

  /** @param {Photo | null} photo */
  show(photo) {
    this.current = photo;
    this.dispatchEvent(new Event("current"));
  }

  /** @param {number} by photographs onward, or back */
  step(by) {
    const next = this.photos[this.photos.indexOf(this.current) + by];
    if (next) this.show(next);
  }

  /** Let a photograph go; for a while that can be undone. */
  remove(photo) {
    const index = this.photos.indexOf(photo);
    this.photos.splice(index, 1);
    this.selected.delete(photo);
    photo.close();
    this.store.forget(photo);
    if (photo === this.current) this.show(this.photos[Math.min(index, this.photos.length - 1)] ?? null);
    this.dispatchEvent(new Event("list"));
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
    this.photos = [];
    this.selected.clear();
    this.show(null);
    await cleared;
  }

  /** Those that are selected, or all if none is. */
  get chosen() {
    return this.selected.size ? this.photos.filter((photo) => this.selected.has(photo)) : this.photos;
  }

  select(photo, on) {
    if (on) this.selected.add(photo);
    else this.selected.delete(photo);
    this.dispatchEvent(new Event("list"));
  }

  /** Those that are selected, or all, without the one that is shown. */
  get others() {
    return this.chosen.filter((photo) => photo !== this.current);
  }

  /**
   * Give a look to photographs; their corrections stay.
   * @param {import("./guidance.js").State} state
   * @param {Photo[]} others
   */
  async applyLook({ strength, saturation, setting, variant, levels, reference }, others) {
    let done = 0;
    for (const photo of others) {
      announce(t("look.applying", { number: done + 1, count: others.length }));
      await photo.opened;
      try {
        if (!photo.after) throw photo.error ?? new Error(t("look.gray"));
        await photo.commit({ strength, saturation, setting, variant, levels, reference });
        done += 1;
      } catch (error) {
        if (this.photos.includes(photo)) toast(error.message, photo.name);
      }
    }
    announce(t("look.applied", { done, count: others.length }));
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

const megabytes = (bytes) => Math.floor(bytes / 2 ** 20);
