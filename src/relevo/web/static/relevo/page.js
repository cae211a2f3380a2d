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
