/** Joins the page's parts. */

import { Album } from "./album.js";
import { registerWorker } from "./app.js";
import { drawBar } from "./bar.js";
import { listenToStage } from "./correcting.js";
import { $, announce, onFile } from "./dom.js";
import { downloadAll, downloadIntoFolder, downloadOne, downloadVideo, guarded } from "./downloads.js";
import { listenToOtherTabs } from "./elsewhere.js";
import { Failure } from "./failure.js";
import { kindOf, listenToFiles } from "./files.js";
import { Film } from "./film.js";
import { turned } from "./guidance.js";
import { listenToHeldKey, listenToKeys } from "./keys.js";
import { Panel } from "./panel/panel.js";
import { Others } from "./panel/others.js";
import { Picker } from "./picker/picker.js";
import { openProject, saveProject } from "./project.js";
import { HANDED_OVER, forgetSaved } from "./saving.js";
import { Viewer } from "./stage/viewer.js";
import { Store, isChanged } from "./store.js";
import { listenToLanguage } from "./language.js";
import { fillTexts, t } from "./texts.js";
import { listenToTheme } from "./theme.js";
import { drawLimits, drawTitle } from "./title.js";
import { closeAbout, endTakingBack, takeBackTold, toast, toastError } from "./toasts.js";
import { MomentPart } from "./video/moment.js";
import { VideoPart } from "./video/part.js";
import { Player } from "./video/player.js";
import { Shots } from "./video/shots.js";

const store = new Store();
const album = new Album(store);
const viewer = new Viewer();
const picker = new Picker(viewer);
const panel = new Panel(viewer, picker);
const film = new Film(album);
const failure = new Failure(album);
const others = new Others(album);
const player = new Player();
const shots = new Shots(album);
const videoPart = new VideoPart(album, player, downloadVideo);
const momentPart = new MomentPart(album);
const { comparison, gestures, uncertainty, viewport } = viewer;
let revealed = false; // whether the divider has shown the first photograph in color

// What is shown

album.addEventListener("current", () => {
  const { current } = album;
  const isFirst = $("welcome").contains(document.activeElement);
  if (!picker.sampling || !album.has(picker.photo)) picker.close(false);
  player.close();
  $("welcome").hidden = Boolean(current);
  for (const id of ["studio", "toolbar", "download"]) $(id).hidden = !current;
  drawTitle(album);
  drawVideo();
  if (current) {
    comparison.on ||= !revealed && !viewer.beside.on;
    if (!revealed) comparison.setSplit(1);
    viewer.show(current);
    panel.show(current);
    if (current.work === "failed") closeAbout(current.name);
    if (isFirst) $("stage").focus({ preventScroll: true });
  } else {
    $("choose").focus();
  }
  film.draw();
  film.follow();
  shots.follow();
  drawState();
});
album.addEventListener("list", () => {
  if (picker.open && !album.has(picker.photo)) picker.close(false);
  film.draw();
  drawTitle(album);
  drawState();
});
album.addEventListener("change", (/** @type {CustomEvent} */ { detail: { photo, what } }) => {
  if (["work", "picture", "video"].includes(what)) film.draw();
  if ((photo.video ?? photo) === album.video) drawVideo();
  if (what === "preview" && photo === album.video && !picker.open) player.open(photo, "preview");
  if (photo === album.video) drawState();
  if (what === "state") {
    picker.follow(photo);
    endTakingBack();
  }
  if (photo !== album.current) return;
  if (what === "state") gestures.end();
  if (what === "turned") {
    picker.close(false);
    uncertainty.hide();
  }
  if (what === "picture") reveal();
  if (what === "raw") viewer.refresh();
  if (what !== "rendering") panel.refresh();
  viewer.marks.draw();
  drawState();
});

/** Show new pictures, the first of all with some ceremony. */
function reveal() {
  viewer.refresh();
  for (const wait of $("working").getAnimations()) wait.currentTime = 0; // before it is told that the next one takes long
  if (revealed) return;
  revealed = true;
  comparison.sweep(1, 0.5);
}

/** The film that is shown, if it is one. */
function drawVideo() {
  shots.draw();
  videoPart.draw();
  momentPart.draw();
}

/** What can be done with what is shown, and what is being done. */
function drawState() {
  drawBar(album, viewer);
  failure.draw();
  others.draw();
}

/** All texts anew, in another language. */
function drawAll() {
  fillTexts(document.documentElement);
  album.progress.draw();
  drawLimits(album);
  film.draw();
  drawVideo();
  if (album.current) {
    viewer.refresh();
    panel.refresh();
  }
  drawTitle(album);
  drawState();
}

listenToStage(album, viewer, picker);

// Buttons and keys

const whenColored = (action) => () => album.current?.after && action(album.current);
const tellErrors = (doing, said) => doing.then(() => announce(said), toastError);

const actions = {
  undo: () => album.current?.history.canUndo && tellErrors(album.current.undo(), t("said.undone")),
  redo: () => album.current?.history.canRedo && tellErrors(album.current.redo(), t("said.redone")),
  "zoom-in": () => viewport.zoom(viewport.scale * 1.4),
  "zoom-out": () => viewport.zoom(viewport.scale / 1.4),
  "zoom-level": () => viewport.actualSize(),
  "zoom-fit": () => viewport.fit(),
  compare: () => viewer.toggleCompare(),
  beside: () => viewer.toggleBeside(),
  download: () => (album.video ? album.video.told?.result && downloadVideo(album.video) : whenColored(downloadOne)()),
  "save-one": whenColored(downloadOne),
  "save-all": () => downloadAll(album.chosen),
  "save-folder": () => downloadIntoFolder(album.chosen),
  "project-save": () => guarded(() => saveProject(album).then(() => {
    announce();
    toast(`${t("project.saved")}.`);
  })),
  "project-open": () => $("project-file").click(),
  unsure: toggleUncertainty,
  "turn-left": whenColored((photo) => photo.commit(turned(photo.state, -90))),
  "turn-right": whenColored((photo) => photo.commit(turned(photo.state, 90))),
  forget: () => confirm(t("save.forget-question"))
    && Promise.all([album.clear(), forgetSaved(HANDED_OVER)]).then(() => announce(t("save.forgotten"))),
  add: () => $("files").click(),
  choose: () => $("files").click(),
  help: () => $("help-box").showModal(),
  try: tryExample,
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", () => action());

async function toggleUncertainty() {
  const photo = album.current;
  if (uncertainty.shown) {
    uncertainty.hide();
    return;
  }
  const { asked } = photo;
  try {
    const rows = await photo.uncertainty();
    if (photo !== album.current || photo.asked !== asked) return;
    uncertainty.show(rows);
    announce(t("correct.unsure-count", { count: uncertainty.places.length }));
  } catch (error) {
    toastError(error, photo.name);
  }
}

async function tryExample() {
  const answer = await fetch("example.jpg").catch(() => null);
  if (!answer?.ok) {
    toast(t("server.silent"));
    return;
  }
  album.add([new File([await answer.blob()], "example.jpg", { type: "image/jpeg" })]);
}

const plainKeys = {
  "+": actions["zoom-in"], "=": actions["zoom-in"], "-": actions["zoom-out"],
  0: actions["zoom-fit"], 1: actions["zoom-level"], c: actions.compare, d: actions.beside,
  b: () => panel.corrections.setTool("brush"),
  s: () => panel.corrections.setTool("point"),
  m: () => panel.corrections.setTool("pan"),
  u: whenColored(toggleUncertainty),
  "[": () => panel.corrections.setBrush(viewer.marks.brush / 1.25),
  "]": () => panel.corrections.setBrush(viewer.marks.brush * 1.25),
  PageUp: () => album.step(-1),
  PageDown: () => album.step(1),
  Escape: () => (player.isOpen ? player.close() : picker.escape()),
  "?": actions.help,
};
const controlKeys = { z: () => takeBackTold() || actions.undo(), Z: actions.redo, y: actions.redo, s: actions.download, o: actions.choose };
listenToKeys(plainKeys, controlKeys, () => Boolean(album.current));
listenToHeldKey("o", (on) => (player.isOpen ? player.hold(on) : viewer.hold(on)));
listenToTheme();
listenToLanguage(drawAll);
listenToOtherTabs(store);

// Files, and the end

listenToFiles(async (files) => {
  const kinds = await Promise.all(files.map(kindOf));
  const those = (kind) => files.filter((_, index) => kinds[index] === kind);
  those("project").forEach(open);
  album.add(those("picture"));
  album.videos.add(those("film"), { isShown: those("picture").length === 0 });
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
    await album.addProject(await openProject(project));
    announce(t("project.opened"));
  } catch (error) {
    toastError(error, project.name);
  }
}

$("brand").onclick = (event) => {
  if (album.members.length) event.preventDefault(); // the work is not to be lost by a click
};
addEventListener("focus", () => album.catchUp(album.photos.find((photo) => album.unanswered.has(photo))));
addEventListener("beforeunload", (event) => {
  const isLost = store.isIncomplete && album.members.some(isChanged);
  if (isLost || album.videos.all.some((video) => video.sent < 1)) event.preventDefault(); // an upload would end
});
addEventListener("pagehide", () => {
  for (const member of album.members) member.release();
});

// Begin

document.documentElement.classList.add("alive");
album.describe().then(() => drawLimits(album), (error) => {
  toastError(error);
  $("limits").textContent = error.message;
});
album.restore();
forgetSaved();
registerWorker();
