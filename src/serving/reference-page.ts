/**
 * The interactive reference: one page and one script, both from here, so that
 * nothing is loaded from elsewhere and the content policy can forbid it.
 *
 * @module
 */

export const REFERENCE_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lumière API</title>
<link rel="stylesheet" href="/docs/reference.css">
</head>
<body>
<header><h1>Lumière API</h1>
<p>Made from <a href="/openapi.json">/openapi.json</a>. Requests go to this server.</p>
<label>API key <input id="key" type="password" autocomplete="off" placeholder="only where the server asks for one"></label>
</header>
<main id="operations" aria-live="polite">Loading…</main>
<script src="/docs/reference.js"></script>
</body>
</html>
`;

export const REFERENCE_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
details { border: 1px solid #8886; border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
code, pre, textarea { font: .85rem/1.4 ui-monospace, monospace; }
pre { overflow: auto; max-height: 30rem; background: #8882; padding: .6rem; border-radius: .3rem; }
textarea { box-sizing: border-box; width: 100%; min-height: 8rem; }
label { display: block; margin: .4rem 0; }
button { padding: .3rem 1rem; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
`;

export const REFERENCE_SCRIPT = `"use strict";
const EXAMPLES = {
  recommend: { history: [], k: 10, explain: true },
  appendEvents: { events: [{ user: "new", item: "1", id: "example-1" }] },
  putItem: { title: "A title", genres: ["Drama"], year: 1999, available: true },
};
const make = (tag, fields = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), fields);
  node.append(...children);
  return node;
};
const inputs = (operation) => operation.parameters.map((parameter) => {
  const input = make("input", { required: parameter.required });
  if (parameter.schema.default !== undefined) input.placeholder = String(parameter.schema.default);
  return { parameter, input, label: make("label", {}, parameter.name + " (" + parameter.in + ") ", input) };
});
async function send(method, path, fields, body, output) {
  let address = path;
  const query = new URLSearchParams();
  for (const { parameter, input } of fields) {
    if (parameter.in === "path") address = address.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
    else if (input.value !== "") query.set(parameter.name, input.value);
  }
  if (query.size > 0) address += "?" + query;
  const key = document.getElementById("key").value;
  const headers = {};
  if (key) headers.authorization = "Bearer " + key;
  if (body !== null) headers["content-type"] = "application/json";
  const begin = performance.now();
  try {
    const response = await fetch(address, { method, headers, ...(body !== null && { body }) });
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    output.textContent = response.status + " in " + (performance.now() - begin).toFixed(1) + " ms\\n" + shown;
  } catch (error) {
    output.textContent = String(error);
  }
}
function section(path, method, operation) {
  const fields = inputs(operation);
  const schema = operation.requestBody?.content["application/json"].schema;
  const body = schema && make("textarea", { value: JSON.stringify(EXAMPLES[operation.operationId] ?? {}, null, 2) });
  if (body) body.setAttribute("aria-label", "Body");
  const output = make("pre", { hidden: true });
  const button = make("button", { textContent: "Send" });
  button.addEventListener("click", () => {
    output.hidden = false;
    send(method.toUpperCase(), path, fields, body ? body.value : null, output);
  });
  const shape = (name, value) => make("details", {}, make("summary", { textContent: name }),
    make("pre", { textContent: JSON.stringify(value, null, 2) }));
  return make("details", {},
    make("summary", {}, make("span", { className: "method", textContent: method.toUpperCase() }),
      make("code", { textContent: path }), " " + operation.summary),
    ...fields.map(({ label }) => label), ...(body ? [body] : []), make("p", {}, button), output,
    ...(schema ? [shape("Shape of the body", schema)] : []),
    shape("Shape of the answer", operation.responses[200].content["application/json"].schema));
}
fetch("/openapi.json").then((response) => response.json()).then((description) => {
  const sections = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(path, method, operation)));
  document.getElementById("operations").replaceChildren(...sections);
}, (error) => { document.getElementById("operations").textContent = "The description could not be loaded: " + error; });
`;
