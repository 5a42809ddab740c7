/** What the page says of the photograph that is shown, and of what it takes. */

import { $ } from "./dom.js";
import { t } from "./texts.js";

const MEBIBYTE = 2 ** 20;

/** @param {import("./album.js").Album} album */
export function drawTitle({ current, shown, members }) {
  const name = current?.name ?? "";
  const place = { name, number: members.indexOf(shown) + 1, count: members.length };
  $("photo-title").textContent = members.length > 1 ? t("bar.place", place) : name;
  $("photo-title").hidden = !current;
  document.title = current ? `${name} – colornet` : "colornet";
}

/** @param {import("./album.js").Album} album */
export function drawLimits({ server }) {
  if (!server) return;
  const { max_bytes: bytes, max_pixels: pixels, films } = server;
  const most = { size: Math.floor(bytes / MEBIBYTE), pixels: Math.floor(pixels / 1e6) };
  const told = [t("welcome.formats-limits", most)];
  $("choose").lastElementChild.textContent = t(films ? "welcome.choose-films" : "welcome.choose");
  if (films) told.push(t("video.limits", { size: Math.floor(films.max_bytes / MEBIBYTE), minutes: Math.floor(films.max_seconds / 60) }));
  $("limits").textContent = told.join(" ");
}
