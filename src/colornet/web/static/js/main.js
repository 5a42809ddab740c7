/** Joins the page's parts: which photographs there are, and which of them is shown. */

import { requestJson } from "./api.js";
import { $, announce, icon, make, toast } from "./dom.js";
import { downloadAll, downloadOne } from "./downloads.js";
import { Panel } from "./panel.js";
import { Photo } from "./photo.js";
import { Picker } from "./picker.js";
import { Viewer } from "./stage/viewer.js";

const viewer = new Viewer();
const picker = new Picker(viewer);
const panel = new Panel(viewer, picker);
const photos = [];
let current = null;
let server = null; // models and limits; asked for once
let opening = Promise.resolve(); // photographs are opened one after another
let revealed = false;

// Photographs

/** Take files, show the first of them, and color all. */
function add(files) {
  const pictures = [...files].filter((file) => !file.name.endsWith(".json"));
  for (const file of files) if (file.name.endsWith(".json") && current) panel.load(file);
  const added = pictures.filter(fits).map((file) => new Photo(file));
  for (const photo of added) {
    photos.push(photo);
    for (const event of ["state", "picture", "work"]) photo.addEventListener(event, () => refresh(photo, event));
    photo.addEventListener("rendering", drawBar);
    opening = opening.then(() => openPhoto(photo));
  }
  if (added.length) show(added[0]);
}

function fits(file) {
  const most = server?.max_bytes ?? Infinity;
  if (file.size <= most) return true;
  toast(`${file.name} is larger than the ${Math.floor(most / 2 ** 20)} MB that this server takes.`);
  return false;
}

async function openPhoto(photo) {
  if (!photos.includes(photo)) return;
  try {
    server ??= await requestJson("models");
    photo.model = server.models[0];
    announce(`Coloring ${photo.name}`);
    await photo.open();
    for (const { subject, text } of [...photo.notices, ...photo.colorNotices]) {
      toast(`${subject.replace("the picture", photo.name)}: ${text}.`);
    }
    announce(`${photo.name} is in color`);
  } catch (error) {
    toast(error.message.includes(photo.name) ? error.message : `${photo.name}: ${error.message}`);
  }
}

function show(photo) {
  picker.close(false);
  current = photo;
  const any = Boolean(photo);
  $("welcome").hidden = any;
  for (const id of ["studio", "toolbar", "download"]) $(id).hidden = !any;
  $("photo-title").textContent = photo?.name ?? "";
  document.title = photo ? `${photo.name} – colornet` : "colornet";
  if (photo) {
    viewer.comparison.on = viewer.comparison.on || !revealed;
    if (!revealed) viewer.comparison.setSplit(1);
    viewer.show(photo);
    panel.show(photo);
  }
  drawFilm();
  drawBar();
}

function remove(photo) {
  const index = photos.indexOf(photo);
  photos.splice(index, 1);
  photo.close();
  if (photo === current) show(photos[Math.min(index, photos.length - 1)] ?? null);
  else drawFilm();
  announce(`${photo.name} removed`);
}

function refresh(photo, event) {
  if (event !== "state") drawFilm();
  if (photo !== current) return;
  if (event === "picture") {
    viewer.refresh();
    if (!revealed) {
      revealed = true;
      viewer.comparison.sweep(1, 0.5);
    }
  }
  if (event !== "picture") panel.refresh();
  viewer.marks.draw();
  drawBar();
}

function drawBar() {
  $("stage").ariaBusy = String(Boolean(current?.rendering));
  $("undo").disabled = !current?.canUndo;
  $("redo").disabled = !current?.canRedo;
  const texts = { waiting: "Waiting", opening: "Uploading", coloring: "Coloring" };
  const text = texts[current?.work];
  $("working").hidden = !text;
  $("working-text").textContent = text ?? "";
  for (const id of ["download", "save-one"]) $(id).disabled = !current?.after;
  $("save-all").hidden = photos.length < 2;
}

function drawFilm() {
  $("frames").replaceChildren(...photos.map((photo) => {
    const classes = ["frame", photo.work === "failed" ? "failed" : "", photo.thumb ? "" : "busy"];
    const picture = make("img", { src: photo.thumb ?? photo.raw, alt: "" });
    picture.onerror = () => picture.replaceWith(icon("photo")); // such as TIFF before it is colored
    const label = photo.work === "failed" ? `${photo.name}, failed` : photo.name;
    const frame = make("button", { className: classes.join(" "), title: label, "aria-label": label }, picture);
    if (photo === current) frame.setAttribute("aria-current", "true");
    frame.onclick = () => show(photo);
    const close = make("button", { className: "remove", "aria-label": `Remove ${photo.name}`, title: "Remove" }, icon("close"));
    close.onclick = () => remove(photo);
    return make("li", {}, frame, close);
  }));
}

// Bar and keys

const actions = {
  undo: () => current?.undo().then(() => announce("Undone"), (error) => toast(error.message)),
  redo: () => current?.redo().then(() => announce("Redone"), (error) => toast(error.message)),
  "zoom-in": () => viewer.viewport.zoom(viewer.viewport.scale * 1.4),
  "zoom-out": () => viewer.viewport.zoom(viewer.viewport.scale / 1.4),
  "zoom-level": () => viewer.viewport.actualSize(),
  "zoom-fit": () => viewer.viewport.fit(),
  compare: toggleCompare,
  download: () => current?.after && downloadOne(current),
  "save-one": () => current?.after && downloadOne(current),
  "save-all": () => downloadAll(photos.filter((photo) => photo.after)),
  add: () => $("files").click(),
  choose: () => $("files").click(),
  help: () => $("help-box").showModal(),
  theme: switchTheme,
  try: tryExample,
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", () => action());

function toggleCompare() {
  viewer.comparison.on = !viewer.comparison.on;
  if (viewer.comparison.on) viewer.comparison.sweep(0, 0.5, 700);
  announce(viewer.comparison.on ? "Compared with the original" : "In color");
}

function switchTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(dark ? "light" : "dark");
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

async function tryExample() {
  const answer = await fetch("example.jpg");
  add([new File([await answer.blob()], "example.jpg", { type: "image/jpeg" })]);
}

const keys = {
  "+": actions["zoom-in"], "=": actions["zoom-in"], "-": actions["zoom-out"],
  0: actions["zoom-fit"], 1: actions["zoom-level"], c: toggleCompare,
  b: () => panel.setTool("brush"), s: () => panel.setTool("point"), m: () => panel.setTool("pan"),
  "?": actions.help,
};
const controlKeys = { z: actions.undo, y: actions.redo, s: actions.download, o: actions.choose };

addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    const action = key === "z" && event.shiftKey ? actions.redo : controlKeys[key];
    if (!action || (key !== "o" && !current) || event.altKey) return;
    event.preventDefault();
    action();
  } else if (key === "escape") {
    picker.close();
  } else if (current && keys[key] && !event.altKey && !/** @type {Element} */ (event.target).closest("input:not([type=range], [type=radio], [type=checkbox]), select")) {
    keys[key]();
  }
});

// Files: chosen, dropped, pasted

$("files").onchange = (/** @type {any} */ { target }) => {
  add(target.files);
  target.value = "";
};
$("brand").onclick = (event) => {
  if (photos.length) event.preventDefault(); // the work is not to be lost by a click
};

let over = 0;
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
  if (carriesFiles(event)) $("veil").hidden = !(over += 1);
});
addEventListener("dragleave", (event) => {
  if (carriesFiles(event)) $("veil").hidden = !(over = Math.max(over - 1, 0));
});
addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  over = 0;
  $("veil").hidden = true;
  add(event.dataTransfer.files);
});
addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) add(event.clipboardData.files);
});
addEventListener("beforeunload", (event) => {
  if (photos.some((photo) => photo.canUndo)) event.preventDefault();
});

viewer.gestures.addEventListener("spot", (/** @type {CustomEvent} */ { detail }) => {
  if (current.model?.hints) picker.show(current, detail);
  else toast("This model takes no corrections.", 4);
});

// Begin

const theme = localStorage.getItem("theme");
if (theme) setTheme(theme);
requestJson("models").then((answer) => {
  server = answer;
  $("limits").textContent = `, up to ${Math.floor(answer.max_bytes / 2 ** 20)} MB`;
}, (error) => toast(error.message));
