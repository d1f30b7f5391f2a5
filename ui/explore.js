// The pages for exploring: what they show is what their address says, so a link, a form, back and forward are all the
// same to them. Everything that is shown is made, escaped, on the server side.
(() => {
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const within = (target) => target.closest?.('a[href^="?"]');
  let opener = null; // the address of the mark whose article is open beside the page
  let moved = false; // whether the reader asked for what is drawn next; the focus then goes there

  function go(element, trigger, search) {
    const url = new URL(search || location.pathname, location.href);
    if (url.search !== location.search) history.pushState({}, "", url);
    moved = true;
    element.setAttribute("aria-busy", "true");
    trigger("select", {});
  }

  function follow(element, trigger) {
    element.addEventListener("click", (event) => {
      const link = within(event.target);
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      if (new URLSearchParams(link.getAttribute("href")).has("cite")) opener = link.getAttribute("href");
      go(element, trigger, link.getAttribute("href"));
    });
  }

  function showMark(element) {
    const mark = element.querySelector(".sanad-reading mark");
    mark?.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
  }

  const encoded = (file) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });

  Object.assign(window.sanad, {
    upload(element, trigger) {
      const form = (target) => target.closest?.(".sanad-drop");
      const send = async (zone, chosen) => {
        const files = [...chosen];
        if (!files.length) return;
        const problem = zone.querySelector(".sanad-drop-problem");
        problem.textContent = "";
        const size = files.reduce((sum, file) => sum + file.size, 0) / 2 ** 20;
        const { megabytes, large } = zone.dataset;
        if (size > Number(megabytes)) {
          problem.textContent = large.replace("{size}", size.toFixed(1)).replace("{limit}", megabytes);
          return;
        }
        const read = [];
        for (const file of files) read.push({ name: file.name, data: await encoded(file) });
        trigger("upload", { files: read });
      };
      element.addEventListener("change", async ({ target }) => {
        if (!target.matches("input[type=file]")) return;
        const files = [...target.files];
        target.value = ""; // so that the same file can be chosen again
        await send(form(target), files);
      });
      for (const name of ["dragover", "dragleave", "drop"]) {
        element.addEventListener(name, (event) => {
          const zone = form(event.target);
          if (!zone) return;
          event.preventDefault();
          zone.classList.toggle("sanad-over", name === "dragover");
          if (name === "drop") send(zone, event.dataTransfer.files);
        });
      }
      element.addEventListener("submit", (event) => event.preventDefault());
    },

    outcome(element, watch) {
      element.setAttribute("aria-live", "polite");
      watch("value", () => element.querySelector(".sanad-outcome")?.scrollIntoView({ block: "nearest" }));
    },

    explore(element, trigger, watch) {
      follow(element, trigger);
      element.addEventListener("submit", (event) => {
        event.preventDefault();
        const given = new URLSearchParams();
        for (const [name, value] of new FormData(event.target)) if (value.trim()) given.set(name, value.trim());
        go(element, trigger, given.size ? `?${given}` : "?");
      });
      addEventListener("popstate", () => {
        moved = true;
        element.setAttribute("aria-busy", "true");
        trigger("select", {});
      });
      watch("value", () => {
        element.removeAttribute("aria-busy");
        if (moved && !document.querySelector(".sanad-source")) {
          (element.querySelector("[data-focus]") ?? element.querySelector("h1"))?.focus({ preventScroll: true });
          if (!element.querySelector("mark")) scrollTo({ top: 0 });
        }
        moved = false;
        showMark(element);
      });
    },

    beside(element, trigger, watch) {
      const close = () => {
        const search = new URLSearchParams(location.search);
        for (const name of ["cite", "v", "at"]) search.delete(name);
        go(element, trigger, search.size ? `?${search}` : "?");
        moved = false;
        const back = opener && document.querySelector(`#sanad-exploring a[href="${CSS.escape(opener)}"]:not([tabindex])`);
        back?.focus({ preventScroll: true });
      };
      element.addEventListener("click", (event) => {
        if (event.target.closest(".sanad-close")) close();
      });
      document.addEventListener("click", (event) => {
        const beside = event.target.closest("#sanad-body") && !event.target.closest("a, button, input, #sanad-panel");
        const drawer = window.matchMedia("(max-width: 60rem)").matches;
        if (beside && drawer && element.querySelector(".sanad-source")) close();
      });
      watch("value", () => {
        document.getElementById("sanad-exploring")?.removeAttribute("aria-busy");
        element.removeAttribute("aria-busy");
        for (const link of document.querySelectorAll("#sanad-exploring [aria-current]")) link.removeAttribute("aria-current");
        const section = element.querySelector(".sanad-source");
        if (!section) return;
        const shown = document.querySelectorAll(`#sanad-exploring a[href="${CSS.escape(location.search)}"]`);
        for (const link of shown) link.setAttribute("aria-current", "true");
        section.querySelector("h2").focus({ preventScroll: true });
        const mark = section.querySelector("mark");
        const box = section.querySelector(".sanad-text");
        if (!mark || !box) return;
        const offset = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
        box.scrollTo({ top: box.scrollTop + offset - box.clientHeight / 4, behavior: calm() ? "auto" : "smooth" });
      });
    },
  });
})();
