/** Choose rows of a list of verdicts by theory and verdict; without it every row is there. */
for (const root of document.querySelectorAll(".gv-verdicts:not([data-ready])")) {
  /** @param {string} selector @returns {HTMLElement[]} */
  const all = (selector) => [...root.querySelectorAll(selector)].map((each) => /** @type {HTMLElement} */ (each));
  const form = /** @type {HTMLFormElement} */ (root.querySelector(".gv-filters"));
  const theory = /** @type {HTMLSelectElement} */ (form.querySelector("select"));
  const count = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
  const rows = all(".gv-row");
  let verdict = "";

  /** Count what counts, of the rows that are chosen. @param {HTMLElement} part */
  const tally = (part) => {
    for (const box of part.querySelectorAll("[data-tally]")) {
      const which = /** @type {HTMLElement} */ (box).dataset.tally ?? "";
      const chosen = `:scope > .gv-quantity > .gv-row[data-verdict="${which}"]:not([hidden])`;
      const many = part.querySelectorAll(chosen).length;
      const words = many !== 1 && which === "holds" ? "hold" : which;
      /** @type {Element} */ (box.lastElementChild).textContent = `${many} ${words}`;
      box.toggleAttribute("hidden", !many);
    }
  };

  const show = () => {
    for (const row of rows) {
      const { theory: whose, verdict: which } = row.dataset;
      row.hidden = Boolean((theory.value && theory.value !== whose) || (verdict && verdict !== which));
    }
    for (const box of all(".gv-quantity, .gv-fold, .gv-part")) {
      box.hidden = !box.querySelector(".gv-row:not([hidden])");
    }
    for (const part of all(".gv-part")) tally(part);
    for (const button of all("[data-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.choice === verdict));
    }
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} predictions`;
  };

  /** What is chosen is in sight. */
  const choose = () => {
    show();
    for (const part of all(".gv-part:not([hidden])")) part.setAttribute("open", "");
  };

  /** Whoever follows a link to a row or a part sees it, folded or not. */
  const reveal = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const box = all(".gv-row, .gv-part").find(({ id }) => id === name);
    if (!box) return;
    theory.value = verdict = "";
    show();
    for (const fold of all("details")) if (fold.contains(box)) fold.setAttribute("open", "");
    box.scrollIntoView();
  };

  for (const button of all("[data-choice]")) {
    button.addEventListener("click", () => {
      verdict = button.dataset.choice ?? "";
      choose();
    });
  }
  theory.addEventListener("change", choose);
  addEventListener("hashchange", reveal);
  form.hidden = false;
  show();
  reveal();
  /** @type {HTMLElement} */ (root).dataset.ready = "";
}
