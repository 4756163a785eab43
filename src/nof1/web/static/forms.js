// Sends forms: kept in this browser until the server has said that it has them, and stored once however often sent.
const DRAFTS = "nof1-form-";
const RETRY_MS = 4000;
const csrf = document.body.dataset.csrf;
const opened = performance.now();

function drafts() {
  const found = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const name = localStorage.key(i);
    if (name.startsWith(DRAFTS)) found.push(name);
  }
  return found;
}

async function send(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      Accept: "application/json",
      "X-Nof1-Csrf": csrf,
    },
    body,
  });
  return { status: answer.status, said: await answer.json() };
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function tell(place, kind, sentence, more = []) {
  place.replaceChildren(element("p", sentence), ...more);
  place.className = `told ${kind}`;
  place.hidden = false;
  place.focus();
}

function conflict(said) {
  const table = element("table");
  const head = element("tr");
  for (const text of ["", "stored", "yours"]) head.append(element("th", text));
  table.append(head);
  for (const row of said.conflict) {
    const line = element("tr");
    for (const text of [row.what, row.stored, row.given]) line.append(element("td", text));
    table.append(line);
  }
  const link = element("a", "Back to Today", "pad");
  link.href = "/";
  return [table, element("p", `Nothing was added. ${said.advice}.`), link];
}

function take(form, place, button, url, body, key) {
  send(url, body).then(
    ({ status, said }) => {
      if (status === 200) {
        localStorage.removeItem(DRAFTS + key);
        location.assign(said.next);
        return;
      }
      button.disabled = false;
      if (status === 401) {
        tell(place, "warn", "Not saved yet. nof1 was started again: open the new link that the terminal shows. What you filled in is kept in this browser, and is sent then.");
        return;
      }
      localStorage.removeItem(DRAFTS + key);
      if (said.conflict) tell(place, "warn", "Another window was first.", conflict(said));
      else tell(place, "warn", said.error);
    },
    () => {
      tell(place, "warn", "Not saved yet: nof1 does not answer. What you filled in is kept in this browser; it is sent as soon as nof1 answers.");
      setTimeout(() => take(form, place, button, url, body, key), RETRY_MS);
    },
  );
}

for (const form of document.querySelectorAll("form[data-send]")) {
  const place = form.querySelector(".told");
  const button = form.querySelector("button[type=submit]");
  button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    const data = new FormData(form, event.submitter);
    data.set("elapsed_ms", String(Math.round(performance.now() - opened)));
    data.delete("csrf"); // the header brings a token that is still right when the form is sent again
    const body = new URLSearchParams(data).toString();
    const key = data.get("key");
    const url = form.getAttribute("action");
    localStorage.setItem(DRAFTS + key, JSON.stringify({ url, body, label: form.dataset.send }));
    take(form, place, button, url, body, key);
  });
}

// What an earlier page could not send goes first.
async function resend() {
  const place = document.getElementById("waiting");
  if (!csrf || !place) return;
  for (const name of drafts()) {
    try {
      const { url, body, label } = JSON.parse(localStorage.getItem(name));
      const { status, said } = await send(url, body);
      if (status === 401) return;
      localStorage.removeItem(name);
      if (status === 200) tell(place, "good", `${label}: saved at ${said.saved_at}, receipt ${said.receipt}.`);
      else if (said.conflict) tell(place, "warn", `${label}: another window was first.`, conflict(said));
      else tell(place, "warn", `${label}: ${said.error}`);
    } catch {
      return; // still no answer; the next page tries again
    }
  }
}

resend();

// A file goes as it is; every row of it or none is stored.
const file = document.querySelector("input[type=file][data-url]");
if (file) {
  const place = document.querySelector(".told.file");
  const button = document.getElementById("send-file");
  button.disabled = false;
  button.addEventListener("click", async () => {
    const chosen = file.files[0];
    if (!chosen) {
      tell(place, "warn", "Choose a file first.");
      return;
    }
    button.disabled = true;
    try {
      const answer = await fetch(file.dataset.url, {
        method: "POST",
        headers: { "Content-Type": "text/csv", Accept: "application/json", "X-Nof1-Csrf": csrf, "X-Nof1-Name": encodeURIComponent(chosen.name) },
        body: chosen,
      });
      const said = await answer.json();
      const list = element("ul");
      for (const problem of said.problems ?? []) list.append(element("li", problem));
      if (answer.ok) location.assign(said.next);
      else tell(place, "warn", said.problems ? "The file was refused as a whole; nothing was stored." : said.error, [list]);
    } catch {
      tell(place, "warn", "nof1 does not answer; nothing was stored.");
    }
    button.disabled = false;
  });
}

// Counts down to a later part, and loads the page again when it is due.
const due = document.querySelector("[data-due-in-s]");
if (due) {
  const until = performance.now() + Number(due.dataset.dueInS) * 1000;
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left <= 0) {
      location.reload();
      return;
    }
    due.textContent = left > 90 ? `in ${Math.ceil(left / 60)} minutes` : `in ${left} seconds`;
    setTimeout(tick, 1000);
  };
  tick();
}
