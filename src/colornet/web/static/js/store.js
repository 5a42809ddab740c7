/**
 * Photographs and films, and what was said of them, kept in this browser (IndexedDB) until they are removed.
 *
 * They belong to one tab, the one that was opened last: otherwise two would undo each other's work. Every
 * change is made only if they still belong to the tab, in one transaction with that question.
 */

import { History, withReferences } from "./history.js";
import { t } from "./texts.js";
import { toast } from "./toasts.js";

const NAME = "colornet";
const VERSION = 2;
const PHOTOS = "photos"; // key -> the file
const STATES = "states"; // key -> what was said of it so far; references are files
const OWNER = "owner"; // 0 -> the tab that all of it belongs to

/** @typedef {import("./photo.js").Photo | import("./video/video.js").Video} Member of an album */

/** Tells by the event "taken" that another tab has it now, and in its detail whether a change was refused for that. */
export class Store extends EventTarget {
  constructor() {
    super();
    this.failed = false; // nothing is kept, as in some private windows
    this.isIncomplete = false; // something is not kept
    /** @type {Promise<IDBDatabase> | null} */
    this.database = null;
    this.tab = `${Date.now()} ${Math.random()}`;
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = () => this.#change(null);
  }

  /**
   * Keep a photograph or a film, and what was said of it; a new one is kept in any case, since that takes nothing away.
   * @param {Member} photo
   */
  keep(photo) {
    return this.#change(({ files, states }) => {
      files.put("isFileKept" in photo && !photo.isFileKept ? null : photo.file, photo.key);
      states.put(record(photo), photo.key);
    }, photo.key);
  }

  /** @param {Member} photo */
  keepState(photo) {
    return this.#change(({ states }) => states.put(record(photo), photo.key));
  }

  /** @param {Member} photo */
  forget(photo) {
    return this.#change(({ files, states }) => {
      files.delete(photo.key);
      states.delete(photo.key);
    });
  }

  clear() {
    return this.#change(({ files, states }) => {
      files.clear();
      states.clear();
    });
  }

  /**
   * Take over what was kept, in the order in which it was added.
   * @returns {Promise<{key: string, file: File, partial: boolean, history: History, video?: any}[]>} references are files;
   *     a film has a record of its own, and no file where there was no room for it
   */
  async take() {
    return (await this.#do(async (database) => {
      const { files, states, owner, done } = begin(database);
      owner.put(this.tab, 0);
      const [keys, pictures, said] = await Promise.all([files.getAllKeys(), files.getAll(), states.getAll()].map(answer));
      await done;
      this.channel.postMessage("taken");
      const byKey = new Map(said.map((one) => [one.key, one]));
      return keys.map((key, index) => {
        const { past, at, partial = false, video } = byKey.get(key) ?? {};
        return { key, file: pictures[index], partial, history: new History(past, at), video };
      });
    })) ?? [];
  }

  /**
   * @param {((stores: Record<"files" | "states", IDBObjectStore>) => void) | null} change null: only look whose it is
   * @param {string} [added] key of a photograph that is kept in any case if it is new
   */
  #change(change, added) {
    return this.#do(async (database) => {
      const stores = begin(database);
      const { files, owner, done } = stores;
      const isMine = (await answer(owner.get(0))) === this.tab;
      const isNew = added !== undefined && (await answer(files.getKey(added))) === undefined;
      if (isMine || isNew) change?.(stores);
      await done;
      if (!isMine) this.dispatchEvent(new CustomEvent("taken", { detail: { isRefused: Boolean(change) && !isNew } }));
    });
  }

  /** Work with the database; where there is none, say so once and go on without. What finds no room is said, too. */
  async #do(work) {
    if (this.failed) return undefined;
    try {
      this.database ??= open();
      return await work(await this.database);
    } catch (error) {
      const isFull = error.name === "QuotaExceededError"; // smaller things may still find room
      this.failed = !isFull;
      this.isIncomplete = true;
      toast(isFull ? t("save.full") : t("save.not-kept", { reason: error.message || error.name })); // some have no message
      return undefined;
    }
  }
}

async function open() {
  const request = indexedDB.open(NAME, VERSION);
  const blocked = new Promise((_, reject) => {
    request.onblocked = () => reject(new Error(t("save.blocked")));
  });
  request.onupgradeneeded = () => {
    const { result: database } = request;
    for (const name of [PHOTOS, STATES, OWNER]) {
      if (!database.objectStoreNames.contains(name)) database.createObjectStore(name);
    }
  };
  const database = await Promise.race([answer(request), blocked]);
  database.onversionchange = () => database.close();
  return database;
}

function begin(database) {
  const transaction = database.transaction([PHOTOS, STATES, OWNER], "readwrite");
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error ?? new DOMException("", "AbortError"));
  });
  done.catch(() => {}); // also where a request tells of the error first
  const [files, states, owner] = [PHOTOS, STATES, OWNER].map((name) => transaction.objectStore(name));
  return { files, states, owner, done };
}

/** @returns {Promise<any>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {Member} member */
function record(member) {
  if ("record" in member) return member.record;
  const { key, partial, history } = member;
  return { key, partial, past: withReferences(history.past, (reference) => reference.photo.file), at: history.at };
}

/** Whether something was said of a photograph or a film. @param {Member} member */
export function isChanged(member) {
  const histories = "histories" in member ? [...member.histories.values()] : [member.history];
  return histories.some(({ canUndo }) => canUndo);
}

let keys = 0;

/** A key that no other photograph has; later ones are greater. */
export function newKey() {
  keys += 1;
  return `${Date.now().toString().padStart(15, "0")}-${String(keys).padStart(6, "0")}`;
}
