/** Joins the page's parts. */

import { Album } from "./album.js";
import { registerWorker } from "./app.js";
import { $, announce, enable, onFile } from "./dom.js";
import { downloadAll, downloadIntoFolder, downloadOne, guarded } from "./downloads.js";
import { listenToOtherTabs } from "./elsewhere.js";
import { Failure } from "./failure.js";
import { kindOf, listenToFiles } from "./files.js";
import { Film } from "./film.js";
import { listenToHeldKey, listenToKeys } from "./keys.js";
import { Panel } from "./panel/panel.js";
import { Others } from "./panel/others.js";
import { previewStroke } from "./picker/preview.js";
import { Picker } from "./picker/picker.js";
import { openProject, saveProject } from "./project.js";
import { canSaveIntoFolder, forgetSaved } from "./saving.js";
import { moved } from "./stage/marks.js";
import { Viewer } from "./stage/viewer.js";
import { Store } from "./store.js";
import { listenToLanguage } from "./language.js";
import { fillTexts, t } from "./texts.js";
import { listenToTheme } from "./theme.js";
import { toast } from "./toasts.js";

const store = new Store();
const album = new Album(store);
const viewer = new Viewer();
const picker = new Picker(viewer);
const panel = new Panel(viewer, picker);
const film = new Film(album);
const failure = new Failure(album);
const others = new Others(album);
const { comparison, gestures, uncertainty, viewport } = viewer;
let revealed = false; // whether the divider has shown the first photograph in color

// What is shown

album.addEventListener("current", () => {
  const { current } = album;
  if (!picker.sampling) picker.close(false);
  $("welcome").hidden = Boolean(current);
  for (const id of ["studio", "toolbar", "download"]) $(id).hidden = !current;
  drawTitle();
  if (current) {
    comparison.on ||= !revealed && !viewer.beside.on;
    if (!revealed) comparison.setSplit(1);
    viewer.show(current);
    panel.show(current);
  } else {
    $("choose").focus();
  }
  film.draw();
  film.follow();
  drawBar();
});
album.addEventListener("list", () => {
  film.draw();
  drawTitle();
  drawBar();
});
album.addEventListener("change", (/** @type {CustomEvent} */ { detail: { photo, what } }) => {
  if (what === "work" || what === "picture") film.draw();
  if (photo !== album.current) return;
  if (what === "turned") {
    picker.close(false);
    uncertainty.hide();
  }
  if (what === "picture") reveal();
  if (what !== "rendering") panel.refresh();
  viewer.marks.draw();
  drawBar();
});

/** Show new pictures, the first of all with some ceremony. */
function reveal() {
  viewer.refresh();
  if (revealed) return;
  revealed = true;
  comparison.sweep(1, 0.5);
}

/** All texts anew, in another language. */
function drawAll() {
  fillTexts(document.documentElement);
  album.progress.draw();
  drawLimits();
  film.draw();
  if (album.current) {
    viewer.refresh();
    panel.refresh();
  }
  drawTitle();
  drawBar();
}

function drawLimits() {
  if (!album.server) return;
  const { max_bytes: bytes, max_pixels: pixels } = album.server;
  const most = { size: Math.floor(bytes / 2 ** 20), pixels: Math.floor(pixels / 1e6) };
  $("limits").textContent = t("welcome.formats-limits", most);
}

function drawTitle() {
  const { current, photos } = album;
  const name = current?.name ?? "";
  const place = { name, number: photos.indexOf(current) + 1, count: photos.length };
  $("photo-title").textContent = photos.length > 1 ? t("bar.place", place) : name;
  $("photo-title").hidden = !current;
  document.title = current ? `${current.name} – colornet` : "colornet";
}

function drawBar() {
  const { current, photos } = album;
  $("stage").ariaBusy = String(Boolean(current?.rendering));
  const isSaid = Boolean(current?.after || current?.work === "failed");
  enable([$("undo")], Boolean(isSaid && current.history.canUndo));
  enable([$("redo")], Boolean(isSaid && current.history.canRedo));
  const working = ["waiting", "opening", "coloring"].includes(current?.work);
  $("working").hidden = !working;
  $("working-text").textContent = working ? t(`stage.${current.work}`) : "";
  failure.draw();
  const view = ["zoom-in", "zoom-out", "zoom-level", "zoom-fit", "compare"].map($);
  enable([...view, $("download")], Boolean(current?.after));
  enable([$("beside")], Boolean(current?.after) || viewer.beside.on); // it can always be ended
  $("studio").classList.toggle("failed", current?.work === "failed");
  $("save-all").hidden = photos.length < 2;
  $("save-folder").hidden = photos.length < 2 || !canSaveIntoFolder;
  const count = album.selected.size;
  $("save-all").textContent = count ? t("save.selected", { count }) : t("save.all");
  $("save-folder").textContent = count ? t("save.folder-selected", { count }) : t("save.folder");
  others.draw();
}

// Corrections on the stage

gestures.addEventListener("spot", (/** @type {CustomEvent} */ { detail }) => {
  if (album.current.model?.hints) picker.show(album.current, detail);
  else toast(t("correct.none"));
});
gestures.addEventListener("stroke", (/** @type {CustomEvent} */ { detail }) => {
  if (album.current.model?.hints) previewStroke(viewer, album.current, detail);
});
gestures.addEventListener("move", (/** @type {CustomEvent} */ { detail: { index, dx, dy, final } }) => {
  const photo = album.current;
  const hints = [...photo.state.hints];
  hints[index] = moved(hints[index], dx, dy);
  if (final) {
    photo.commit({ hints }).then(() => announce(t("correct.moved")), (error) => toast(error.message, photo.name));
    return;
  }
  photo.live = { ...photo.state, hints };
  viewer.marks.draw();
  photo.render(true).catch(() => {});
});
gestures.addEventListener("sample", (/** @type {CustomEvent} */ { detail }) => picker.sample(album.current, detail));
picker.addEventListener("sample", () => { gestures.sampling = true; });
picker.addEventListener("sampled", () => {
  gestures.sampling = false;
  if (album.photos.includes(picker.photo) && album.current !== picker.photo) album.show(picker.photo);
});
uncertainty.addEventListener("pick", (/** @type {CustomEvent} */ { detail }) => {
  gestures.pick(...viewport.toStage(detail));
});

async function toggleUncertainty() {
  const photo = album.current;
  if (uncertainty.shown) {
    uncertainty.hide();
    return;
  }
  try {
    const rows = await photo.uncertainty();
    if (photo !== album.current) return;
    uncertainty.show(rows);
    announce(t("correct.unsure-count", { count: uncertainty.places.length }));
  } catch (error) {
    toast(error.message, photo.name);
  }
}

// Buttons and keys

const whenColored = (action) => () => album.current?.after && action(album.current);
const tellErrors = (doing, said) => doing.then(() => announce(said), (error) => toast(error.message));

const actions = {
  undo: () => album.current?.history.canUndo && tellErrors(album.current.undo(), t("said.undone")),
  redo: () => album.current?.history.canRedo && tellErrors(album.current.redo(), t("said.redone")),
  "zoom-in": () => viewport.zoom(viewport.scale * 1.4),
  "zoom-out": () => viewport.zoom(viewport.scale / 1.4),
  "zoom-level": () => viewport.actualSize(),
  "zoom-fit": () => viewport.fit(),
  compare: toggleCompare,
  beside: toggleBeside,
  download: whenColored(downloadOne),
  "save-one": whenColored(downloadOne),
  "save-all": () => downloadAll(album.chosen),
  "save-folder": () => downloadIntoFolder(album.chosen),
  "project-save": () => guarded(() => saveProject(album.photos).then(() => announce(t("project.saved")))),
  "project-open": () => $("project-file").click(),
  unsure: toggleUncertainty,
  "turn-left": whenColored((photo) => photo.turnBy(-90)),
  "turn-right": whenColored((photo) => photo.turnBy(90)),
  forget: () => confirm(t("save.forget-question"))
    && album.clear().then(() => announce(t("save.forgotten"))),
  add: () => $("files").click(),
  choose: () => $("files").click(),
  help: () => $("help-box").showModal(),
  try: tryExample,
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", () => action());

function toggleCompare() {
  viewer.beside.on = false;
  comparison.on = !comparison.on;
  if (comparison.on) comparison.sweep(0, 0.5, 700);
  announce(t(comparison.on ? "said.compared" : "said.in-color"));
}

function toggleBeside() {
  const { beside } = viewer;
  beside.on = !beside.on;
  comparison.on = !beside.on;
  announce(t(beside.on ? "said.beside" : "said.compared"));
}

async function tryExample() {
  const answer = await fetch("example.jpg");
  album.add([new File([await answer.blob()], "example.jpg", { type: "image/jpeg" })]);
}

const plainKeys = {
  "+": actions["zoom-in"], "=": actions["zoom-in"], "-": actions["zoom-out"],
  0: actions["zoom-fit"], 1: actions["zoom-level"], c: toggleCompare, d: toggleBeside,
  b: () => panel.corrections.setTool("brush"),
  s: () => panel.corrections.setTool("point"),
  m: () => panel.corrections.setTool("pan"),
  u: whenColored(toggleUncertainty),
  "[": () => panel.corrections.setBrush(gestures.brush / 1.25),
  "]": () => panel.corrections.setBrush(gestures.brush * 1.25),
  PageUp: () => album.step(-1),
  PageDown: () => album.step(1),
  Escape: () => picker.escape(),
  "?": actions.help,
};
const controlKeys = { z: actions.undo, Z: actions.redo, y: actions.redo, s: actions.download, o: actions.choose };
listenToKeys(plainKeys, controlKeys, () => Boolean(album.current));
listenToHeldKey("o", (on) => viewer.hold(on));
listenToTheme();
listenToLanguage(drawAll);
listenToOtherTabs(store);

// Files, and the end

listenToFiles(async (files) => {
  const kinds = await Promise.all(files.map(kindOf));
  const those = (kind) => files.filter((_, index) => kinds[index] === kind);
  those("project").forEach(open);
  album.add(those("picture"));
  const { current } = album;
  await current?.opened;
  for (const file of those("corrections")) {
    if (current?.after && current === album.current) panel.corrections.load(file);
    else toast(t("correct.no-photo"), file.name);
  }
});
onFile("project-file", open);

/** @param {File} project whose photographs are added to those that are open */
async function open(project) {
  try {
    album.addProject(await openProject(project));
    announce(t("project.opened"));
  } catch (error) {
    toast(error.message, project.name);
  }
}

$("brand").onclick = (event) => {
  if (album.photos.length) event.preventDefault(); // the work is not to be lost by a click
};
addEventListener("beforeunload", (event) => {
  if (store.failed && album.photos.some((photo) => photo.history.canUndo)) event.preventDefault();
});
addEventListener("pagehide", () => {
  for (const photo of album.photos) photo.release();
});

// Begin

document.documentElement.classList.add("alive");
album.describe().then(drawLimits, (error) => {
  toast(error.message);
  $("limits").textContent = error.message;
});
album.restore();
forgetSaved();
registerWorker();
