/** The server, as far as the page needs it. */

import { $ } from "./dom.js";

const BASE = new URL("api/v1/", document.baseURI);
const ATTEMPTS = 8;

/** An answer that is an error, in words for people. */
export class ApiError extends Error {
  constructor(status, { code, subject, reason, mend }) {
    super(`${subject} ${reason}${mend ? `; ${mend}` : ""}.`.replace(/^./, (c) => c.toUpperCase()));
    this.status = status;
    this.code = code;
  }
}

let token = takeToken();

/** From the address, where it may stand behind #token=, or from this tab's memory. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem("token");
}

/** @type {Promise<void> | null} */
let tokenAsked = null; // until it was given

/** Ask the user for the token, once however many requests need it. */
function askToken() {
  tokenAsked ??= new Promise((/** @type {(value?: any) => void} */ resolve) => {
    const box = $("token-box");
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
 * @param {{method?: string, body?: any, signal?: AbortSignal}} options a body that is no Blob is sent as JSON
 */
export async function request(path, { method = "GET", body, signal } = {}) {
  const headers = {};
  const json = body !== undefined && !(body instanceof Blob);
  if (json) headers["Content-Type"] = "application/json";
  else if (body) headers["Content-Type"] = body.type || "application/octet-stream";
  for (let attempt = 1; ; attempt++) {
    if (token) headers.Authorization = `Bearer ${token}`;
    let answer;
    try {
      answer = await fetch(new URL(path, BASE), { method, headers, signal, body: json ? JSON.stringify(body) : body });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      const problem = { code: "unreachable", subject: "the server", reason: "does not answer", mend: "see whether colornet serve still runs" };
      throw new ApiError(0, problem);
    }
    if (answer.ok) return answer;
    const unknown = { code: "unknown", subject: "the server", reason: `answers ${answer.status}`, mend: "" };
    const problem = (await answer.json().catch(() => ({}))).error ?? unknown;
    if (answer.status === 503 && problem.code !== "too_long" && attempt < ATTEMPTS) {
      await pause(Number(answer.headers.get("Retry-After") ?? 2));
    } else if (answer.status === 401 && attempt < ATTEMPTS) {
      await askToken();
    } else {
      throw new ApiError(answer.status, problem);
    }
  }
}

/** The same, its answer parsed as JSON. */
export async function requestJson(path, options) {
  return (await request(path, options)).json();
}
