/** Choose rows of a list of verdicts by theory and verdict; without it every row is there. */
for (const root of document.querySelectorAll(".gv-verdicts:not([data-ready])")) {
  /** @param {string} selector @returns {HTMLElement[]} */
  const all = (selector) => [...root.querySelectorAll(selector)].map((each) => /** @type {HTMLElement} */ (each));
  const form = /** @type {HTMLFormElement} */ (root.querySelector(".gv-filters"));
  const theory = /** @type {HTMLSelectElement} */ (form.querySelector("select"));
  const count = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
  const rows = all(".gv-row");
  let verdict = "";

  const choose = () => {
    for (const row of rows) {
      const { theory: whose, verdict: which } = row.dataset;
      row.hidden = Boolean((theory.value && theory.value !== whose) || (verdict && verdict !== which));
    }
    for (const box of all(".gv-quantity, .gv-fold, .gv-part")) {
      box.hidden = !box.querySelector(".gv-row:not([hidden])");
    }
    for (const button of all("[data-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.choice === verdict));
    }
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} predictions`;
  };

  /** Whoever follows a link to a row sees it, folded or not. */
  const reveal = () => {
    const row = rows.find(({ id }) => id === decodeURIComponent(location.hash.slice(1)));
    if (!row) return;
    theory.value = verdict = "";
    choose();
    row.closest("details")?.setAttribute("open", "");
    row.scrollIntoView();
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
  choose();
  reveal();
  /** @type {HTMLElement} */ (root).dataset.ready = "";
}
