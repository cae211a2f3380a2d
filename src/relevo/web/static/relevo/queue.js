// Keeps the list of waiting mail fresh: asks for its rows again, puts them in place with what was ticked, and says how
// old they are. Nothing is asked while nobody looks.
document.addEventListener("DOMContentLoaded", () => {
  const EVERY = 10, TIMES = 5; // seconds; so many times as long as an answer takes: a long queue is work for the nodes
  const box = document.querySelector("[data-queue]");
  const age = document.querySelector("[data-age]");
  if (!box || !age) return;
  let since = Date.now();
  let asking = false;
  let pause = EVERY;

  const seconds = () => Math.round((Date.now() - since) / 1000);

  const tell = () => {
    const text = seconds() > 3 * pause ? age.dataset.stale : age.dataset.age;
    age.textContent = text.replace("{seconds}", seconds());
  };

  const ticked = () => new Set([...box.querySelectorAll("[name=id]:checked")].map((one) => one.value));

  const put = (rows) => {
    const chosen = ticked();
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    box.replaceChildren(...new DOMParser().parseFromString(rows, "text/html").body.childNodes);
    for (const one of box.querySelectorAll("[name=id]")) {
      one.checked = chosen.has(one.value);
      if (one.value === focused) one.focus();
    }
  };

  const refresh = async () => {
    if (asking || document.hidden || seconds() < pause) return;
    asking = true;
    const began = Date.now();
    try {
      const answer = await fetch(box.dataset.queue + location.search, { redirect: "error" });
      if (answer.ok) {
        put(await answer.text());
        since = Date.now();
        pause = Math.max(EVERY, (TIMES * (since - began)) / 1000);
      }
    } catch (error) {
      // The server moves, or the login is over: the age says so, and the next turn asks again.
    } finally {
      asking = false;
    }
  };

  box.addEventListener("change", (event) => {
    if (!event.target.matches("[data-all]")) return;
    for (const one of box.querySelectorAll("[name=id]")) one.checked = event.target.checked;
  });
  setInterval(() => {
    tell();
    refresh();
  }, 1000);
});
