/** The description of the API, drawn from the server's own openapi.json. */

import { requestJson } from "./api.js";
import { $, make } from "./dom.js";
import { fillTexts } from "./texts.js";
import { toastError } from "./toasts.js";

let api; // the OpenAPI document

const resolve = (schema) => (schema?.$ref ? api.components.schemas[schema.$ref.split("/").at(-1)] : schema);

/** A schema in a few words. */
function words(schema) {
  const one = resolve(schema) ?? {};
  const choices = one.anyOf ?? one.oneOf;
  if (choices) return choices.map(words).filter((word) => word !== "null").join(" or ");
  if (one.const !== undefined) return JSON.stringify(one.const);
  if (one.enum) return one.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (one.type === "array") return `list of ${words(one.items ?? one.prefixItems?.[0])}`;
  const type = one.format === "binary" ? "file" : one.title && one.type === "object" ? one.title : one.type ?? "anything";
  const low = one.minimum, high = one.maximum;
  const range = low !== undefined && high !== undefined ? ` ${low}..${high}` : low !== undefined ? ` from ${low}` : "";
  return `${type}${range}`;
}

function list(title, entries) {
  if (!entries.length) return [];
  const rows = entries.flatMap(([name, schema, needed, text]) => {
    const one = resolve(schema) ?? {};
    const preset = one.default !== undefined && one.default !== null ? `; ${JSON.stringify(one.default)} unless given` : "";
    const about = text ?? one.description;
    return [
      make("dt", {}, make("code", { textContent: name })),
      make("dd", { textContent: `${words(schema)}${needed ? ", needed" : ""}${preset}${about ? `. ${about}` : ""}` }),
    ];
  });
  return [make("h3", { textContent: title }), make("dl", {}, ...rows)];
}

const properties = (schema) => {
  const one = resolve(schema) ?? {};
  return Object.entries(one.properties ?? {}).map(([name, value]) => [name, value, one.required?.includes(name)]);
};

function body(operation) {
  const content = operation.requestBody?.content ?? {};
  const kinds = Object.keys(content);
  const form = content["multipart/form-data"] ?? content["application/json"];
  if (!kinds.length) return [];
  const what = content["video/*"] ? "film" : "picture";
  const title = content["application/json"] ? "Body: JSON" : `Body: the ${what} itself, or a form`;
  return list(title, properties(form.schema));
}

function answers(operation) {
  return list("Answers", Object.entries(operation.responses).map(([status, { description, content }]) => {
    const json = content?.["application/json"]?.schema;
    const kind = json ? json : { type: Object.keys(content ?? {})[0] ?? "nothing" };
    return [status, kind, false, description];
  }));
}

function draw(path, method, operation) {
  const [first, ...more] = operation.description.split("\n\n");
  const parameters = (operation.parameters ?? []).map((one) => [one.name, one.schema, one.required, one.description]);
  return make("details", { className: "operation" },
    make("summary", {}, make("b", { textContent: method.toUpperCase() }), make("code", { textContent: path }), make("span", { textContent: first })),
    make("div", { className: "inside" }, ...more.map((text) => make("p", { className: "note", textContent: text })),
      ...list("Parameters", parameters), ...body(operation), ...answers(operation)));
}

fillTexts($("token-box"));
const server = new URL(".", document.baseURI).href.replace(/\/$/, "");
const showExample = (header = "") => {
  $("example").textContent = `curl${header} --data-binary @photo.jpg ${server}/api/v1/colorize -o photo-color.jpg

curl${header} -F picture=@photo.jpg -F 'guidance={"version": 1, "saturation": 1.2}' \\
     ${server}/api/v1/colorize -o photo-color.jpg`;
};

showExample();
try {
  api = await requestJson("../../openapi.json");
  const { security } = api.paths["/api/v1/colorize"].post;
  if (security.every(({ token }) => token)) showExample(" -H 'Authorization: Bearer TOKEN'");
  const groups = new Map();
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const group = operation.tags[0];
      groups.set(group, [...(groups.get(group) ?? []), draw(path, method, operation)]);
    }
  }
  for (const [group, drawn] of groups) $("operations").append(make("h2", { textContent: group }), ...drawn);
} catch (error) {
  toastError(error);
}
