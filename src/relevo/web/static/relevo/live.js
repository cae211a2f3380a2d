// Keeps a part of a page fresh: asks for it again and puts it in place, with what was ticked and opened, where the
// keyboard and the eye are; says how old it is, and turns it pale when no answer comes. Nothing is asked while nobody
// looks.
document.addEventListener("DOMContentLoaded", () => {
  const TIMES = 5; // so many times as long as an answer takes: a long queue is work for the nodes
  const box = document.querySelector("[data-live]");
  const age = document.querySelector("[data-age]");
  const word = document.querySelector("[data-word]"); // read aloud whenever it changes
  if (!box || !age || !word) return;
  const EVERY = Number(box.dataset.every);
  const PATIENCE = Number(box.dataset.patience); // seconds for an answer: whoever gave it may have died meanwhile
  let since = Date.now();
  let tried = since;
  let asking = false;
  let lost = false;
  let pause = EVERY;

  const seconds = (moment) => Math.round((Date.now() - moment) / 1000);
  const headline = () => (box.querySelector("[data-headline]") || {}).textContent;

  const tell = () => {
    age.textContent = (lost ? age.dataset.stale : age.dataset.age).replace("{seconds}", seconds(since));
  };

  const turn = (nowLost) => {
    if (lost === nowLost) return;
    lost = nowLost;
    box.classList.toggle("relevo-pale", lost);
    age.classList.toggle("relevo-pale-word", lost);
    word.textContent = lost ? word.dataset.lost : `${word.dataset.back} ${headline() || ""}`;
    tell();
  };

  // What stays the same of an element when it is made anew.
  const name = (one) => one && (one.id || one.getAttribute("href") || one.value);

  const put = (text) => {
    const chosen = new Set([...box.querySelectorAll("[name=id]:checked")].map((one) => one.value));
    const opened = new Set([...box.querySelectorAll("details[open]")].map((one) => one.id));
    const scrolled = [...box.querySelectorAll("[id]")]
      .filter((one) => one.scrollLeft || one.scrollTop)
      .map((one) => [one.id, one.scrollLeft, one.scrollTop]);
    const focused = box.contains(document.activeElement) ? name(document.activeElement) : null;
    const [left, top, said] = [scrollX, scrollY, headline()];
    box.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    for (const one of box.querySelectorAll("[name=id]")) one.checked = chosen.has(one.value);
    for (const one of box.querySelectorAll("details")) one.open = opened.has(one.id);
    for (const [id, across, down] of scrolled) (document.getElementById(id) || box).scrollTo(across, down);
    if (focused) {
      const same = [...box.querySelectorAll("a, button, input, summary, [tabindex]")].find((one) => name(one) === focused);
      if (same) same.focus({ preventScroll: true });
    }
    scrollTo(left, top);
    if (headline() !== said) word.textContent = headline();
  };

  const refresh = async () => {
    if (asking || document.hidden || seconds(tried) < (lost ? EVERY : pause)) return;
    asking = true;
    tried = Date.now();
    try {
      const answer = await fetch(box.dataset.live + location.search, {
        redirect: "error", signal: AbortSignal.timeout(PATIENCE * 1000),
      });
      if (!answer.ok) throw new Error(answer.status);
      put(await answer.text());
      since = Date.now();
      pause = Math.max(EVERY, (TIMES * (since - tried)) / 1000);
      turn(false);
    } catch (error) {
      turn(true); // the server moves, or the login is over; the next turn asks again
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
