/** Files that are too large for memory: written to disk as they come, and then handed over to the browser. */

import { saveFile } from "./dom.js";
import { t } from "./texts.js";

const OLD = 10 * 60 * 1000; // milliseconds after which a file is no longer needed, not even by the player
export const HANDED_OVER = 60 * 1000; // and after which the browser has saved it

/**
 * Save a stream. Where the browser has a file system of its own (OPFS) it goes through that, else, or if that is full,
 * through a Blob.
 * @param {() => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>} make begins the stream, perhaps a second time
 * @param {string} name
 */
export async function saveStream(make, name) {
  saveFile(await streamToFile(make, name), name);
}

/**
 * The same, but only as far as a file that the browser has.
 * @returns {Promise<Blob>}
 */
export async function streamToFile(make, name) {
  const folder = await privateFolder();
  const file = folder && await throughFolder(folder, make, name);
  return file ?? new Response(await make()).blob();
}

/** @returns {Promise<File | null>} null: there is no room for it */
async function throughFolder(folder, make, name) {
  const own = `${crypto.randomUUID()}-${name}`;
  try {
    const handle = await folder.getFileHandle(own, { create: true });
    await (await make()).pipeTo(await handle.createWritable());
    return await handle.getFile();
  } catch (error) {
    await folder.removeEntry(own).catch(() => {});
    if (error.name !== "QuotaExceededError") throw error;
    return null;
  }
}

async function privateFolder() {
  if (!("createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {}))) return null;
  try {
    const folder = await navigator.storage.getDirectory();
    return await folder.getDirectoryHandle("downloads", { create: true });
  } catch {
    return null; // as in some private windows
  }
}

/** Remove what was handed over so many milliseconds ago. */
export async function forgetSaved(age = OLD) {
  const folder = await privateFolder();
  if (!folder) return;
  for await (const [name, handle] of folder.entries()) {
    try {
      const { lastModified } = await handle.getFile();
      if (Date.now() - lastModified > age) await folder.removeEntry(name);
    } catch {
      // another tab is writing it, or has removed it
    }
  }
}

export const canSaveIntoFolder = "showDirectoryPicker" in globalThis;

/**
 * Save files into a folder that the user chooses; what is there is not replaced.
 * @param {AsyncIterable<{name: string, input: Blob}>} files
 * @returns {Promise<boolean>} whether a folder was chosen
 */
export async function saveIntoFolder(files) {
  let folder;
  try {
    folder = await globalThis.showDirectoryPicker({ mode: "readwrite" });
  } catch (error) {
    if (error.name === "AbortError") return false;
    throw error;
  }
  for await (const { name, input } of files) {
    const free = await freeName(folder, name);
    const handle = await folder.getFileHandle(free, { create: true });
    try {
      await input.stream().pipeTo(await handle.createWritable());
    } catch (error) {
      await folder.removeEntry(free).catch(() => {}); // it is empty
      throw error.name === "AbortError" ? new Error(t("save.refused", { name })) : error; // the user's own aborts are silent
    }
  }
  return true;
}

async function freeName(folder, name) {
  for (let n = 1; ; n++) {
    const free = n === 1 ? name : name.replace(/(\.[^.]+)?$/, ` ${n}$1`);
    try {
      await folder.getFileHandle(free);
    } catch (error) {
      if (error.name === "NotFoundError") return free;
      throw error;
    }
  }
}
