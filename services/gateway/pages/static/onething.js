"use strict";
/* What pages do in the browser: regions that follow the live feed, forms that are sent once and lose nothing, scanners.
   Every page works without it, too, but for what is live. Words stand in the page, none here. */

const body = document.body;
const KEY = "onething:";
const store = {
  get: (name) => { try { return JSON.parse(sessionStorage.getItem(KEY + name)); } catch { return null; } },
  set: (name, value) => { try { sessionStorage.setItem(KEY + name, JSON.stringify(value)); } catch { /* full or forbidden */ } },
  drop: (name) => { try { sessionStorage.removeItem(KEY + name); } catch { /* forbidden */ } },
};

/* ---- the focus: whoever works by keys goes on at what is new, and never loses their place ---- */
let byKeys = false;
addEventListener("keydown", () => { byKeys = true; }, true);
addEventListener("pointerdown", () => { byKeys = false; }, true);
function land(place) {
  if (!place.matches(STOPS)) place.tabIndex = -1;
  place.focus({ preventScroll: place.matches("main, [data-live]") });
}
const STOPS = "a[href], button, input, select, textarea, summary, [tabindex]";
/* what is the same in a region's next content */
const markOf = (each) => each.id || [each.tagName, each.name, each.getAttribute("href"), each.form?.getAttribute("action"), each.textContent.trim()].join("\n");
function keepPlace(region) {
  const was = document.activeElement;
  if (was === region || !region.contains(was)) return () => {};
  const mark = markOf(was);
  return () => { const found = [...region.querySelectorAll(STOPS)].find((each) => markOf(each) === mark); found ? found.focus({ preventScroll: true }) : land(region); };
}

/* ---- offline ---- */
const offline = { why: new Set() };
function cut(why, is) {
  const was = offline.why.size > 0;
  is ? offline.why.add(why) : offline.why.delete(why);
  const now = offline.why.size > 0;
  const banner = document.getElementById("offline");
  if (banner && now !== was) { banner.hidden = !now; banner.textContent = now ? body.dataset.offline : ""; }
  if (was && !now) document.querySelectorAll("[data-live]").forEach(refresh);
  body.classList.toggle("is-offline", now);
}
addEventListener("offline", () => cut("network", true));
addEventListener("online", () => { cut("network", false); if (!document.hidden) feeds.forEach((feed) => feed.open()); });
/* A browser keeps six connections to a house, over all its tabs: one that nobody looks at gives its own back, and goes on
   from its place when somebody does. */
const RESTING = 5000;
let resting = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(resting);
  if (document.hidden) resting = setTimeout(() => feeds.forEach((feed) => feed.rest()), RESTING);
  else feeds.forEach((feed) => feed.wake());
});

/* ---- live regions: <section data-live="hall:yl-hall" data-src="/desk/queue"> or data-live="case:ID" or both ---- */
const feeds = new Map();
/* One connection carries all halls of a region: a browser keeps six to a house, and a county has more halls than that. */
class Feed {
  constructor(names) { this.names = names; this.name = names.join(" "); this.last = ""; this.pause = 1000; this.source = null; feeds.set(this.name, this); this.open(); }
  get address() {
    const ids = this.names.map((each) => encodeURIComponent(each.slice(each.indexOf(":") + 1)));
    const base = this.name.startsWith("case:") ? `/api/v1/cases/${ids[0]}/feed` : "/api/v1/feed?" + ids.map((id) => "hall=" + id).join("&");
    return this.last ? base + (base.includes("?") ? "&" : "?") + "after=" + encodeURIComponent(this.last) : base;
  }
  open() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    const source = this.source = new EventSource(this.address);
    source.onopen = () => {
      this.pause = 1000; cut(this.name, false);
      /* without a place the feed begins now, and the page was made before: what came in between is in neither */
      if (this.gap || !this.last) { this.gap = false; this.tell({}); }
    };
    const heard = (event) => {
      if (event.lastEventId) this.last = event.lastEventId;
      let data = {}; try { data = JSON.parse(event.data); } catch { /* it happened, whatever it says */ }
      this.tell(data);
    };
    source.addEventListener("fact", heard);
    source.addEventListener("snapshot", (event) => { if (event.lastEventId) this.last = event.lastEventId; });
    source.addEventListener("bye", () => this.again());
    source.addEventListener("gone", () => { this.last = ""; this.gap = true; this.again(); });
    source.onerror = () => { this.gap = true; this.again(); };
  }
  rest() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
    this.rests = true;
  }
  wake() {
    if (!this.rests) return;
    this.rests = false;
    this.gap = true;  /* what happened meanwhile comes from its place on; what was kept no more is read anew */
    this.open();
  }
  again() {
    if (this.rests) return;
    if (this.source) this.source.close();
    this.source = null;
    this.failed = (this.failed || 0) + 1;
    clearTimeout(this.timer);
    /* a feed that one may not hear is refused before it opens: the page is then as good as it was when it was loaded */
    fetch(this.address, { headers: { Accept: "text/event-stream" }, signal: AbortSignal.timeout(5000) }).then((answer) => {
      if (answer.body) answer.body.cancel();
      if (answer.status === 401 || answer.status === 403 || answer.status === 404) { cut(this.name, false); this.refuse(); return; }
      cut(this.name, answer.status >= 500);
      this.later(answer.ok ? 50 : this.pause);
    }).catch(() => { cut(this.name, true); this.later(this.pause); });
  }
  refuse() {
    this.refused = true;
    if (this.names.length === 1) return;
    feeds.delete(this.name);  /* some of the halls may be heard, perhaps: each by itself */
    for (const each of this.names) if (!isHeard([each])) new Feed([each]);
  }
  later(pause) {
    if (this.rests) return;
    this.timer = setTimeout(() => this.open(), pause + Math.random() * 300);
    this.pause = Math.min(this.pause * 2, 15000);
  }
  tell(data) {
    document.querySelectorAll("[data-live]").forEach((region) => {
      if (!region.dataset.live.split(" ").some((each) => this.names.includes(each))) return;
      const topics = region.dataset.topics;
      if (topics && data.topic && !topics.split(" ").some((topic) => data.topic.startsWith(topic))) return;
      refresh(region);
    });
  }
}
const isHeard = (names) => names.every((name) => [...feeds.values()].some((feed) => feed.names.includes(name)));
/* what is another one in every answer, and no news: keys of forms, and what masks their tokens */
const FRESH = /name="_(?:key|csrf)" value="[^"]*"/g;
const bareOf = (each) => each.innerHTML.replaceAll(FRESH, "").trim();
const waiting = new WeakMap();
function refresh(region) {
  clearTimeout(waiting.get(region));
  waiting.set(region, setTimeout(() => load(region), Number(region.dataset.wait || 200)));
}
const isEdited = (region) => {
  const active = document.activeElement;
  return (region.contains(active) && active.matches("input:not([type=button]), select, textarea")) || region.querySelector("form[data-changed], form[aria-busy=true], dialog[open]");
};
async function load(region) {
  if (!region.isConnected || !region.dataset.src) return;
  if (isEdited(region)) { waiting.set(region, setTimeout(() => load(region), 1000)); return; }
  region.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(region.dataset.src, { headers: { Accept: "text/html", "X-Fragment": "1" }, credentials: "same-origin" });
    if (answer.ok && !answer.redirected) {
      const text = await answer.text(), bare = text.replaceAll(FRESH, "");
      if (isEdited(region)) { refresh(region); return; }
      const made = document.createElement("template");
      made.innerHTML = text;  // from our own server, escaped there
      if (region.lastText === undefined && bareOf(made) === bareOf(region)) {  // it stands there already
        region.lastText = bare;
        acknowledge(region, answer.headers.get("Onething-Shown"));
      }
      if (bare !== region.lastText) {
        const back = keepPlace(region);
        const open = new Set([...region.querySelectorAll("details[open][id]")].map((each) => each.id));
        region.replaceChildren(made.content);
        region.lastText = bare;
        open.forEach((id) => { const found = document.getElementById(id); if (found) found.open = true; });
        back();
        equip(region);
        region.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
        acknowledge(region, answer.headers.get("Onething-Shown"));
      }
      cut("reading", false);
    }
  } catch { cut("reading", true); waiting.set(region, setTimeout(() => load(region), 3000)); }
  finally { region.removeAttribute("aria-busy"); }
}
/* <section data-shown="form"> is a screen whose content the house wants to be told of when it stands there */
function acknowledge(region, digest) {
  const form = digest && document.getElementById(region.dataset.shown);
  if (form) fetch(form.action, { method: "POST", body: new URLSearchParams([...new FormData(form), ["digest", digest]]), headers: { "X-Form": "1" } }).catch(() => {});
}
function follow(root) {
  for (const region of [...root.querySelectorAll("[data-live]"), ...(root.matches?.("[data-live]") ? [root] : [])]) {
    const names = region.dataset.live.split(" ").filter(Boolean), halls = names.filter((name) => name.startsWith("hall:"));
    for (const group of [halls, ...names.filter((name) => !halls.includes(name)).map((name) => [name])]) if (group.length && !isHeard(group)) new Feed(group);
    const every = Number(region.dataset.every || 0);
    if (every && !region.beating) region.beating = setInterval(() => load(region), every * 1000);
  }
}

/* ---- forms: sent once, kept until they are through ---- */
const nameOf = (form) => "draft:" + body.dataset.who + ":" + (form.dataset.draft || form.getAttribute("action") || location.pathname) + ":" + (form.id || "");
const kept = (form) => [...form.elements].filter((each) => each.name && !each.name.startsWith("_") && each.type !== "file" && each.type !== "hidden" && each.type !== "password");
function keep(form) {
  if (!form.hasAttribute("data-keep")) return;
  store.set(nameOf(form), kept(form).map((each) => [each.name, each.value, each.type === "checkbox" || each.type === "radio" ? each.checked : null]));
}
function restore(form) {
  if (!form.hasAttribute("data-keep") || form.hasAttribute("data-answered")) return;
  const draft = store.get(nameOf(form));
  if (!draft) return;
  let changed = false;
  const seen = new Set();
  for (const [name, value, checked] of draft) {
    const twin = (each) => each.name === name && !seen.has(each) && (checked === null || each.value === value);
    const found = kept(form).find(twin);
    if (!found) continue;
    seen.add(found);
    if (checked === null) { if (found.value !== value) { found.value = value; changed = true; } }
    else if (found.checked !== checked) { found.checked = checked; changed = true; }
  }
  if (changed) { form.dataset.changed = "1"; say(form, body.dataset.restored, "notice"); }
}
function say(form, text, mood) {
  let place = form.querySelector(":scope > [data-said]");
  if (!place) { place = document.createElement("div"); place.dataset.said = ""; form.prepend(place); }
  place.className = "notice " + mood; place.setAttribute("role", mood === "bad" ? "alert" : "status"); place.textContent = text;
}
function unwrong(form) {
  form.querySelectorAll(".field.wrong").forEach((each) => { each.classList.remove("wrong"); each.querySelector(".error[data-said]")?.remove(); });
  form.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
}
function wrong(form, problem) {
  unwrong(form);
  const errors = problem.data?.errors || {};
  let first = null;
  for (const [name, text] of Object.entries(errors)) {
    const found = form.elements[name] instanceof RadioNodeList ? form.elements[name][0] : form.elements[name];
    if (!found) continue;
    first ||= found;
    for (let fold = found.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    found.setAttribute("aria-invalid", "true");
    const field = found.closest(".field"); if (!field) continue;
    field.classList.add("wrong");
    const mark = document.createElement("span"); mark.className = "error"; mark.dataset.said = ""; mark.textContent = text;
    mark.id = "error-" + name; found.setAttribute("aria-describedby", mark.id); field.append(mark);
  }
  say(form, [problem.title, problem.detail !== problem.title ? problem.detail : "", problem.next].filter(Boolean).join(" — "), "bad");
  if (problem.status === 401) {
    const link = document.createElement("a");
    link.href = "/sign-in?next=" + encodeURIComponent(location.pathname + location.search); link.textContent = body.dataset.signIn;
    form.querySelector(":scope > [data-said]").append(" ", link); keep(form); leaving = true;
  }
  const news = first || form.querySelector(":scope > [data-said]");
  news.scrollIntoView({ block: "center" });
  land(news);
}
function busy(form, is, submitter) {
  form.toggleAttribute("data-sending", is);
  is ? form.setAttribute("aria-busy", "true") : form.removeAttribute("aria-busy");
  for (const each of form.querySelectorAll("button")) each.disabled = is;
  if (submitter) {
    if (is) { submitter.dataset.word = submitter.textContent; submitter.textContent = body.dataset.sending; }
    else if (submitter.dataset.word) submitter.textContent = submitter.dataset.word;
  }
}
/* A form is sent by script so that a cut network costs nothing: the key in it stays the same until it is through, and the
   house answers the same key with the same answer. A page that comes back is shown; a problem is shown beside the fields. */
async function send(form, submitter) {
  if (form.hasAttribute("data-sending")) return;
  const data = new FormData(form, submitter || undefined);
  busy(form, true, submitter);
  keep(form);
  const action = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  try {
    for (const each of form.querySelectorAll("input[type=file][data-upload]")) {
      if (!each.files.length) continue;
      const kept = await upload(each, data.get("_csrf") || "");
      if (kept.problem) { busy(form, false, submitter); wrong(form, { ...kept.problem, data: { errors: { [each.name]: kept.problem.detail || kept.problem.title } } }); return; }
      for (const part of ["digest", "size", "media_type", "receipt"]) data.set(each.name + "." + part, kept[part]);
    }
    for (const each of form.querySelectorAll("input[type=file]")) data.delete(each.name);
    const answer = await transmit(form, action, new URLSearchParams(data));
    if (answer.problem) {
      if (answer.problem.status < 500 && answer.problem.status !== 429) renew(form);  /* it was answered: what is sent next is another act */
      busy(form, false, submitter); wrong(form, answer.problem); return;
    }
    form.removeAttribute("data-changed");
    clearTimeout(form.keeping);  /* what was sent is not kept once more: it would come back as unsent */
    store.drop(nameOf(form));
    const region = form.closest("[data-live]");
    if (form.hasAttribute("data-stay") && region) { busy(form, false, submitter); form.reset(); renew(form); land(region); refresh(region); return; }
    leaving = true;
    if (byKeys) store.set("landing", true);
    if (answer.url !== location.href) { location.assign(answer.url); return; }
    if (byKeys) history.scrollRestoration = "manual";  /* else the page is scrolled to where it was, away from what is new */
    location.reload();
  } catch { busy(form, false, submitter); cut("sending", !navigator.onLine); say(form, body.dataset.notSent, "warn"); submitter?.focus(); }
}
/* <input type="file" data-digest-for="id"> names a paper by the digest of its scan; the file itself stays here */
document.addEventListener("change", async ({ target }) => {
  const field = target.dataset?.digestFor && document.getElementById(target.dataset.digestFor);
  if (!field || !target.files.length || !crypto.subtle) return;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await target.files[0].arrayBuffer()));
  field.value = "sha256:" + [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
/* <input type="file" data-most="BYTES" data-too-large="words"> says at once that its files are too large together */
document.addEventListener("change", ({ target }) => {
  if (!target.dataset?.most) return;
  const size = [...target.files].reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(size > Number(target.dataset.most) ? target.dataset.tooLarge : "");
  target.reportValidity();
});
/* A file goes to the house by itself, before the form that names it; the same bytes again are the same upload. */
function upload(input, token) {
  const file = input.files[0], bar = input.closest(".field")?.querySelector("progress");
  if (input.sent?.file === file) return Promise.resolve(input.sent.kept);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", input.dataset.upload);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Accept", "application/json, application/problem+json");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    if (token) request.setRequestHeader("X-CSRF-Token", token);
    if (bar) { bar.hidden = false; request.upload.onprogress = (event) => { if (event.lengthComputable) { bar.max = event.total; bar.value = event.loaded; } }; }
    request.onload = () => {
      if (bar) bar.hidden = true;
      let read = null; try { read = JSON.parse(request.responseText); } catch { reject(new Error(String(request.status))); return; }
      if (request.status >= 400) resolve({ problem: read });
      else { input.sent = { file, kept: read }; resolve(read); }
    };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error("network"));
    request.timeout = 600000;
    request.send(file);
  });
}
function renew(form) {
  const key = form.elements._key; if (!key) return;
  key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
}
function transmit(form, action, content) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", action);
    request.setRequestHeader("Accept", "application/problem+json, text/html;q=0.5");
    request.setRequestHeader("X-Form", "1");
    request.onload = () => {
      const type = request.getResponseHeader("Content-Type") || "";
      if (type.includes("json")) {
        const read = JSON.parse(request.responseText);
        if (request.status < 400 && read.location) resolve({ url: new URL(read.location, location.href).href });
        else resolve({ problem: read });
      } else if (request.status < 400) resolve({ url: request.responseURL });
      else reject(new Error(String(request.status)));
    };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error("network"));
    request.timeout = 60000;
    request.send(content);
  });
}
let leaving = false;
addEventListener("beforeunload", (event) => {
  document.querySelectorAll("form[data-keep][data-changed]").forEach(keep);
  if (!leaving && document.querySelector("form[data-guard][data-changed]")) { event.preventDefault(); event.returnValue = body.dataset.unsent; }
});
addEventListener("pagehide", () => document.querySelectorAll("form[data-keep][data-changed]").forEach(keep));
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-plain") || event.submitter?.hasAttribute("data-plain")) { leaving = true; if (byKeys && form.method === "post") store.set("landing", true); setTimeout(() => { leaving = false; }, 3000); return; }
  event.preventDefault();
  send(form, event.submitter);
});
addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form || form.method !== "post") return;
  form.dataset.changed = "1";
  clearTimeout(form.keeping); form.keeping = setTimeout(() => keep(form), 300);
});
addEventListener("change", (event) => {
  const target = event.target;
  /* choosing a file is choosing that it comes as a file */
  if (target.type === "file" && target.files.length && target.dataset.chooses) { const radio = document.getElementById(target.dataset.chooses); if (radio) radio.checked = true; }
  if (target.matches("[data-submit]")) { target.form.requestSubmit(); return; }
  const src = target.form?.dataset.again;
  if (src) again(target.form, src);
});
/* <form data-again="/desk/…"> asks the server anew after every answer: questions that others call for, items, materials */
async function again(form, src) {
  const place = document.getElementById(form.dataset.into);
  const turn = form.turn = (form.turn || 0) + 1;
  try {
    const data = new URLSearchParams(new FormData(form)), asks = form.method === "get", headers = { Accept: "text/html", "X-Fragment": "1" };
    const answer = await (asks ? fetch(src + "?" + data, { headers }) : fetch(src, { method: "POST", body: data, headers }));
    if (!answer.ok || turn !== form.turn) return;
    if (asks) history.replaceState(history.state, "", src + "?" + data);
    const focused = document.activeElement?.id;
    const made = document.createElement("template"); made.innerHTML = await answer.text();
    place.replaceChildren(made.content); equip(place);
    const words = place.querySelector("[data-value-words]")?.textContent, slider = form.querySelector("input[type=range]");
    if (words && slider) slider.setAttribute("aria-valuetext", words);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  } catch { cut("reading", !navigator.onLine); }
}

/* a page out of the browser's memory has keys that were used */
addEventListener("pageshow", (event) => { if (event.persisted) { leaving = true; location.reload(); } });

/* ---- small things ---- */
addEventListener("click", (event) => {
  const target = event.target.closest("[data-dialog], [data-close], [data-print], [data-key]");
  if (!target) return;
  if (target.dataset.dialog) document.getElementById(target.dataset.dialog)?.showModal();
  else if ("close" in target.dataset) target.closest("dialog")?.close();
  else if ("print" in target.dataset) print();
  else if (target.dataset.key) {
    const field = document.getElementById(target.dataset.for); if (!field) return;
    field.value = target.dataset.key === "back" ? field.value.slice(0, -1) : field.value + target.dataset.key;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
/* A scanner is a keyboard that is very fast and ends with Enter; what it types outside any field goes to the scan field. */
let typed = "", at = 0;
addEventListener("keydown", (event) => {
  const field = document.querySelector("[data-scan]");
  if (!field || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (document.activeElement && document.activeElement.matches("input, select, textarea, button, a, summary")) { typed = ""; return; }
  if (event.timeStamp - at > 120) typed = "";
  at = event.timeStamp;
  if (event.key === "Enter" && typed.length > 4) { field.value = typed; typed = ""; event.preventDefault(); field.form.requestSubmit(); }
  else if (event.key.length === 1) typed += event.key;
});
addEventListener("visibilitychange", () => { if (!document.hidden) document.querySelectorAll("[data-live]").forEach(refresh); });
/* <form data-beat="60"> says again and again that somebody is here; nothing is shown of it */
function beat(form) {
  if (form.beating) return;
  const tell = () => { if (!document.hidden && navigator.onLine) fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json", "X-Form": "1" } }).catch(() => {}); };
  form.beating = setInterval(tell, Number(form.dataset.beat) * 1000); tell();
}
/* <form data-visit="CODE"> tells once a tab that somebody came; the id of the visit is thrown here */
function visit(form) {
  let id = store.get("visit:" + form.dataset.visit);
  if (!id) {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
    id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    store.set("visit:" + form.dataset.visit, id);
  }
  const data = new URLSearchParams(new FormData(form)); data.set("visit", id); data.set("_key", id);
  fetch(form.action, { method: "POST", body: data, headers: { "X-Form": "1" } }).catch(() => {});
}
/* <div data-idle="60" data-idle-to="/kiosk/HALL/leave">: who does nothing for so long has gone, and is forgotten */
const idle = document.querySelector("[data-idle]");
if (idle) {
  let timer;
  const leave = () => { try { sessionStorage.clear(); } catch { /* forbidden */ } leaving = true; location.replace(idle.dataset.idleTo); };
  const stir = () => { clearTimeout(timer); timer = setTimeout(leave, Number(idle.dataset.idle) * 1000); };
  for (const what of ["pointerdown", "keydown", "scroll", "input"]) addEventListener(what, stir, { passive: true });
  stir();
}
function equip(root) {
  root.querySelectorAll("form[data-visit]").forEach(visit);
  follow(root);
  root.querySelectorAll("form[data-keep]").forEach(restore);
  root.querySelectorAll("form[data-beat]").forEach(beat);
  root.querySelectorAll("dialog[data-open]").forEach((each) => each.showModal());
}
equip(document);
if (!navigator.onLine) cut("network", true);
const firstWrong = document.querySelector(".field.wrong input, .field.wrong select, .field.wrong textarea");
if (firstWrong) firstWrong.focus();
else if (store.get("landing")) land(document.querySelector("main > .notice[role=status]") || document.getElementById("main"));
store.drop("landing");
addEventListener("load", () => setTimeout(() => { history.scrollRestoration = "auto"; }));
body.dataset.ready = "1";
