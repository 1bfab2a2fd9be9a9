// The front modal of the person's stack, in the browser's own dialog: it keeps the focus, Esc closes it.
import { el } from "./dom.js";
import { renderBlocks, readValues } from "./blocks.js";
import { textObject } from "./text.js";

const dialog = document.getElementById("modal");
let shown = null;
let act = null;

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (shown) act("close", { view_id: shown.id });
});

export function showModal(view, page) {
  act = page.act;
  if (!view) {
    shown = null;
    if (dialog.open) dialog.close();
    return;
  }
  const print = JSON.stringify([view.id, view.hash, view.errors]);
  if (shown?.print === print) return;
  const kept = shown?.id === view.id ? readValues(dialog) : valuesOf(view);
  const focused = dialog.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  shown = { id: view.id, print };
  dialog.replaceChildren(form(view, page, kept));
  if (!dialog.open) dialog.showModal();
  focusOn(focused);
}

function focusOn(key) {
  const wrong = dialog.querySelector("[aria-invalid]");
  const first = wrong?.matches("div") ? wrong.querySelector("input") : wrong;
  const before = key !== undefined ? dialog.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  (first ?? before ?? dialog.querySelector(".blocks :is(input, textarea, select)") ?? dialog.querySelector("h2")).focus();
}

function form(view, page, values) {
  const place = page.place((block, element, value, node) =>
    page.act("press", { view_id: view.id, block_id: block.block_id, action_id: element.action_id, value,
      values: readValues(dialog) }, node));
  const submit = view.submit ? el("button", { type: "submit", class: "primary" }, textObject(view.submit)) : null;
  const close = () => page.act("close", { view_id: view.id });
  return el("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    page.act("submit", { view_id: view.id, values: readValues(dialog) }, submit);
  } },
    el("header", {}, el("h2", { id: "modal-title", tabindex: "-1" }, textObject(view.title)),
      el("button", { type: "button", "aria-label": "Close", onclick: close }, "✕")),
    el("div", { class: "blocks", tabindex: "0" }, renderBlocks(view.blocks, { ...place, errors: view.errors }, values)),
    el("footer", {}, el("button", { type: "button", onclick: close }, view.close ? textObject(view.close) : "Cancel"), submit));
}

// What a view that comes to the front again held when it was last sent.
function valuesOf(view) {
  const values = {};
  for (const [block, actions] of Object.entries(view.state?.values ?? {})) {
    for (const [action, held] of Object.entries(actions)) {
      (values[block] ??= {})[action] = held.selected_options?.map((option) => option.value)
        ?? held.selected_option?.value ?? held.value ?? held.selected_user ?? held.selected_conversation ?? undefined;
    }
  }
  return values;
}
