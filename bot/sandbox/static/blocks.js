// Block Kit as elements: the blocks and inputs that the bot uses, and what a person filled in.
import { el } from "./dom.js";
import { mrkdwn, textObject, emoji } from "./text.js";

// `place` tells what the blocks stand in: names, channels and people, `press(block, element, value)`, and
// `errors` by block id. `values` are what inputs held before, by block and action.
export function renderBlocks(blocks, place, values = {}) {
  return blocks.map((block) => {
    const draw = BLOCKS[block.type];
    const node = draw ? draw(block, place, values) : el("p", { class: "unknown" }, `[${block.type}]`);
    node.classList.add("block", `block-${block.type}`);
    return node;
  });
}

const BLOCKS = {
  section: (block, place, values) =>
    el("div", {},
      el("div", { class: "body" },
        block.text ? el("div", {}, textObject(block.text, place.names)) : null,
        (block.fields ?? []).map((field) => el("div", { class: "field" }, textObject(field, place.names)))),
      block.accessory ? element(block, block.accessory, place, values) : null),
  divider: () => el("hr"),
  header: (block, place) => el("h3", {}, textObject(block.text, place.names)),
  context: (block, place) => el("div", {}, block.elements.map((each) => el("span", {}, textObject(each, place.names)))),
  actions: (block, place, values) => el("div", {}, block.elements.map((each) => element(block, each, place, values))),
  context_actions: (block, place, values) =>
    el("div", { role: "group", "aria-label": "Feedback" }, block.elements.map((each) => element(block, each, place, values))),
  markdown: (block, place) => el("div", {}, mrkdwn(block.text.replace(/\*\*(.+?)\*\*/g, "*$1*"), place.names)),
  rich_text: (block) => el("div", {}, JSON.stringify(block.elements)),
  image: (block) => el("p", {}, `[${block.alt_text}]`),
  input: (block, place, values) => {
    const error = place.errors?.[block.block_id];
    const id = `input-${block.block_id}`;
    const label = el("label", { for: id, id: `${id}-label` }, textObject(block.label, place.names),
      block.optional ? el("span", { class: "optional" }, " (optional)") : null);
    const input = element(block, block.element, place, values, id);
    const about = [block.hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(" ");
    if (about) input.setAttribute("aria-describedby", about);
    if (error) input.setAttribute("aria-invalid", "true");
    if (!block.optional) input.setAttribute("aria-required", "true");
    return el("div", {}, label, input,
      block.hint ? el("p", { class: "hint", id: `${id}-hint` }, textObject(block.hint, place.names)) : null,
      error ? el("p", { class: "error", id: `${id}-error` }, error) : null);
  },
};

function element(block, item, place, values, id) {
  const draw = ELEMENTS[item.type];
  if (!draw) return el("span", { class: "unknown" }, `[${item.type}]`);
  const held = values[block.block_id]?.[item.action_id];
  const presses = block.type !== "input" || block.dispatch_action;
  const press = (value, node) => ask(item.confirm) && place.press(block, item, value, node);
  const node = draw(item, { held, place, press: presses ? press : () => {}, id: id ?? `${block.block_id}-${item.action_id}`, labelled: Boolean(id) });
  node.dataset.block = block.block_id;
  node.dataset.action = item.action_id;
  return node;
}

function ask(confirm) {
  return !confirm || window.confirm(`${confirm.title.text}\n\n${confirm.text.text}`);
}

const key = (context, more = "") => ({ "data-key": `${context.id}${more}` });

function choices(item, context, type) {
  const initial = item.initial_options?.map((option) => option.value) ?? [item.initial_option?.value];
  const chosen = context.held === undefined ? initial : [context.held].flat();
  const group = el("div", { role: type === "radio" ? "radiogroup" : "group", id: context.id,
    "aria-labelledby": `${context.id}-label`, class: "choices", "data-type": type });
  const add = (option) => {
    const box = el("input", { type, name: context.id, value: option.value, checked: chosen.includes(option.value),
      ...key(context, option.value), onchange: () => context.press(valueOf(group), group) });
    group.append(el("label", {}, box, el("span", {}, textObject(option.text, context.place.names),
      option.description ? el("small", {}, textObject(option.description, context.place.names)) : null)));
  };
  for (const option of item.options ?? []) add(option);
  for (const { label, options } of item.option_groups ?? []) {
    group.append(el("small", {}, textObject(label)));
    options.forEach(add);
  }
  return group;
}

function select(item, context, options, initial) {
  const chosen = context.held === undefined ? initial : context.held;
  const drawn = ([value, label]) => el("option", { value, selected: value === chosen }, label);
  const groups = options.map((each) => Array.isArray(each) ? drawn(each) : el("optgroup", { label: each.label }, each.options.map(drawn)));
  const node = el("select", { id: context.id, "data-type": "select", ...key(context), "aria-label": context.labelled ? null : item.placeholder?.text,
    onchange: () => context.press(node.value, node) },
    el("option", { value: "" }, item.placeholder?.text ?? "Choose…"), groups);
  return node;
}

const pair = (option) => [option.value, option.text.text];

const ELEMENTS = {
  button: (item, context) =>
    item.url
      ? el("a", { class: `button ${item.style ?? ""}`, href: item.url, target: "_blank", rel: "noreferrer noopener",
          ...key(context), onclick: () => context.press(item.value, null) }, textObject(item.text))
      : el("button", { type: "button", class: item.style, ...key(context), "aria-label": item.accessibility_label,
          onclick: (event) => context.press(item.value ?? null, event.currentTarget) }, textObject(item.text)),
  feedback_buttons: (item, context) =>
    el("span", { class: "feedback" }, [[item.positive_button, "👍"], [item.negative_button, "👎"]].map(([button, face]) =>
      el("button", { type: "button", ...key(context, button.value), title: button.text.text,
        "aria-label": button.accessibility_label ?? button.text.text,
        onclick: (event) => context.press(button.value, event.currentTarget) }, `${face} ${button.text.text}`))),
  icon_button: (item, context) =>
    el("button", { type: "button", ...key(context), onclick: (event) => context.press(item.value ?? null, event.currentTarget) },
      emoji(item.icon), textObject(item.text)),
  overflow: (item, context) => select({ placeholder: { text: "More" } }, context, item.options.map(pair)),
  static_select: (item, context) => {
    const groups = item.option_groups?.map((group) => ({ label: group.label.text, options: group.options.map(pair) }));
    return select(item, context, groups ?? item.options.map(pair), item.initial_option?.value);
  },
  users_select: (item, context) =>
    select(item, context, context.place.people.map((person) => [person.id, person.real_name]), item.initial_user),
  conversations_select: (item, context) =>
    select(item, context, context.place.channels.map((channel) => [channel.id, channel.name]), item.initial_conversation),
  multi_static_select: (item, context) => choices(item, context, "checkbox"),
  checkboxes: (item, context) => choices(item, context, "checkbox"),
  radio_buttons: (item, context) => choices(item, context, "radio"),
  plain_text_input: (item, context) => {
    const node = el(item.multiline ? "textarea" : "input", { id: context.id, "data-type": "text", rows: item.multiline ? 4 : null,
      placeholder: item.placeholder?.text, maxlength: item.max_length, ...key(context) });
    node.value = context.held ?? item.initial_value ?? "";
    return node;
  },
  number_input: (item, context) => {
    const node = el("input", { id: context.id, "data-type": "text", type: "number", min: item.min_value, max: item.max_value,
      step: item.is_decimal_allowed ? "any" : 1, placeholder: item.placeholder?.text, ...key(context) });
    node.value = context.held ?? item.initial_value ?? "";
    return node;
  },
};

function valueOf(node) {
  if (node.dataset.type === "checkbox") return [...node.querySelectorAll("input:checked")].map((box) => box.value);
  if (node.dataset.type === "radio") return node.querySelector("input:checked")?.value ?? null;
  return node.value || null;
}

// What the inputs inside a node hold, by block and action.
export function readValues(node) {
  const values = {};
  for (const input of node.querySelectorAll("[data-block][data-type]")) {
    (values[input.dataset.block] ??= {})[input.dataset.action] = valueOf(input);
  }
  return values;
}
