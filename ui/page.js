// The page's behaviour in the browser: what Gradio's own components do not offer. It only passes on clicks and
// moves focus and scroll; everything that is shown is made, escaped, on the server side.
(() => {
  // The browser may be told to remember nothing, or have no room: then nothing is remembered, and all else works.
  const remembered = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const remember = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // as above
    }
  };

  // Before the first paint, as the reader left it.
  const root = document.documentElement;
  root.lang = remembered("sanad-lang") === "en" ? "en" : "ar";
  root.dir = root.lang === "en" ? "ltr" : "rtl";

  const darkDevice = window.matchMedia("(prefers-color-scheme: dark)");
  const applyLook = () => {
    const look = remembered("sanad-look");
    const dark = look === "dark" || (look !== "light" && darkDevice.matches);
    root.dataset.look = dark ? "dark" : "light";
    document.body?.classList.toggle("dark", dark); // for Gradio's own parts, which follow the device
  };
  applyLook();
  darkDevice.addEventListener("change", applyLook);
  document.addEventListener("DOMContentLoaded", () => {
    applyLook();
    new MutationObserver(() => {
      if (document.body.classList.contains("dark") !== (root.dataset.look === "dark")) applyLook();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const scroll = (target, block) => target.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });
  let opener = null; // the button that opened the source, to give the focus back to it

  function goTo(id) {
    const card = document.getElementById(id);
    if (!card) return;
    scroll(card, "center");
    card.focus({ preventScroll: true });
  }

  window.sanad = {
    turns(element, trigger, watch) {
      let shown = null;
      element.setAttribute("aria-live", "polite");
      element.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        if (button.matches(".sanad-cite, .sanad-read")) {
          opener = button;
          const { turn, number, related } = button.dataset;
          trigger("select", { turn: Number(turn), number: Number(number), related: related === "true" });
        } else if (button.matches(".sanad-ask")) {
          trigger("submit", { question: button.dataset.question });
        } else if (button.matches(".sanad-goto")) {
          goTo(button.dataset.target);
        }
      });
      watch("value", () => {
        const newest = element.querySelector(".sanad-turn:last-of-type");
        const turn = newest?.dataset.turn ?? null;
        // A new question goes to the top once, then the reader reads: no chasing of the stream.
        if (newest && turn !== shown) scroll(newest, "start");
        shown = turn;
      });
    },

    header(element, trigger, watch) {
      const choose = (locale) => trigger("select", { locale });
      const apply = () => {
        const { lang, dir } = element.querySelector(".sanad-header");
        document.documentElement.lang = lang;
        document.documentElement.dir = dir;
        remember("sanad-lang", lang);
        for (const option of element.querySelectorAll("[name=sanad-look]")) {
          option.checked = option.value === (remembered("sanad-look") ?? "");
        }
      };
      element.addEventListener("click", (event) => {
        const button = event.target.closest("#sanad-language");
        if (button) choose(button.dataset.locale);
        if (event.target.closest("#sanad-renew")) trigger("clear", {});
      });
      element.addEventListener("change", ({ target }) => {
        if (target.name === "sanad-digits") choose(target.value);
        if (target.name === "sanad-look") {
          remember("sanad-look", target.value);
          applyLook();
        }
      });
      // The menu goes away as menus do: by Escape, or by a touch beside it.
      const menu = () => element.querySelector(".sanad-menu[open]");
      document.addEventListener("click", (event) => {
        if (menu() && !menu().contains(event.target)) menu().open = false;
      });
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !menu()) return;
        menu().querySelector("summary").focus();
        menu().open = false;
        event.stopPropagation();
      });
      watch("value", apply);
      apply();
    },

    source(element, trigger, watch) {
      const close = () => {
        if (!element.querySelector(".sanad-source")) return;
        trigger("clear", {});
        opener?.focus({ preventScroll: true });
      };
      element.addEventListener("click", (event) => {
        if (event.target.closest(".sanad-close")) close();
      });
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") close();
      });
      // On a phone the panel is a drawer; a touch beside it puts it away.
      document.addEventListener("click", (event) => {
        if (event.target.closest("#sanad-body") && !event.target.closest("button, #sanad-panel, textarea")) {
          if (window.matchMedia("(max-width: 60rem)").matches) close();
        }
      });
      watch("value", () => {
        const section = element.querySelector(".sanad-source");
        if (!section) return;
        section.querySelector("h2").focus({ preventScroll: true });
        const mark = section.querySelector("mark");
        const box = section.querySelector(".sanad-text");
        if (!mark || !box) return;
        // Only the panel scrolls, never the conversation beside it.
        const offset = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
        box.scrollTo({ top: box.scrollTop + offset - box.clientHeight / 4, behavior: calm() ? "auto" : "smooth" });
      });
    },
  };
})();
