/** What the page says of the photograph that is shown, and of what it takes. */

import { $, megabytes } from "./dom.js";
import { t } from "./texts.js";

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
  const most = { size: megabytes(bytes, { isLimit: true }), pixels: Math.floor(pixels / 1e6) };
  const told = [t("welcome.formats-limits", most)];
  $("choose").lastElementChild.textContent = t(films ? "welcome.choose-films" : "welcome.choose");
  if (films) told.push(t("video.limits", { size: megabytes(films.max_bytes, { isLimit: true }), minutes: Math.floor(films.max_seconds / 60) }));
  $("limits").textContent = told.join(" ");
}
