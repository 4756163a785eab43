// Takes the one-time token out of the link, and exchanges it for the session of this browser.
const place = document.getElementById("state");
const token = location.hash.slice(1);
history.replaceState(null, "", "/enter"); // neither history nor a glance at the screen keeps it

async function open() {
  if (!token) {
    place.textContent = "This link has no token. Open the whole link that the terminal shows.";
    return;
  }
  try {
    const answer = await fetch("/api/enter", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    const said = await answer.json();
    if (answer.ok) location.replace(said.next);
    else place.textContent = said.error;
  } catch {
    place.textContent = "nof1 does not answer. Is it still running in the terminal?";
  }
}

open();
