// Runs before the page's wasm: sets the theme so that nothing flashes, and tells the reader in words
// when the page cannot start or has stopped. Kept out of index.html because the page's
// Content-Security-Policy allows no inline script.
(function () {
  "use strict";
  var START_DEADLINE_MS = 15000;

  var chosen = null;
  try {
    chosen = localStorage.getItem("cpumonitor.theme");
  } catch (_) {
    // Storage is switched off: the system's preference it is.
  }
  var light = window.matchMedia("(prefers-color-scheme: light)").matches;
  var theme = chosen === "light" || chosen === "dark" ? chosen : light ? "light" : "dark";
  document.documentElement.dataset.theme = theme;

  var started = false;
  function fail(headline, detail) {
    var boot = document.getElementById("boot");
    if (!boot) return;
    boot.hidden = false;
    boot.classList.add("boot-failed");
    boot.setAttribute("role", "alert");
    document.getElementById("boot-text").textContent = headline + (detail ? " " + detail : "");
    var reload = document.getElementById("boot-reload");
    reload.hidden = false;
    reload.onclick = function () { location.reload(); };
  }

  function failed(error) {
    var text = error && error.message ? String(error.message) : String(error);
    if (!started) {
      fail("The page could not start.", text);
    } else if (window.WebAssembly && error instanceof WebAssembly.RuntimeError) {
      fail("The page has stopped because of a fault in it. Nothing is lost: the server has the data.", text);
    }
  }
  window.addEventListener("error", function (event) { failed(event.error || event.message); });
  window.addEventListener("unhandledrejection", function (event) { failed(event.reason); });
  window.addEventListener("cpumonitor-started", function () {
    started = true;
    var boot = document.getElementById("boot");
    if (boot && !boot.classList.contains("boot-failed")) boot.hidden = true;
  });
  setTimeout(function () {
    if (!started) fail("The page could not start.", "Its program did not arrive within 15 seconds.");
  }, START_DEADLINE_MS);
})();
