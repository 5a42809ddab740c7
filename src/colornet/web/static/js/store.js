/** Photographs and what was said of them, kept in this browser (IndexedDB) until they are removed. */

import { History, withReferences } from "./history.js";
import { t } from "./texts.js";
import { toast } from "./toasts.js";

const NAME = "colornet";
const PHOTOS = "photos"; // key -> the file
const STATES = "states"; // key -> what was said of it so far; references are files

export class Store {
  constructor() {
    this.failed = false; // nothing is kept, as in some private windows
    /** @type {Promise<IDBDatabase> | null} */
    this.database = null;
  }

  /**
   * Keep a photograph, and what was said of it.
   * @param {import("./photo.js").Photo} photo
   */
  keep(photo) {
    return this.#do(async (database) => {
      const { files, states, done } = begin(database, "readwrite");
      files.put(photo.file, photo.key);
      states.put(record(photo), photo.key);
      await done;
    });
  }

  /** @param {import("./photo.js").Photo} photo */
  keepState(photo) {
    return this.#do(async (database) => {
      const { states, done } = begin(database, "readwrite");
      states.put(record(photo), photo.key);
      await done;
    });
  }

  /** @param {import("./photo.js").Photo} photo */
  forget(photo) {
    return this.#do(async (database) => {
      const { files, states, done } = begin(database, "readwrite");
      files.delete(photo.key);
      states.delete(photo.key);
      await done;
    });
  }

  clear() {
    return this.#do(async (database) => {
      const { files, states, done } = begin(database, "readwrite");
      files.clear();
      states.clear();
      await done;
    });
  }

  /**
   * What was kept, in the order in which it was added.
   * @returns {Promise<{key: string, file: File, turn: number, history: History}[]>} references are files
   */
  async read() {
    return (await this.#do(async (database) => {
      const { files, states } = begin(database, "readonly");
      const [keys, pictures, said] = await Promise.all([files.getAllKeys(), files.getAll(), states.getAll()].map(answer));
      const byKey = new Map(said.map((one) => [one.key, one]));
      return keys.map((key, index) => {
        const { past, at, turn = 0 } = byKey.get(key) ?? {};
        return { key, file: pictures[index], turn, history: new History(past, at) };
      });
    })) ?? [];
  }

  /** Work with the database; where there is none, say so once and go on without. */
  async #do(work) {
    if (this.failed) return undefined;
    try {
      this.database ??= open();
      return await work(await this.database);
    } catch (error) {
      this.failed = true;
      toast(t("save.not-kept", { reason: error.message }));
      return undefined;
    }
  }
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(PHOTOS);
    request.result.createObjectStore(STATES);
  };
  return answer(request);
}

function begin(database, mode) {
  const transaction = database.transaction([PHOTOS, STATES], mode);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  if (mode === "readonly") done.catch(() => {}); // its requests tell of the error
  return { files: transaction.objectStore(PHOTOS), states: transaction.objectStore(STATES), done };
}

/** @returns {Promise<any>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function record(photo) {
  const { history, turn } = photo;
  return { key: photo.key, turn, past: withReferences(history.past, (reference) => reference.photo.file), at: history.at };
}
