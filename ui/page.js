// The page's behaviour in the browser: what Gradio's own components do not offer. It only passes on clicks and
// moves focus and scroll; everything that is shown is made, escaped, on the server side.
(() => {
  // Set before the first paint; the server side corrects it when the reader chose another language earlier.
  document.documentElement.lang = "ar";
  document.documentElement.dir = "rtl";

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

    header(element, watch) {
      const apply = () => {
        const { lang, dir } = element.querySelector(".sanad-brand");
        document.documentElement.lang = lang;
        document.documentElement.dir = dir;
      };
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
