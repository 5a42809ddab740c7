/** The server, as far as the page needs it. */

import { $ } from "./dom.js";
import { readItem, writeItem } from "./storage.js";
import { fetchWithProgress } from "./uploading.js";
import { t } from "./texts.js";

const BASE = new URL("api/v1/", document.baseURI);
const ATTEMPTS = 8;
const LASTING = ["too_long", "too_many_films"]; // reasons for 503 that waiting does not mend
const PARTIAL = " with partial=true"; // the end of a remedy, for which the page has a button

/** An answer that is an error, in words for people. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: there is no answer
   * @param {string} code
   * @param {string} message
   * @param {boolean} canBePartial whether a part of the picture can be colored
   * @param {number} [pages] of the file that cannot be read, of which others may be sound
   * @param {string} [subject] what the server says it of
   */
  constructor(status, code, message, canBePartial = false, pages = undefined, subject = undefined) {
    super(message);
    this.subject = subject;
    this.pages = pages;
    this.canBePartial = canBePartial;
    this.status = status;
    this.code = code;
  }
}

let token = takeToken();

/** From the address, where it may stand behind #token=, or from this tab's memory. */
function takeToken() {
  const encoded = location.hash.match(/^#token=(.+)/)?.[1];
  const given = encoded && decoded(encoded);
  if (given) {
    writeItem("token", given, "sessionStorage");
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given ?? readItem("token", "sessionStorage");
}

/** Without its percent encoding, where it has one. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A header holds characters up to 255 only: these stand for the bytes of UTF-8. */
const headerValue = (text) => String.fromCharCode(...new TextEncoder().encode(text));

/** @type {Promise<void> | null} */
let tokenAsked = null; // until it was given

/** Ask the user for the token, once however many requests need it. */
function askToken(isWrong) {
  tokenAsked ??= new Promise((/** @type {(value?: any) => void} */ resolve) => {
    const box = $("token-box");
    $("token-title").textContent = t(isWrong ? "token.wrong" : "token.asked");
    box.addEventListener("close", () => {
      token = $("token").value;
      writeItem("token", token, "sessionStorage");
      tokenAsked = null;
      resolve();
    }, { once: true });
    box.showModal();
  });
  return tokenAsked;
}

/** @param {string} path below api/v1/ */
const urlOf = (path) => new URL(path, BASE).href;

/** The address of something that the browser itself can ask for, such as a film; null: not without the token. */
export const openUrl = (path) => (token ? null : urlOf(path));

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * One request; while the server is busy it is asked again, as it says.
 * @param {string} path below api/v1/
 * @param {{method?: string, body?: any, signal?: AbortSignal, keepalive?: boolean, onProgress?: (share: number) => void}} options
 *     a body that is no Blob is sent as JSON; how much of the body has gone out is told where one asks for it
 */
export async function request(path, { method = "GET", body, signal, keepalive, onProgress } = {}) {
  const headers = {};
  const json = body !== undefined && !(body instanceof Blob);
  if (json) headers["Content-Type"] = "application/json";
  else if (body) headers["Content-Type"] = body.type || "application/octet-stream";
  for (let attempt = 1; ; attempt++) {
    if (token) headers.Authorization = `Bearer ${headerValue(token)}`;
    const tried = token;
    const sent = { method, headers, signal, keepalive, body: json ? JSON.stringify(body) : body };
    let answer;
    try {
      answer = await (onProgress ? fetchWithProgress(urlOf(path), sent, onProgress) : fetch(urlOf(path), sent));
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw unreachable();
    }
    if (answer.ok) return tellingOfItsEnd(answer);
    const problem = (await answer.json().catch(() => ({}))).error ?? { code: "unknown" };
    if (answer.status === 503 && !LASTING.includes(problem.code) && attempt < ATTEMPTS) {
      await pause(Number(answer.headers.get("Retry-After") ?? 2));
    } else if (answer.status === 401 && attempt < ATTEMPTS) {
      if (tried === token) await askToken(problem.code === "wrong_token"); // else another one was given meanwhile
    } else {
      throw errorOf(problem, answer.status);
    }
  }
}

const unreachable = () => new ApiError(0, "unreachable", t("server.silent"));

/** The same answer; that it breaks off is told as that there is none, and not in the browser's words. @param {Response} answer */
function tellingOfItsEnd(answer) {
  for (const read of /** @type {const} */ (["blob", "json"])) {
    const own = answer[read].bind(answer);
    answer[read] = () => own().catch((error) => { throw inWords(error); });
  }
  return answer;
}

/** An error of reading an answer. Browsers have a TypeError for one that breaks off. */
export const inWords = (error) => (error instanceof TypeError ? unreachable() : error);

/**
 * @param {any} problem an error as the server tells it
 * @param {number} [status] that it came with
 */
export function errorOf(problem, status = 422) {
  const message = sentence(problem) ?? t("server.status", { status });
  return new ApiError(status, problem.code, message, problem.remedy?.endsWith(PARTIAL), problem.pages, problem.subject);
}

/** What the server says of a problem. */
function sentence({ subject, reason, remedy }) {
  if (!reason) return undefined;
  const told = `${subject} ${reason}${remedy ? `; ${remedy.replace(PARTIAL, "")}` : ""}.`;
  return /^\S+\.\w+$/.test(subject) ? told : told.replace(/^./, (c) => c.toUpperCase()); // a file keeps its name
}

/** The same, its answer parsed as JSON. */
export async function requestJson(path, options) {
  return (await request(path, options)).json();
}

/**
 * What may not be as expected.
 * @typedef {{code: string, text: string, subject: string}} Notice
 */

/**
 * @param {Response} answer
 * @returns {Notice[]} the first few of those that it comes with
 */
export function readNotices(answer) {
  return JSON.parse(answer.headers.get("Colornet-Notices") ?? '{"first": []}').first;
}
