/** A project: all photographs and films with what was said of them, as one file. It is a ZIP whose project.json names the others. */

import { PROJECT } from "./files.js";
import { fromJson, toJson } from "./guidance.js";
import { History } from "./history.js";
import { saveStream } from "./saving.js";
import { t } from "./texts.js";
import { makeZip } from "./vendor/client-zip/index.js";
import { readZip } from "./unzip.js";

const VERSION = 1;
const MOST = 2 ** 32 - 2 ** 24; // bytes of all photographs, so that their places in the file have 32 bits
const INDEX = "project.json";
const TURNS = [0, 90, 180, 270];

/**
 * @typedef {object} Item
 * @property {File} file
 * @property {boolean} partial whether it is colored although it ends too early
 * @property {History} history its references are files
 */

/** @typedef {{file: File, record: any}} Film with the record that it has in this browser, too */

/**
 * @param {import("./album.js").Album} album
 * @throws {Error} it is too large for a ZIP of this kind, or only the server has a film of it
 */
export async function saveProject({ photos, videos: { all: videos } }) {
  const files = new Map(); // a path for each file
  const pathOf = (/** @type {File} */ file) => {
    if (!files.has(file)) files.set(file, `files/${String(files.size + 1).padStart(4, "0")} ${file.name.replaceAll("/", "_")}`);
    return files.get(file);
  };
  const toState = (/** @type {import("./guidance.js").State} */ state) => ({
    guidance: toJson(state),
    turn: state.turn,
    page: state.page,
    aside: state.aside,
    reference: state.reference && pathOf(state.reference.photo.file),
  });
  const items = photos.map(({ file, partial, history: { past, at } }) => ({ file: pathOf(file), partial, at, past: past.map(toState) }));
  const missing = videos.find(({ file }) => !file);
  if (missing) throw new Error(t("project.film-missing", { name: missing.name }));
  const films = videos.map(({ file, partial, index, histories }) => ({
    file: pathOf(file),
    partial,
    index,
    shots: [...histories].map(([shot, { past, at }]) => ({ index: shot, at, past: past.map(toState) })),
  }));
  const size = [...files.keys()].reduce((sum, file) => sum + file.size, 0);
  if (size > MOST) throw new Error(t("project.too-large"));
  const index = JSON.stringify({ version: VERSION, photographs: items, films }, null, 2);
  const entries = [...files].map(([input, name]) => ({ name, input, lastModified: input.lastModified }));
  return saveStream(() => makeZip([{ name: INDEX, input: index }, ...entries]), `album${PROJECT}`);
}

/**
 * @param {File} project
 * @returns {Promise<{items: Item[], films: Film[]}>}
 * @throws {Error} it is none, or it is damaged
 */
export async function openProject(project) {
  const entries = await readZip(project);
  const index = entries.get(INDEX);
  if (!index) throw new Error(t("project.none"));
  const json = parsed(await index.text());
  if (Number.isInteger(json?.version) && json.version !== VERSION) {
    throw new Error(t("correct.version-other", { found: String(json.version), version: VERSION }));
  }
  try {
    return itemsOf(json, entries);
  } catch {
    throw new Error(t("project.damaged"));
  }
}

/** @returns {any} null: it is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {any} json the index, of which anything may be wrong
 * @param {Map<string, Blob>} entries
 * @returns {{items: Item[], films: Film[]}}
 * @throws {Error} something is wrong
 */
function itemsOf({ version, photographs, films = [] }, entries) {
  const isRight = version === VERSION && (isFilled(photographs) || isFilled(films)) && photographs.every(isItem) && films.every(isFilm);
  if (!isRight) throw new Error(INDEX);
  const files = new Map();
  const fileAt = (/** @type {string} */ path) => {
    if (!entries.has(path)) throw new Error(INDEX);
    if (!files.has(path)) files.set(path, new File([entries.get(path)], path.replace(/^files\/\d+ /, "")));
    return files.get(path);
  };
  const toState = ({ guidance, turn, page = 1, aside = {}, reference }) => ({
    ...fromJson(guidance, {}), turn, page, aside: asideOf(aside), reference: reference ? fileAt(reference) : null,
  });
  return {
    items: photographs.map(({ file, partial = false, past, at }) => (
      { file: fileAt(file), partial, history: new History(past.map(toState), at) })),
    films: films.map(({ file, partial = false, index, shots }) => {
      const said = {};
      for (const { index: shot, moment = "middle", at, past } of shots) (said[shot] ??= []).push({ moment, past: past.map(toState), at });
      return { file: fileAt(file), record: { partial, index, said } };
    }),
  };
}

/** What is said of other pages, checked. */
function asideOf(aside) {
  return Object.fromEntries(Object.entries(aside).map(([page, { variant, hints, turn }]) => {
    if (!isPage(Number(page)) || !TURNS.includes(turn)) throw new Error(INDEX);
    return [page, { variant, turn, hints: fromJson({ version: 1, hints }, {}).hints }];
  }));
}

const isPage = (page) => Number.isInteger(page) && page >= 1;
const isIndex = (index) => Number.isInteger(index) && index >= 0;
const isMoment = (moment) => moment === "middle" || isIndex(moment);
const isShot = (shot) => isIndex(shot?.index) && isMoment(shot.moment ?? "middle") && isItem(shot)
  && shot.past.every(({ guidance }) => (guidance?.hints ?? []).every((hint) => isMoment(hint?.at ?? "middle")));
const isFilm = ({ partial = false, index, shots }) => typeof partial === "boolean" && isIndex(index) && Array.isArray(shots) && shots.every(isShot);
const isFilled = (list) => Array.isArray(list) && list.length > 0;
const isItem = ({ partial = false, past, at }) => typeof partial === "boolean" && isFilled(past) && Number.isInteger(at) && at in past
  && past.every((state) => TURNS.includes(state?.turn) && isPage(state.page ?? 1));
