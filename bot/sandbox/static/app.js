// The workspace's page: asks for the state whenever something has changed, and shows it.
import { el, sync } from "./dom.js";
import { renderBlocks, readValues } from "./blocks.js";
import { renderMessage } from "./messages.js";
import { showModal } from "./modal.js";

const $ = (id) => document.getElementById(id);
const view = { person: new URLSearchParams(location.search).get("as") ?? "U0ADA", channel: "C0SUPPORT", tab: "messages", thread: null };
const seen = {}; // person and channel → the last message that was on the screen
const opened = new Set(); // threads that have been opened by themselves, or were there before
let state = null;
let editing = null;
const loadedAt = Date.now();

const EXPLAINED = {
  dispatch_failed: "manualbot is not connected, so this went nowhere.",
  operation_timeout: "manualbot did not answer within three seconds.",
  not_in_channel: "Invite manualbot to this channel first.",
};

async function act(name, body = {}, node = null) {
  node?.setAttribute("aria-busy", "true");
  try {
    const response = await fetch("/page/act", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as: view.person, act: name, ...body }) });
    const answer = await response.json();
    if (!answer.ok) notify(`${EXPLAINED[answer.error] ?? answer.response_metadata?.messages?.join(" ") ?? ""} (${answer.error})`);
    return answer;
  } catch {
    notify("The workspace does not answer: is it still running?");
    return { ok: false };
  } finally {
    node?.removeAttribute("aria-busy");
    refresh();
  }
}

let noticeTimer = 0;
function notify(text) {
  $("notice").textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => ($("notice").textContent = ""), 8000);
}

let asking = null;
let again = false;
async function refresh() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = (async () => {
    do {
      again = false;
      const response = await fetch(`/page/state?as=${encodeURIComponent(view.person)}`);
      if (response.ok) {
        const fetched = await response.json();
        if (fetched.you.id === view.person) { // nobody else was chosen while it came
          state = fetched;
          render();
        }
      }
    } while (again);
  })().catch(() => notify("The workspace does not answer: is it still running?")).finally(() => (asking = null));
  return asking;
}

function watch() {
  const socket = new WebSocket(`ws://${location.host}/page/changes`);
  socket.onopen = refresh;
  socket.onmessage = refresh;
  socket.onclose = () => setTimeout(watch, 1000);
}

function page() {
  const names = new Map([...state.people.map((p) => [p.id, p.real_name]), [state.bot.id, state.bot.name],
    ...state.usergroups.map((g) => [g.id, g.handle]), ...state.channels.map((c) => [c.id, c.name])]);
  const channel = state.channels.find((c) => c.id === view.channel) ?? state.channels[0];
  return {
    act, names, channel, you: state.you, bot: state.bot, openThread,
    edit: startEditing,
    threadIs: (ts) => view.thread === ts,
    place: (press) => ({ names, press, people: state.people, channels: state.channels.filter((c) => !c.is_im) }),
  };
}

function render() {
  const here = page();
  view.channel = here.channel.id;
  const roots = here.channel.messages.filter((m) => !m.thread_ts || m.thread_ts === m.ts)
    .map((m) => ({ ...m, status: here.channel.statuses[m.ts] }));
  openNewThread(here);
  renderSidebar(here);
  renderHeader(here);
  const home = here.channel.is_im && view.tab === "home";
  $("home").hidden = !home;
  $("messages").hidden = $("composer").hidden = home;
  $("welcome").hidden = home || roots.length > 0 || !here.channel.has_bot;
  if (home) renderHome(here);
  else sync($("messages"), roots, (m) => `${view.channel}/${m.ts}`, (m) => renderMessage(m, here, false));
  renderThread(here);
  renderComposer(here);
  showModal(state.modals.at(-1), here);
}

function renderSidebar(here) {
  const n = state.bot.connections;
  $("connection").textContent = n ? "● manualbot is connected" : "○ manualbot is not connected";
  $("connection").className = n ? "on" : "off";
  sync($("person"), state.people, (p) => p.id, (p) =>
    el("option", { value: p.id, selected: p.id === view.person }, p.is_admin ? `${p.real_name} (admin)` : p.real_name));
  $("person").value = view.person;
  const entries = state.channels.map((c) => ({ id: c.id, name: c.is_im ? state.bot.name : `# ${c.name}`, im: c.is_im,
    here: c.id === view.channel, unread: unread(c) }));
  for (const [list, im] of [["channels", false], ["apps", true]]) {
    sync($(list), entries.filter((e) => e.im === im), (e) => e.id, (e) =>
      el("li", {}, el("button", { type: "button", "data-key": e.id, "aria-current": e.here ? "page" : null, class: e.unread ? "unread" : "",
        onclick: () => go(e.id) }, e.name, e.unread ? el("span", { class: "count", "aria-label": `${e.unread} new` }, String(e.unread)) : null)));
  }
  for (const input of $("faults").querySelectorAll("input")) {
    if (document.activeElement !== input) input.value = state.misbehaviour[input.name];
  }
}

function unread(channel) {
  const key = `${view.person}/${channel.id}`;
  const last = channel.messages.at(-1)?.ts ?? "0";
  if (channel.id === view.channel || !(key in seen)) seen[key] = last;
  return channel.messages.filter((m) => m.ts > seen[key] && m.user !== view.person).length;
}

function renderHeader(here) {
  $("place").textContent = here.channel.is_im ? state.bot.name : `# ${here.channel.name}`;
  document.title = `${$("place").textContent} · Workshop`;
  const tabs = here.channel.is_im ? [["home", "Home"], ["messages", "Messages"]] : [];
  sync($("tabs"), tabs.map(([id, label]) => ({ id, label, on: view.tab === id })), (t) => t.id, (t) =>
    el("button", { type: "button", "data-key": t.id, "aria-pressed": String(t.on), onclick: () => openTab(t.id) }, t.label));
  $("invite").hidden = here.channel.has_bot;
}

function renderHome(here) {
  const shown = state.home ? [{ id: state.home.id, hash: state.home.hash }] : [{ id: "none" }];
  const place = here.place((block, element, value, node) => act("press", { view_id: state.home.id, block_id: block.block_id,
    action_id: element.action_id, value, values: readValues($("home")) }, node));
  sync($("home"), shown, (v) => v.id, () =>
    el("div", {}, state.home ? renderBlocks(state.home.blocks, place) : el("p", { class: "empty" }, "The bot has published nothing here yet.")));
}

function renderThread(here) {
  const messages = here.channel.messages.filter((m) => m.ts === view.thread || m.thread_ts === view.thread)
    .map((m) => ({ ...m, status: here.channel.statuses[m.ts] }));
  $("thread").hidden = !view.thread || !messages.length;
  if (!$("thread").hidden) sync($("replies"), messages, (m) => `t/${m.ts}`, (m) => renderMessage(m, here, true));
}

function renderComposer(here) {
  const box = $("composer-text");
  box.placeholder = here.channel.is_im ? "Ask a question" : `Message #${here.channel.name}`;
  box.setAttribute("aria-label", here.channel.is_im ? "Message manualbot" : `Message #${here.channel.name}`);
  $("attach").hidden = !here.channel.is_im;
  $("hint").textContent = editing ? "Editing: Enter saves, Esc leaves it as it was."
    : here.channel.is_im ? `${state.command} explains itself. Administrators can send a manual as a file.`
    : `@${state.bot.name} asks the bot, ${state.command} explains itself. Enter sends, Shift+Enter starts a line.`;
  const useful = here.channel.has_bot ? state.suggestions : [];
  sync($("suggestions"), useful.map((text) => ({ text, im: here.channel.is_im })), (s) => s.text, (s) =>
    el("button", { type: "button", class: "chip", "data-key": s.text, onclick: () => say(s.im ? s.text : `@${state.bot.name} ${s.text}`) }, s.text));
}

// Show an answer where it was given: the thread of a question of one's own opens by itself, once.
function openNewThread(here) {
  const answered = here.channel.messages.filter((m) => m.user === view.person && m.reply_count && !opened.has(m.ts));
  for (const message of answered) opened.add(message.ts);
  if (answered.length && Number(answered.at(-1).ts) * 1000 > loadedAt) view.thread = answered.at(-1).ts;
}

function openThread(ts, andType = false) {
  view.thread = ts;
  render();
  if (andType) $("reply").querySelector("textarea").focus();
  else $("replies").focus();
}

function go(channel) {
  if (channel !== view.channel) {
    stopEditing();
    Object.assign(view, { channel, thread: null, tab: "messages" });
    $("messages").replaceChildren();
  }
  const is_im = state.channels.find((c) => c.id === channel).is_im;
  render();
  $("messages").scrollTop = $("messages").scrollHeight;
  if (is_im) openTab(view.tab);
  else $("composer-text").focus();
}

function openTab(tab) {
  view.tab = tab;
  render();
  act("open_app", { tab });
}

async function say(text, thread_ts = undefined) {
  const trimmed = text.trim();
  if (!trimmed) return true;
  if (!trimmed.startsWith("/")) {
    const answer = await act("say", { channel: view.channel, text: trimmed, thread_ts });
    $(thread_ts ? "replies" : "messages").scrollTop = 1e9;
    return answer.ok;
  }
  if (thread_ts) return notify(`${state.command} is not supported in threads.`), false;
  const [command, ...rest] = trimmed.split(/\s+/);
  if (command !== state.command) return notify(`${command} is not a valid command.`), false;
  return (await act("command", { channel: view.channel, text: rest.join(" ") })).ok;
}

function startEditing(message) {
  editing = message;
  $("composer-text").value = message.blocks?.[0]?.elements?.[0]?.elements
    ?.map((part) => part.text ?? `@${nameOf(part.user_id)}`).join("") ?? message.text;
  $("composer-text").focus();
  render();
}

const nameOf = (id) => (id === state.bot.id ? state.bot.name : state.people.find((p) => p.id === id)?.name);

function stopEditing() {
  if (!editing) return;
  editing = null;
  $("composer-text").value = "";
}

function wireComposer(form, send) {
  const box = form.querySelector("textarea");
  const grow = () => (box.style.height = "auto", box.style.height = `${Math.min(box.scrollHeight, 160)}px`);
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape" && editing) {
      stopEditing();
      render();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value;
    box.value = "";
    grow();
    if (!(await send(text)) && !box.value) box.value = text;
    grow();
  });
}

wireComposer($("composer"), async (text) => {
  if (!editing) return say(text);
  const ts = editing.ts;
  editing = null;
  return (await act("edit", { channel: view.channel, ts, text })).ok;
});
wireComposer($("reply"), (text) => say(text, view.thread));

$("close-thread").addEventListener("click", () => {
  view.thread = null;
  render();
  $("composer-text").focus();
});
$("person").addEventListener("change", () => {
  const is_im = state.channels.find((c) => c.id === view.channel).is_im;
  Object.assign(view, { person: $("person").value, thread: null });
  view.channel = is_im ? state.people.find((p) => p.id === view.person).dm : view.channel;
  $("messages").replaceChildren();
  stopEditing();
  refresh();
  if (is_im) act("open_app", { tab: view.tab });
});
$("invite").addEventListener("click", () => act("invite", { channel: view.channel }));
$("attach").querySelector("input").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  const query = new URLSearchParams({ as: view.person, channel: view.channel, name: file.name });
  const response = await fetch(`/page/upload?${query}`, { method: "POST", body: file });
  if (!response.ok) notify(`The file was not sent (${response.status})`);
});
$("faults").addEventListener("change", (event) => act("misbehave", { faults: { [event.target.name]: Number(event.target.value) } }));
for (const button of $("faults").querySelectorAll("button")) {
  button.addEventListener("click", () => act(button.dataset.act, { warned: Boolean(button.dataset.warned), n: 1 }));
}
$("faults").querySelector("form").addEventListener("submit", (event) => event.preventDefault());
watch();
