// The page of the upload demo. Everything it shows of files is set as text, never as HTML.

const $ = (id) => document.getElementById(id);
const form = $("form");
const MOST = 100; // files in one upload: the server takes no more
let chosen = [];

// ---------------------------------------------------------------- words

function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 999.95 && unit < units.length - 1; unit += 1) bytes /= 1000;
  return `${bytes.toFixed(unit ? 1 : 0)} ${units[unit]}`;
}

function time(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function say(text, kind, focus = false) {
  const message = $("message");
  message.hidden = !text;
  message.textContent = text;
  message.className = `message ${kind}`;
  if (focus) message.focus();
  else if (text) speak(text);
  if (kind === "bad") message.scrollIntoView({ block: "nearest" });
}

// What a screen reader hears, when it has time: not every percent.
function speak(text) {
  $("spoken").textContent = text;
}

function row(template, name, facts, sha256) {
  const item = $(template).content.firstElementChild.cloneNode(true);
  item.querySelector(".name").textContent = name;
  tell(item, facts, sha256);
  return item;
}

function tell(item, facts, sha256) {
  item.querySelector(".facts").textContent = facts;
  if (sha256) item.querySelector(".hash").textContent = `SHA-256 ${sha256}`;
}

// ---------------------------------------------------------------- choosing files

function choose(files) {
  chosen.push(...files);
  showChosen();
  say("");
}

function showChosen() {
  $("chosen").replaceChildren(...chosen.map((file, index) => {
    const item = row("chosen-row", file.name, size(file.size));
    const button = item.querySelector("button");
    button.setAttribute("aria-label", `Remove ${file.name}`);
    button.addEventListener("click", () => {
      chosen.splice(index, 1);
      showChosen();
      ($("chosen").querySelectorAll("button")[index] ?? $("files")).focus();
    });
    return item;
  }));
  $("chosen").hidden = chosen.length === 0;
}

$("files").addEventListener("change", (event) => {
  choose(event.target.files);
  event.target.value = "";
});

// Files may be dropped anywhere.
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  window.addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    $("drop").classList.toggle("over", type === "dragenter" || type === "dragover");
    if (type === "drop" && !form.hidden) drop(event.dataTransfer);
  });
}

function drop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const files = items.filter((item) => !item.webkitGetAsEntry()?.isDirectory);
  choose(files.map((item) => item.getAsFile()));
  if (files.length < items.length) say("Folders are left out: drop the files that are in them.", "bad");
}

// ---------------------------------------------------------------- uploading

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (chosen.length === 0 || chosen.length > MOST) {
    say(chosen.length ? `These are ${chosen.length} files: remove all but ${MOST}.` : "Choose a file first.", "bad");
    $("files").focus();
    return;
  }
  upload();
});

function upload() {
  const token = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const data = new FormData(form);
  for (const file of chosen) data.append("file", file);

  begin();
  const server = watch(token);
  const request = new XMLHttpRequest();
  const sent = meter("sent");
  let whole = false;
  request.upload.addEventListener("progress", (event) => sent(event.loaded, event.total));
  request.upload.addEventListener("load", () => {
    whole = true;
  });
  request.addEventListener("load", () => {
    server.close();
    if (request.status === 201) succeed(JSON.parse(request.response));
    else fail(reasonOf(request));
  });
  // A file may have gone; a server that refuses the rest of a large upload closes the connection, and its stream
  // says why; or only the answer was lost, and all is well.
  request.addEventListener("error", async () => {
    const lost = await unreadable(chosen);
    const outcome = lost ? null : await server.outcome();
    server.close();
    if (lost) fail(`${lost.name} has changed or is gone: remove it, or choose it again.`);
    else if (outcome?.files) succeed(outcome);
    else fail(outcome?.reason ?? "The connection broke.");
  });
  request.addEventListener("abort", async () => {
    const outcome = whole ? await server.outcome() : null; // it may be too late
    server.close();
    if (outcome?.files) succeed(outcome);
    else end("Cancelled. Nothing was kept.", "good");
  });
  $("cancel").onclick = () => request.abort();

  request.open("POST", `uploads/${token}`);
  request.setRequestHeader("Accept", "application/json");
  request.send(data);
}

// Whoever leaves in the middle of an upload is asked whether that is meant.
window.addEventListener("beforeunload", (event) => {
  if (!$("transfer").hidden) event.preventDefault();
});

function begin() {
  say("");
  for (const id of ["sent", "received"]) {
    $(id).value = 0;
    $(`${id}-text`).textContent = "";
  }
  $("parts").replaceChildren();
  form.hidden = true;
  $("transfer").hidden = false;
  $("cancel").focus();
  speak("Uploading.");
}

function end(text, kind) {
  $("transfer").hidden = true;
  form.hidden = false;
  say(text, kind, true);
}

function fail(reason) {
  end(`${reason}${/[.!?]$/.test(reason) ? "" : "."} Nothing was kept.`, "bad");
}

function succeed({ fields, files }) {
  const told = fields.filter((field) => field.value).map((field) => `${labelOf(field.name)}: ${field.value}`);
  const what = files.length === 1 ? files[0].name : `${files.length} files`;
  form.reset();
  chosen = [];
  showChosen();
  end([`Stored ${what}`, ...told].join(" · "), "good");
  list();
}

function labelOf(name) {
  return form.elements[name]?.labels[0].textContent ?? name;
}

function reasonOf(request) {
  try {
    const problem = JSON.parse(request.response);
    return problem.detail ?? problem.title;
  } catch {
    return `The server answered ${request.status} ${request.statusText}`;
  }
}

// The first file that the browser can no longer read.
async function unreadable(files) {
  for (const file of files) {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      return file;
    }
  }
  return null;
}

// A function that shows how far an upload is, and how fast.
function meter(id) {
  const began = performance.now();
  let quarter = 0;
  return (done, total, rate = done / ((performance.now() - began) / 1000)) => {
    const share = total ? done / total : 0;
    const left = rate && total > done ? `, ${time((total - done) / rate)} left` : "";
    $(id).value = share;
    $(`${id}-text`).textContent = `${size(done)} of ${size(total)}, ${(rate / 1e6).toFixed(1)} MB/s${left}`;
    if (id === "sent" && Math.floor(share * 4) > quarter) {
      quarter = Math.floor(share * 4);
      speak(`${quarter * 25} percent sent.`);
    }
  };
}

// The server's own view of the upload.
function watch(token) {
  const source = new EventSource(`uploads/${token}/events`);
  const received = meter("received");
  const parts = new Map();
  const on = (type, handle) => source.addEventListener(type, (event) => handle(JSON.parse(event.data)));

  on("file", (part) => {
    const item = row("part-row", part.name, "arriving");
    parts.set(part.number, item);
    $("parts").append(item);
  });
  on("received", (part) => tell(parts.get(part.number), `${size(part.size)}, complete`, part.sha256));
  on("progress", (state) => received(state.received, state.total, state.rate));

  // What was stored or why it failed, if the server says so in time: the connection that the upload came on may be
  // closed before an answer.
  const told = new Promise((resolve) => {
    on("stored", (form) => {
      source.close();
      resolve(form);
    });
    on("failed", resolve);
    source.addEventListener("error", () => resolve(null));
  });
  const late = () => new Promise((resolve) => setTimeout(resolve, 3000));
  return { outcome: () => Promise.race([told, late()]), close: () => source.close() };
}

// ---------------------------------------------------------------- what is stored

let listed = "";

// Show what is stored, and whether that went well.
async function list() {
  let text;
  try {
    const response = await fetch("files", { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    text = await response.text();
  } catch {
    say("What is stored cannot be listed: the server does not answer as it should.", "bad");
    return false;
  }
  if (text !== listed) show(JSON.parse(text)); // else nobody's place in the list is lost
  listed = text;
  return true;
}

// Other pages store and delete files as well.
document.addEventListener("visibilitychange", () => document.hidden || list());

function show(files) {
  $("stored").replaceChildren(...files.map(stored));
  $("stored").hidden = files.length === 0;
  $("empty").hidden = files.length !== 0;
  $("resume").hidden = files.length === 0;
  $("count").textContent = files.length || "";
  if (files.length) $("curl").textContent = `curl -C - -O ${new URL(path(files[0]), location)}`;
}

function path(file) {
  const special = (mark) => `%${mark.charCodeAt(0).toString(16)}`; // to a shell
  return `files/${encodeURIComponent(file.name).replace(/[!'()*~]/g, special)}`;
}

function stored(file) {
  const when = new Date(file.modified).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const item = row("stored-row", file.name, `${size(file.size)} · ${when}`, file.sha256);
  item.querySelector("a").href = path(file);
  const button = item.querySelector("button");
  button.setAttribute("aria-label", `Delete ${file.name}`);
  button.addEventListener("click", () => ask(file, button));
  return item;
}

function ask(file, button) {
  const dialog = $("confirm");
  $("doomed").textContent = file.name;
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue === "delete" && remove(file, button);
  dialog.showModal();
}

async function remove(file, button) {
  let reason;
  button.disabled = true;
  try {
    const { ok, status, statusText } = await fetch(path(file), { method: "DELETE" });
    if (!ok && status !== 404) reason = `the server answered ${status} ${statusText}.`;
  } catch {
    reason = "the server does not answer.";
  }
  if (reason) {
    button.disabled = false;
    button.focus();
    say(`${file.name} could not be deleted: ${reason}`, "bad");
  } else {
    if (await list()) say(`Deleted ${file.name}.`, "good");
    $("stored-title").focus();
  }
}

list();
