/** Messages that appear for a while: few, and one for all photographs that it is about. */

import { $, icon, make } from "./dom.js";
import { t } from "./texts.js";

const MOST = 3; // at a time; the oldest makes room
const SECONDS = 9;

/** @typedef {{box: HTMLElement, subjects: Set<string>, timer: number, run?: () => void}} Shown with what takes back what it tells of */

/** @type {Map<string | symbol, Shown>} those shown, by what they say, and those with an action each for itself */
const shown = new Map();

/**
 * Tell everybody.
 * @param {string} text
 * @param {string} subject the photograph that it is about, if it is about one
 * @param {{label: string, run: () => void} | null} action what can be done about it
 */
export function toast(text, subject = "", action = null) {
  const key = action ? Symbol(text) : text; // each has its own to be undone
  const one = shown.get(key) ?? open(key, action);
  if (subject) one.subjects.add(subject);
  one.box.firstElementChild.textContent = words(text, [...one.subjects]);
  wait(key);
  for (const oldest of [...shown.keys()].slice(0, -MOST)) close(oldest);
}

/**
 * Tell what went wrong; what was ended on purpose, such as the work on a photograph that was removed, has not.
 * @param {Error & {about?: string}} error that may know itself whom it is about
 * @param {string} [subject]
 */
export function toastError(error, subject) {
  if (error.name !== "AbortError") toast(error.message, error.about || subject);
}

/** Take back what the newest message tells of, if nothing else was done since. @returns {boolean} false: there is nothing */
export function takeBackTold() {
  const run = [...shown.values()].findLast((one) => one.run)?.run;
  run?.();
  return Boolean(run);
}

/** Something else was done: what was told before is taken back by the buttons of its messages alone. */
export function endTakingBack() {
  for (const one of shown.values()) one.run = undefined;
}

/** Close what was told of a photograph alone: it is seen in its place now, which the message might cover. */
export function closeAbout(subject) {
  for (const [key, { subjects }] of shown) if (typeof key === "string" && subjects.size === 1 && subjects.has(subject)) close(key);
}

/** Close it after a while in which nobody uses it. */
function wait(key) {
  const one = shown.get(key);
  clearTimeout(one?.timer);
  if (one) one.timer = window.setTimeout(() => (one.box.matches(":hover, :focus-within") ? wait(key) : close(key)), SECONDS * 1000);
}

function words(text, subjects) {
  if (subjects.length === 0) return text;
  const key = subjects.length > 1 ? "toast.about-more" : "toast.about";
  return t(key, { subject: subjects[0], count: subjects.length - 1, text });
}

function open(key, action) {
  const button = make("button", { className: "icon small", "aria-label": t("toast.dismiss") }, icon("close"));
  button.onclick = () => close(key);
  const box = make("div", { className: "toast" }, make("p"), button);
  const run = action && (() => {
    action.run();
    close(key);
  });
  if (run) button.before(make("button", { className: "quiet small", textContent: action.label, onclick: run }));
  $("toasts").append(box);
  const one = { box, subjects: new Set(), timer: 0, run };
  shown.set(key, one);
  return one;
}

/** Close it; the focus that it had goes to what is shown. */
function close(key) {
  const box = shown.get(key)?.box;
  const isFocused = box?.contains(document.activeElement);
  box?.remove();
  shown.delete(key);
  if (isFocused) ($("studio")?.hidden ? $("choose") : $("stage"))?.focus({ preventScroll: true }); // the API's page has neither
}
