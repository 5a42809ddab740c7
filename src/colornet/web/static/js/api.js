/** The server, as far as the page needs it. */

import { $ } from "./dom.js";

const BASE = new URL("api/v1/", document.baseURI);
const ATTEMPTS = 8;

/** An answer that is an error, in words for people. */
export class ApiError extends Error {
  constructor(status, { code, subject, reason, remedy }) {
    super(`${subject} ${reason}${remedy ? `; ${remedy}` : ""}.`.replace(/^./, (c) => c.toUpperCase()));
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
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem("token");
}

/** @type {Promise<void> | null} */
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

let tokenAsked = null; // until it was given

/** Ask the user for the token, once however many requests need it. */
function askToken(isWrong) {
  tokenAsked ??= new Promise((/** @type {(value?: any) => void} */ resolve) => {
    const box = $("token-box");
    $("token-title").textContent = isWrong ? "This token is wrong" : "This server asks for a token";
    box.addEventListener("close", () => {
      token = $("token").value;
      sessionStorage.setItem("token", token);
      tokenAsked = null;
      resolve();
    }, { once: true });
    box.showModal();
  });
  return tokenAsked;
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * One request; while the server is busy it is asked again, as it says.
 * @param {string} path below api/v1/
 * @param {{method?: string, body?: any, signal?: AbortSignal, keepalive?: boolean}} options a body that is no Blob is sent as JSON
 */
export async function request(path, { method = "GET", body, signal, keepalive } = {}) {
  const headers = {};
  const json = body !== undefined && !(body instanceof Blob);
  if (json) headers["Content-Type"] = "application/json";
  else if (body) headers["Content-Type"] = body.type || "application/octet-stream";
  for (let attempt = 1; ; attempt++) {
    if (token) headers.Authorization = `Bearer ${headerValue(token)}`;
    let answer;
    try {
      answer = await fetch(new URL(path, BASE), { method, headers, signal, keepalive, body: json ? JSON.stringify(body) : body });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      const problem = { code: "unreachable", subject: "the server", reason: "does not answer", remedy: "see whether colornet serve still runs" };
      throw new ApiError(0, problem);
    }
    if (answer.ok) return answer;
    const unknown = { code: "unknown", subject: "the server", reason: `answers ${answer.status}`, remedy: "" };
    const problem = (await answer.json().catch(() => ({}))).error ?? unknown;
    if (answer.status === 503 && problem.code !== "too_long" && attempt < ATTEMPTS) {
      await pause(Number(answer.headers.get("Retry-After") ?? 2));
    } else if (answer.status === 401 && attempt < ATTEMPTS) {
      await askToken(problem.code === "wrong_token");
    } else {
      throw new ApiError(answer.status, problem);
    }
  }
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
