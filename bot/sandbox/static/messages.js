// Messages as list items: author, text or blocks, reactions, and what can be done with them.
import { el } from "./dom.js";
import { renderBlocks, readValues } from "./blocks.js";
import { mrkdwn, emoji } from "./text.js";

const QUICK = ["+1", "-1"];
const MORE = ["+1::skin-tone-4", "-1::skin-tone-4", "tada", "eyes", "heart"];
const SAID = { "+1": "thumbs up", "-1": "thumbs down" };

const spoken = (name) => SAID[name] ?? name.replace("::", " ").replaceAll("-", " ").replaceAll("_", " ");

// `page` gives names, `act(name, body)`, `place(message)` for blocks, and what happens on a reply or an edit.
export function renderMessage(message, page, inThread) {
  const author = page.names.get(message.user) ?? "somebody";
  const item = el("li", { class: `message ${message.ephemeral ? "ephemeral" : ""}`, id: `${inThread ? "t" : "m"}-${message.ts}` },
    el("span", { class: `avatar ${message.bot_id ? "bot" : ""}`, "aria-hidden": "true" }, author[0].toUpperCase()),
    el("div", { class: "content" },
      el("p", { class: "byline" }, el("strong", {}, author), message.bot_id ? el("span", { class: "badge" }, "app") : null,
        el("time", {}, clock(message.ts)), message.edited ? el("small", {}, "(edited)") : null,
        message.ephemeral ? el("small", {}, "Only visible to you") : null),
      el("div", { class: "said" }, body(message, page)),
      (message.files ?? []).map(file),
      reactions(message, page),
      !inThread && message.reply_count ? thread(message, page) : null,
      status(message, page, inThread)));
  if (!message.ephemeral && message.subtype !== "channel_join") item.append(toolbar(message, page, inThread));
  return item;
}

function file(about) {
  if (about.filetype !== "png") return el("p", { class: "file" }, `📄 ${about.name} (${Math.ceil(about.size / 1024)} KB)`);
  const src = `/page/picture/${about.id}`;
  return el("figure", {}, el("figcaption", {}, about.title),
    el("a", { href: src, target: "_blank", rel: "noopener" }, el("img", { src, alt: about.alt_txt ?? about.title })));
}

const clock = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function body(message, page) {
  const blocks = message.blocks?.filter((block) => block.type !== "rich_text") ?? [];
  if (!blocks.length) return [mrkdwn(message.text, page.names)];
  return renderBlocks(blocks, page.place((block, element, value, node) => {
    const around = node?.closest(".said");
    page.act("press", { channel: page.channel.id, ts: message.ts, block_id: block.block_id, action_id: element.action_id,
      value, values: around ? readValues(around) : {} }, node);
  }));
}

function reactions(message, page) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, message.reactions.map((reaction) => {
    const who = reaction.users.map((user) => page.names.get(user)).join(", ");
    const mine = reaction.users.includes(page.you.id);
    return el("button", { type: "button", "aria-pressed": String(mine), title: who, "data-key": `r-${reaction.name}`,
      "aria-label": `${spoken(reaction.name)}: ${who}`, onclick: () => react(message, page, reaction.name) },
      `${emoji(reaction.name)} ${reaction.count}`);
  }));
}

const react = (message, page, name) => page.act("react", { channel: page.channel.id, ts: message.ts, name });

function thread(message, page) {
  const n = message.reply_count;
  return el("button", { type: "button", class: "replies", "data-key": "thread", onclick: () => page.openThread(message.ts) },
    `${n} ${n === 1 ? "reply" : "replies"}`);
}

function status(message, page, inThread) {
  const text = message.status;
  const root = !message.thread_ts || message.thread_ts === message.ts;
  return text && root && (inThread || !page.threadIs(message.ts))
    ? el("p", { class: "status", role: "status" }, `${page.names.get(page.bot.id)} ${text}`) : null;
}

function toolbar(message, page, inThread) {
  const own = message.user === page.you.id;
  const tool = (label, face, onclick, name) =>
    el("button", { type: "button", title: label, "aria-label": label, "data-key": `tool-${name ?? label}`, onclick }, face);
  const picks = (names) => names.map((name) => tool(`React with ${spoken(name)}`, emoji(name), () => react(message, page, name), name));
  return el("div", { class: "toolbar", role: "group", "aria-label": "Message" },
    picks(QUICK),
    el("details", {}, el("summary", { "aria-label": "More reactions", title: "More reactions" }, "☺"), el("div", {}, picks(MORE))),
    inThread ? null : tool("Reply in thread", "💬", () => page.openThread(message.thread_ts ?? message.ts, true)),
    tool("Answer from the manuals", "📖", () => page.act("shortcut", { channel: page.channel.id, ts: message.ts })),
    own ? tool("Edit", "✎", () => page.edit(message)) : null,
    own ? tool("Delete", "🗑", () => page.act("delete", { channel: page.channel.id, ts: message.ts })) : null);
}
