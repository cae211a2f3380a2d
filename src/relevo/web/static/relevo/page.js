// What Unfold's pages need of Alpine, made known to its build for strict content policies: that one evaluates no
// JavaScript and knows no global names, so each is registered here.
document.addEventListener("alpine:init", () => {
  Alpine.data("theme", theme);
  Alpine.data("searchForm", searchForm);
  Alpine.data("page", () => ({
    activeTab: "general",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    toggleSidebar() {
      this.sidebarDesktopOpen = !this.sidebarDesktopOpen;
      localStorage.setItem("sidebarDesktopOpen", this.sidebarDesktopOpen ? "1" : "0");
    },
    // An expression of Unfold's forms speaks of it.
    window: { location: { pathname: location.pathname, search: location.search } },
  }));
});

// Whoever has no mouse, or does not see the pictures: what Unfold lets act by a click alone is reached by Tab and pressed
// by Enter or the space bar, and what is only a picture has a name.
document.addEventListener("DOMContentLoaded", () => {
  const NATIVE = "a[href], button, input, select, textarea, summary";
  const ICON = ".material-symbols-outlined";
  const words = document.body.dataset;

  const word = (one) => {
    const what = one.getAttribute("x-on:click") || "";
    if (one.title) return one.title;
    if (one.id === "searchbar-submit") return words.search;
    if (what) return what.includes("Theme") ? words.colours : what.includes("= false") ? words.close : words.menu;
    return one.getAttribute("href") === words.home ? words.overview : words.menu;
  };

  const isNamed = (one) => {
    const parts = [one, ...one.querySelectorAll("*")].filter((part) => !part.closest(ICON));
    return parts.some((part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  };

  for (const icon of document.querySelectorAll(ICON)) {
    if (!icon.hasAttribute("x-on:click")) icon.setAttribute("aria-hidden", "true"); // its text is a picture's name
  }
  for (const one of document.querySelectorAll("[x-on\\:click]")) {
    if (one.matches(NATIVE)) continue;
    one.tabIndex = 0;
    one.setAttribute("role", "button");
  }
  for (const one of document.querySelectorAll("a[href], button, [role=button]")) {
    const has = one.hasAttribute("aria-label") || one.querySelector("img[alt]");
    if (!has && !isNamed(one)) one.setAttribute("aria-label", word(one));
  }
  document.addEventListener("keydown", (event) => {
    const one = event.target;
    if (!["Enter", " "].includes(event.key) || one.matches(NATIVE) || !one.matches("[x-on\\:click]")) return;
    event.preventDefault();
    one.click();
  });
});
