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

  // As the reader left it, before anything is drawn.
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
  const narrow = () => window.matchMedia("(max-width: 60rem)").matches;
  const scroll = (target, block) => target.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });
  const box = () => document.querySelector("#sanad-question textarea");
  let opener = null; // the button that opened the source, to give the focus back to it

  // ---- Said to screen readers: only what is new, never the whole conversation again ----------------------------

  let voice = null;
  function say(text) {
    if (!voice) {
      voice = document.createElement("div");
      voice.id = "sanad-voice";
      voice.className = "sanad-unseen";
      voice.setAttribute("aria-live", "polite");
      document.body.append(voice);
    }
    const line = document.createElement("p");
    line.textContent = text;
    voice.append(line);
    while (voice.childElementCount > 20) voice.firstChild.remove();
  }

  // Said to everybody: for what leaves no trace on the page itself.
  function tell(text) {
    document.querySelector(".sanad-told")?.remove();
    const told = document.createElement("p");
    told.className = "sanad-told";
    told.dir = root.dir;
    told.textContent = text;
    document.querySelector(".gradio-container").append(told);
    setTimeout(() => told.remove(), 3000);
    say(text);
  }

  // ---- The list of conversations: beside the chat, or over it where there is no room -------------------------

  const wide = window.matchMedia("not all and (max-width: 80rem)"); // what the style sheet calls narrow, negated
  root.dataset.list = wide.matches && remembered("sanad-list") !== "closed" ? "open" : "closed";

  function showList(open, { focus = true } = {}) {
    root.dataset.list = open ? "open" : "closed";
    if (wide.matches) remember("sanad-list", root.dataset.list);
    const button = document.getElementById("sanad-list-button");
    button?.setAttribute("aria-expanded", open);
    if (focus) (open ? document.getElementById("sanad-search") : button)?.focus();
  }
  const listCovers = () => root.dataset.list === "open" && !wide.matches;

  // ---- The quote of a citation pointed at --------------------------------------------------------------------------

  let quoteBox = null;
  let quoted = null;
  function showQuote(button) {
    if (quoted === button) return;
    hideQuote();
    if (!button.dataset.quote) return;
    quoted = button;
    quoteBox = document.createElement("div");
    quoteBox.className = "sanad-quote";
    quoteBox.id = "sanad-quote";
    quoteBox.setAttribute("role", "tooltip");
    quoteBox.dir = root.dir;
    for (const [tag, text] of [["blockquote", button.dataset.quote], ["small", button.dataset.origin]]) {
      const part = document.createElement(tag);
      part.dir = "auto";
      part.textContent = text;
      quoteBox.append(part);
    }
    document.querySelector(".gradio-container").append(quoteBox);
    button.setAttribute("aria-describedby", "sanad-quote");
    const at = button.getBoundingClientRect();
    const size = quoteBox.getBoundingClientRect();
    const x = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), root.clientWidth - size.width - 8);
    const above = at.top - size.height - 6;
    quoteBox.style.setProperty("--x", `${x}px`);
    quoteBox.style.setProperty("--y", `${above > 70 ? above : at.bottom + 6}px`);
    quoteBox.addEventListener("pointerleave", hideQuote);
  }
  function hideQuote() {
    quoteBox?.remove();
    quoted?.removeAttribute("aria-describedby");
    quoteBox = quoted = null;
  }
  document.addEventListener("pointerover", (event) => {
    const button = event.target.closest?.(".sanad-cite");
    if (button) showQuote(button);
    else if (quoted && !event.target.closest?.(".sanad-quote") && quoted !== document.activeElement) hideQuote();
  });
  document.addEventListener("focusin", (event) => {
    const button = event.target.closest?.(".sanad-cite");
    if (button?.matches(":focus-visible")) showQuote(button);
    else hideQuote();
  });
  document.addEventListener("scroll", hideQuote, { passive: true });
  document.addEventListener("click", hideQuote);

  // ---- Escape puts away what is uppermost, or stops an answer ----------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (quoted) hideQuote();
    else if (listCovers()) showList(false);
    else if (document.querySelector(".sanad-source")) document.querySelector(".sanad-close").click();
    else document.getElementById("sanad-stop")?.click();
  });

  // ---- Enter sends, Shift+Enter begins a line; not while an input method is at work ------------------------------

  const entered = (event) => event.target === box() && event.key === "Enter" && !event.isComposing;
  document.addEventListener("keydown", (event) => {
    if (!entered(event) || event.shiftKey) return;
    event.preventDefault();
    document.getElementById("sanad-send")?.click();
  });
  // Gradio takes the two the other way round in a box of more than one line, and must not see them.
  document.addEventListener("keypress", (event) => entered(event) && event.stopPropagation(), { capture: true });

  // ---- Nothing typed is lost: a draft lives as long as its tab -------------------------------------------------------

  const drafts = "sanad-draft";
  document.addEventListener("input", (event) => {
    if (event.target === box()) keepDraft(event.target.value);
  });
  function keepDraft(text) {
    try {
      sessionStorage.setItem(drafts, text);
    } catch {
      // no room, or not allowed: the box still has it
    }
  }
  function fill(text) {
    const field = box();
    if (!field) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true })); // Gradio listens for it
  }
  let restored = false; // before, an empty box says nothing about the draft
  function restoreDraft() {
    restored = true;
    let text = null;
    try {
      text = sessionStorage.getItem(drafts);
    } catch {
      return;
    }
    if (text && box() && !box().value) fill(text);
  }

  // ---- The page's own server away: Gradio says nothing of it that a reader understands -----------------------------

  const fetched = window.fetch.bind(window);
  let away = null;
  window.fetch = async (...request) => {
    const url = String(request[0]?.url ?? request[0]);
    try {
      const response = await fetched(...request);
      if (url.includes("gradio_api/queue/") && response.status >= 500) lost(url);
      return response;
    } catch (error) {
      if (error.name !== "AbortError") lost(url);
      throw error;
    }
  };
  function lost(url) {
    if (!url.includes("gradio_api") || away) return;
    const header = document.querySelector(".sanad-header");
    away = document.createElement("p");
    away.className = "sanad-alert sanad-away";
    away.setAttribute("role", "alert");
    away.dir = root.dir;
    away.textContent = header?.dataset.away ?? "";
    root.dataset.away = "true";
    document.querySelector(".gradio-container")?.append(away);
    const asked = document.querySelector("#sanad-live .sanad-turn[aria-busy=true]");
    const again = setInterval(async () => {
      try {
        if (!(await fetched("./", { method: "HEAD", cache: "no-store" })).ok) return;
      } catch {
        return;
      }
      clearInterval(again);
      away.remove();
      away = null;
      delete root.dataset.away;
      tell(header?.dataset.back ?? "");
      // An answer that was on its way is lost with its server; the page is read anew from what the server keeps.
      if (asked?.isConnected) location.reload();
    }, 2000);
  }

  // ---- Copying, also where the browser trusts only https with its clipboard ----------------------------------------

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  function goTo(id) {
    const card = document.getElementById(id);
    if (!card) return;
    scroll(card, "center");
    card.focus({ preventScroll: true });
  }

  function countDown(element) {
    for (const button of element.querySelectorAll("[data-wait]")) {
      let left = Number(button.dataset.wait);
      button.removeAttribute("data-wait");
      const shown = button.closest(".sanad-alert").querySelector(".sanad-countdown");
      const tick = setInterval(() => {
        left -= 1;
        if (left > 0) shown.textContent = left;
        else {
          clearInterval(tick);
          button.disabled = false;
          shown.parentElement.removeChild(shown);
        }
      }, 1000);
    }
  }

  // What the reader wanted last, by kind. It may change while the server is still at work on what was wanted before.
  const wishes = {};
  const want = (kind, data) => {
    wishes[kind] = data;
    if (kind === "conversation") delete wishes.answer; // it was wanted in the conversation that one leaves
  };

  // A question is asked once, however often Gradio runs what it has noted, and a button pressed twice is pressed once.
  const TWICE = 500; // milliseconds
  let last = { text: "", at: -TWICE };
  function wantAnswer(data) {
    const pressed = { text: JSON.stringify(data), at: performance.now() };
    if (pressed.text !== last.text || pressed.at - last.at >= TWICE) want("answer", data);
    last = pressed;
  }
  document.addEventListener(
    "click",
    ({ target }) => {
      if (target.closest?.("#sanad-send")) wantAnswer({ question: box()?.value ?? "" });
      if (target.closest?.("#sanad-stop, #sanad-renew")) delete wishes.answer;
    },
    { capture: true }, // before Gradio hears of it
  );

  window.sanad = {
    wanted: (kind) => JSON.stringify(wishes[kind] ?? {}),

    // What is to be asked, and how to be answered.
    wantedAnswer() {
      const wish = wishes.answer ?? {};
      delete wishes.answer;
      return JSON.stringify({ ...wish, mode: document.querySelector("[name=sanad-mode]:checked")?.value });
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
        element.querySelector("#sanad-list-button")?.setAttribute("aria-expanded", root.dataset.list === "open");
      };
      element.addEventListener("click", (event) => {
        const button = event.target.closest("#sanad-language");
        if (button) choose(button.dataset.locale);
        if (event.target.closest("#sanad-renew")) trigger("clear", {});
        if (event.target.closest("#sanad-list-button")) showList(root.dataset.list !== "open");
        if (event.target.closest(".sanad-skip")) {
          event.preventDefault();
          (box() ?? document.querySelector("h1, h2"))?.focus();
        }
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
      const main = element.closest("main");
      if (main) main.id = "sanad-main"; // where the skip link leads without this script's help
    },

    // How to be answered, where the server offers a choice; the browser remembers it as it does the look.
    modes(element, watch) {
      const apply = () => {
        for (const option of element.querySelectorAll("[name=sanad-mode]")) {
          if (option.value === remembered("sanad-mode")) option.checked = true;
        }
      };
      element.addEventListener("change", ({ target }) => remember("sanad-mode", target.value));
      watch("value", apply);
      apply();
    },

    turns(element, trigger, watch, live = false) {
      let shown = null;
      let said = 0;
      let refocus = null; // what had the focus before its turn is drawn anew
      const turnOf = (target) => Number(target.closest(".sanad-turn").dataset.turn);
      const editing = (turn, open) => {
        const form = turn.querySelector(".sanad-edit-form");
        form.hidden = !open;
        turn.querySelector(".sanad-asked").hidden = open;
        (open ? form.querySelector("textarea") : turn.querySelector(".sanad-edit")).focus();
      };
      const resubmit = (form) => {
        const question = form.querySelector("textarea").value.trim();
        if (!question) return;
        wantAnswer({ turn: Number(form.dataset.turn), question });
        trigger("edit", {});
      };
      element.addEventListener("click", async (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        if (button.matches(".sanad-cite, .sanad-read")) {
          opener = button;
          const { turn, number, related } = button.dataset;
          want("citation", { turn: Number(turn), number: Number(number), related: related === "true" });
          trigger("select", {});
        } else if (button.matches(".sanad-ask")) {
          const { question, turn } = button.dataset;
          wantAnswer(turn === undefined ? { question } : { question, turn: Number(turn) });
          trigger("submit", {});
        } else if (button.matches(".sanad-goto")) {
          goTo(button.dataset.target);
        } else if (button.matches(".sanad-edit")) {
          editing(button.closest(".sanad-turn"), true);
        } else if (button.matches(".sanad-cancel")) {
          editing(button.closest(".sanad-turn"), false);
        } else if (button.matches(".sanad-vote")) {
          refocus = `.sanad-turn[data-turn="${turnOf(button)}"] [data-verdict=${button.dataset.verdict}]`;
          trigger("like", { turn: turnOf(button), verdict: button.dataset.verdict });
        } else if (button.matches(".sanad-copy")) {
          await copy(button.dataset.copy);
          button.classList.add("sanad-done");
          say(button.dataset.done);
          setTimeout(() => button.classList.remove("sanad-done"), 2000);
        }
      });
      element.addEventListener("submit", (event) => {
        event.preventDefault();
        const form = event.target;
        if (form.matches(".sanad-edit-form")) resubmit(form);
        if (form.matches(".sanad-why")) {
          const reason = form.querySelector("input[type=radio]:checked")?.value ?? null;
          const text = form.querySelector("input[type=text]").value;
          refocus = `.sanad-turn[data-turn="${form.dataset.turn}"] [data-verdict=down]`;
          trigger("like", { turn: Number(form.dataset.turn), verdict: "down", reason, text });
        }
      });
      element.addEventListener("keydown", (event) => {
        if (!event.target.matches(".sanad-edit-form textarea") || event.isComposing) return;
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault();
          resubmit(event.target.form);
        } else if (event.key === "Escape") {
          event.preventDefault();
          editing(event.target.closest(".sanad-turn"), false);
        }
      });
      // Pointing at a denial shows which card it is about.
      const pair = (target, on) => {
        const link = target.closest?.(".sanad-goto");
        if (link) document.getElementById(link.dataset.target)?.classList.toggle("sanad-paired", on);
      };
      for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
        element.addEventListener(name, (event) => pair(event.target, on));
      }
      const speak = (turn, busy) => {
        if (said === null) return; // an earlier answer, shown again
        const sentences = [...turn.querySelectorAll(".sanad-words")];
        for (const sentence of sentences.slice(said)) say(sentence.textContent);
        said = busy ? sentences.length : null;
        if (busy) return;
        for (const words of turn.querySelectorAll(".sanad-abstained, .sanad-reply, .sanad-verdict")) say(words.textContent);
      };
      watch("value", () => {
        hideQuote();
        const newest = element.querySelector(".sanad-turn:last-of-type");
        const turn = newest?.dataset.turn ?? null;
        const busy = newest?.getAttribute("aria-busy") === "true";
        if (live) {
          for (const control of document.querySelectorAll("#sanad-language, [name=sanad-digits]")) control.disabled = busy;
        }
        // A new question goes to the top once, then the reader reads: no chasing of the stream.
        if (newest && turn !== shown) {
          scroll(newest, "start");
          said = busy ? 0 : null;
        }
        shown = turn;
        if (newest && live) speak(newest, busy);
        if (box() && restored) keepDraft(box().value);
        countDown(element);
        if (refocus) (element.querySelector(".sanad-why input") ?? element.querySelector(refocus))?.focus();
        refocus = null;
      });
    },

    search(element, trigger) {
      let waiting = null;
      element.addEventListener("input", ({ target }) => {
        clearTimeout(waiting);
        want("query", { query: target.value });
        waiting = setTimeout(() => trigger("input", {}), 250);
      });
      element.addEventListener("click", (event) => {
        if (event.target.closest(".sanad-list-close")) showList(false);
      });
    },

    list(element, trigger, watch) {
      const row = (target) => target.closest(".sanad-row");
      const part = (target, kind, open) => {
        const asked = row(target).querySelector(kind);
        asked.hidden = !open;
        row(target).querySelector(".sanad-actions").open = false;
        (open ? asked.querySelector("input, .sanad-delete") : row(target).querySelector("summary")).focus();
      };
      element.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const conversation = row(button)?.dataset.id;
        const { action } = button.dataset;
        if (button.matches(".sanad-more")) trigger("expand", {});
        else if (button.matches(".sanad-open")) {
          want("conversation", { conversation });
          trigger("select", {});
          if (!wide.matches) showList(false, { focus: false });
        } else if (button.matches(".sanad-delete")) trigger("delete", { conversation });
        else if (button.matches(".sanad-cancel")) part(button, button.closest("form") ? ".sanad-rename" : ".sanad-confirm", false);
        else if (action === "rename") part(button, ".sanad-rename", true);
        else if (action === "delete") part(button, ".sanad-confirm", true);
        else if (action) {
          trigger("download", { action, conversation });
          row(button).querySelector(".sanad-actions").open = false;
        }
      });
      element.addEventListener("submit", (event) => {
        event.preventDefault();
        const title = event.target.querySelector("input").value;
        trigger("edit", { conversation: row(event.target).dataset.id, title });
      });
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !row(event.target)) return;
        const asked = event.target.closest("form, .sanad-confirm");
        const menu = event.target.closest("details[open]");
        if (asked) asked.querySelector(".sanad-cancel").click();
        else if (menu) {
          menu.open = false;
          menu.querySelector("summary").focus();
        } else return;
        event.preventDefault();
      });
      document.addEventListener("click", (event) => {
        for (const menu of element.querySelectorAll("details[open]")) {
          if (!menu.contains(event.target)) menu.open = false;
        }
        const beside = !event.target.closest("#sanad-list, #sanad-list-button");
        if (listCovers() && beside && event.target.isConnected) showList(false, { focus: false });
      });
    },

    // The address names the conversation, so that reload, back, forward and a second tab find their own.
    place(element, trigger, watch) {
      const named = () => new URLSearchParams(location.search).get("c");
      watch("value", () => {
        const { conversation, restored } = element.querySelector("[data-conversation]")?.dataset ?? {};
        if (conversation === undefined) return;
        const url = new URL(location.href);
        if (conversation === "-") url.searchParams.delete("c");
        else url.searchParams.set("c", conversation);
        if (url.href !== location.href) history[restored ? "replaceState" : "pushState"]({}, "", url);
        if (restored) restoreDraft();
      });
      addEventListener("popstate", () => {
        want("conversation", { conversation: named() ?? "-" });
        trigger("select", {});
      });
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible") trigger("focus", {});
      });
    },

    file(element, watch) {
      watch("value", async () => {
        const { name, text, shared } = element.querySelector("[data-name]")?.dataset ?? {};
        if (!name) return;
        const file = new File([text], name, { type: name.endsWith(".json") ? "application/json" : "text/markdown" });
        if (shared === "true" && navigator.canShare?.({ files: [file] })) {
          await navigator.share({ files: [file], title: name }).catch(() => {}); // the reader thought better of it
          return;
        }
        if (shared === "true") {
          await copy(text);
          tell(document.querySelector(".sanad-header").dataset.copied);
          return;
        }
        const link = document.createElement("a");
        link.href = URL.createObjectURL(file);
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      });
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
      // On a phone the panel is a drawer; a touch beside it puts it away.
      document.addEventListener("click", (event) => {
        if (event.target.closest("#sanad-body") && !event.target.closest("button, #sanad-panel, textarea")) {
          if (narrow()) close();
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
