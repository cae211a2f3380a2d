// Sends a form that says so, as a long import is carried out some rows at a time.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-going-on]")) form.submit();
});
