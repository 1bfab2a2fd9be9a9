// Slack's mrkdwn and emoji as elements. Nothing is ever read as HTML.
import { el } from "./dom.js";

const EMOJI = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", eyes: "👀", white_check_mark: "✅", tada: "🎉",
  heart: "❤️", wave: "👋", warning: "⚠️", books: "📚", book: "📖", mag: "🔍", x: "❌", bulb: "💡",
  question: "❓", raising_hand: "🙋", point_right: "👉", hourglass_flowing_sand: "⏳", page_facing_up: "📄",
};
const TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };

export function emoji(name) {
  const [base, tone] = name.split("::skin-tone-");
  return EMOJI[base] ? EMOJI[base] + (TONES[tone] ?? "") : `:${name}:`;
}

export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// A text object of Block Kit.
export function textObject(text, names) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, names) : el("span", {}, withEmoji(text.text));
}

export function mrkdwn(text, names) {
  const node = el("span", { class: "mrkdwn" });
  for (const [n, piece] of text.split(/```\n?([\s\S]*?)```/).entries()) {
    if (n % 2) node.append(el("pre", {}, unescape(piece)));
    else node.append(...lines(piece, names));
  }
  return node;
}

function lines(text, names) {
  const nodes = [];
  for (const line of text.split("\n")) {
    if (nodes.length) nodes.push("\n");
    const quoted = line.match(/^\s*&gt;\s?(.*)$/);
    if (quoted) nodes.push(el("blockquote", {}, ...inline(quoted[1], names)));
    else nodes.push(...inline(line, names));
  }
  return nodes;
}

const STYLES = [
  [/(?<![\p{L}\p{N}`])`([^`\n]+)`(?![\p{L}\p{N}`])/u, "code"],
  [/(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*?\S)\*(?![\p{L}\p{N}*])/u, "strong"],
  [/(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*?\S)_(?![\p{L}\p{N}_])/u, "em"],
  [/(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*?\S)~(?![\p{L}\p{N}~])/u, "s"],
];

function inline(text, names) {
  const special = /<([^<>\n]+)>/.exec(text);
  let first = special && { at: special.index, length: special[0].length, node: () => reference(special[1], names) };
  for (const [pattern, tag] of STYLES) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.at)) {
      const inner = tag === "code" ? [unescape(found[1])] : null;
      first = { at: found.index, length: found[0].length, node: () => el(tag, {}, ...(inner ?? inline(found[1], names))) };
    }
  }
  if (!first) return text ? withEmoji(unescape(text)) : [];
  return [
    ...inline(text.slice(0, first.at), names),
    first.node(),
    ...inline(text.slice(first.at + first.length), names),
  ];
}

function reference(inside, names) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) return el("span", { class: "mention" }, `@${names.get(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${label || (names.get(target.slice(1)) ?? target.slice(1))}`);
  if (target.startsWith("!subteam^")) return el("span", { class: "mention" }, `@${names.get(target.slice(9)) ?? label}`);
  if (target.startsWith("!date^")) return el("span", {}, label ?? "");
  if (target.startsWith("!")) return el("span", { class: "mention ping", title: "This notifies everybody" }, `@${target.slice(1)}`);
  if (!/^(https?|mailto):/.test(target)) return el("span", {}, unescape(`<${inside}>`));
  return el("a", { href: unescape(target), target: "_blank", rel: "noreferrer noopener" }, unescape(label ?? target));
}

function withEmoji(text) {
  const [parts, nodes] = [text.split(/:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/), []];
  parts.forEach((part, n) => {
    if (part) nodes.push(n % 2 ? emoji(part) : part);
  });
  return nodes;
}
