"""All verdicts as a page shows them: a sentence and an interval a prediction, part by part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from theory.questions.question import CHECK, SECONDARY
from theory.trial import forest, words
from theory.trial.cards import STATIC, style
from theory.trial.chapters import FIGURES
from theory.trial.outcomes import Outcome, contested, counted
from theory.trial.verdict import HOLDS, OPEN, REFUTED

#: Meanings that cannot be understood without those before them.
_REFERS = re.compile(
    r"^(The same|The first)|\bit (falls|has fallen)\b|\b(this|that) (ratio|D/m)\b|\bof that\."
)
_LEGEND = (
    "On the axis 0 is what the theory says, 1 is one margin, and shaded is where an interval must "
    "lie to hold; lighter, where the theory's own error keeps it open. Arrows lie further out. "
    "The numbers below are how far off the runs are, with a 95% interval. Small marks are places. "
    "The line of a part counts what counts; what does not is folded in it."
)
#: Parts that were asked again since.
FIRST_TRIAL = ("costs", "four predictions")
#: What is folded, by what its quantities count as.
_FOLDED = {SECONDARY: "Shown and not counted", CHECK: "Checks of the method"}


@dataclass(frozen=True)
class Verdicts:
    """Every prediction that was judged, and what became of it, one a row.

    A row has the verdict, a sentence, the places one dot each, and the effect on an axis that all
    rows share (`theory.trial.forest`). It leads to the figure of its question. Each part is folded
    below a line that counts its verdicts, corrected for the number of predictions in it
    (`theory.trial.outcomes.counted`); in it secondary quantities and checks are folded again. Rows
    can be chosen by theory and verdict.

    Attributes
    ----------
    parts
        What was found in each part of the book, at all places together and at each.

    Raises
    ------
    ValueError
        When it is shown, if a part has more primary predictions than may count in one.
    """

    parts: Mapping[str, Sequence[Outcome]]

    def _repr_html_(self) -> str:
        """Return the rows for notebooks and the book, with their style and their program."""
        program = (STATIC / "verdicts.js").read_text(encoding="utf-8")
        parts = "".join(_part(name, found) for name, found in self.parts.items() if found)
        return (
            f'<div class="gv-verdicts"><style>{style("verdicts")}</style>'
            f'{_filters(self.parts)}<p class="gv-legend">{_LEGEND}</p>{forest.shared()}{parts}'
            f"</div><script>{program}</script>"
        )


def anchor(outcome: Outcome) -> str:
    """Return the name at which a page of verdicts has a prediction, to link to.

    Examples
    --------
    >>> from theory.questions import Quantity
    >>> from theory.statistics import Interval
    >>> from theory.theories import Prediction
    >>> from theory.trial.verdict import Judgement
    >>> found = Interval(0.4, 0.3, 0.5)
    >>> judgement = Judgement("holds", "", found, 0.01, 8, 0, 0)
    >>> slope = Quantity("a_slope", "A slope.", "primary", 0.5)
    >>> said = Prediction(0.0, "")
    >>> anchor(Outcome("kappa = 3", "efficiency", slope, said, {}, 0.0, found, judgement))
    'efficiency-a-slope-kappa-3'
    """
    name = f"{outcome.question} {outcome.quantity.name} {outcome.theory}"
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _filters(parts: Mapping[str, Sequence[Outcome]]) -> str:
    """Return the choice of rows; hidden until the program has made it work."""
    theories = dict.fromkeys(each.theory for found in parts.values() for each in found)
    options = "".join(f"<option>{escape(name)}</option>" for name in theories)
    buttons = "".join(
        f'<button type="button" aria-pressed="false" data-choice="{verdict}">'
        f"{forest.dot(verdict)}{verdict}</button>"
        for verdict in (HOLDS, REFUTED, OPEN)
    )
    return (
        '<form class="gv-filters" aria-label="Choose predictions" hidden>'
        f'<label>Theory <select><option value="">all</option>{options}</select></label>'
        '<div role="group" aria-label="Verdict"><button type="button" aria-pressed="true" '
        f'data-choice="">all</button>{buttons}</div><output></output></form>'
    )


def _part(name: str, found: Sequence[Outcome]) -> str:
    """Return a part, folded: what counts, then what does not, folded again."""
    count = counted(found)
    folds = ""
    for role, what in _FOLDED.items():
        some = [each for each in found if each.quantity.role == role and not each.place]
        if some:
            folds += (
                f'<details class="gv-fold"><summary>{what}: {len(some)}</summary>'
                f"{_quantities(some, found)}</details>"
            )
    title = escape(name[:1].upper() + name[1:]) + (", first trial" if name in FIRST_TRIAL else "")
    return (
        f'<details class="gv-part" id="part-{name.replace(" ", "-")}"><summary><h3>{title}</h3>'
        f"{_tally(count)}</summary>{_quantities(count, found)}{folds}{_again(found)}</details>"
    )


def _tally(found: Sequence[Outcome]) -> str:
    """Return how many verdicts of each kind there are."""
    counts = Counter(each.judgement.verdict for each in found)
    return "".join(
        f'<span class="gv-tally" data-tally="{verdict}">{forest.dot(verdict)}<span>'
        f"{words.many(verdict, counts[verdict])}</span></span>"
        for verdict in (HOLDS, REFUTED, OPEN)
        if counts[verdict]
    )


def _again(found: Sequence[Outcome]) -> str:
    """Return how to do one of the runs of each question again, folded."""
    lines = (
        f"<p><code>questions.recheck(questions.{name}, questions.load(questions.{name}))</code></p>"
        for name in map(escape, dict.fromkeys(each.question for each in found))
    )
    return (
        '<details class="gv-again"><summary>Rerun: one of the runs again</summary>'
        f"{''.join(lines)}</details>"
    )


def _quantities(some: Sequence[Outcome], found: Sequence[Outcome]) -> str:
    """Return predictions under what they are of, in the order in which they were found."""
    return "".join(
        f'<div class="gv-quantity"><h4>{_title(question, name, found)}</h4>'
        f"{''.join(_row(each, found) for each in group)}</div>"
        for (question, name), group in groupby(some, lambda x: (x.question, x.quantity.name))
    )


def _title(question: str, name: str, found: Sequence[Outcome]) -> str:
    """Return what is measured, after the meanings that it refers to."""
    asked = [each.quantity for each in found if each.question == question]
    before, meaning = explained(name, {each.name: each.meaning for each in asked})
    earlier = f'<span class="gv-before">{escape(before)}</span> '
    return (earlier if before else "") + escape(meaning)


def explained(name: str, meanings: Mapping[str, str]) -> tuple[str, str]:
    """Return the meanings that one refers to, and the one itself.

    Parameters
    ----------
    name
        Of the quantity.
    meanings
        Of all quantities of its question, in their order.

    Raises
    ------
    ValueError
        If it is none of them.

    Examples
    --------
    >>> explained("two", {"one": "A slope.", "two": "The same of another."})
    ('A slope.', 'The same of another.')
    """
    before: list[str] = []
    for each, meaning in meanings.items():
        if not _REFERS.search(meaning):
            before = []
        if each == name:
            return " ".join(before), meaning
        before.append(meaning)
    raise ValueError(f"meanings must have {name}, got {sorted(meanings)}")


def _row(outcome: Outcome, found: Sequence[Outcome]) -> str:
    verdict, name = outcome.judgement.verdict, anchor(outcome)
    single = [each for each in found if each.place and anchor(each) == name]
    return (
        f'<div class="gv-row" id="{name}" data-theory="{escape(outcome.theory)}" '
        f'data-verdict="{verdict}"><p class="gv-verdict gv-{verdict}">'
        f"{forest.dot(verdict)}{verdict}</p>"
        f'<p class="gv-sentence"><b>{escape(outcome.theory)}</b> '
        f"{escape(words.sentence(outcome))}{_remark(outcome)}</p>"
        f'<div class="gv-plot">{forest.axis()}{forest.plot(outcome)}'
        f'<p class="gv-off">{escape(words.off(outcome))}</p></div>'
        f"{_dots(single)}{_more(outcome, single, found)}</div>"
    )


def _remark(outcome: Outcome) -> str:
    """Return what the word of the verdict leaves out: why it is open, or that it is not exact."""
    verdict, said = outcome.judgement.verdict, words.verdict(outcome)
    return "." if said == verdict else f" – {escape(said.removeprefix(verdict).strip(':, '))}."


def _dots(single: Sequence[Outcome]) -> str:
    """Return one dot a place; what they show is in words, too, among what is folded."""
    if not single:
        return ""
    verdicts = [each.judgement.verdict for each in single]
    counts = ", ".join(f"{verdicts.count(each)} {each}" for each in dict.fromkeys(verdicts))
    dots = "".join(forest.dot(each.judgement.verdict) for each in single)
    return f'<p class="gv-dots" role="img" aria-label="Places: {counts}">{dots}</p>'


def _more(outcome: Outcome, single: Iterable[Outcome], found: Sequence[Outcome]) -> str:
    """Return the ways from here: to the figure, and to the reasons and places."""
    question, name = outcome.question, anchor(outcome)
    facts = [f"Since: {outcome.prediction.because}."]
    if outcome.quantity.guess:
        guess = f"{outcome.quantity.null:g}: {outcome.quantity.guess}"
        facts.append(f"The guess without a theory is {guess}.")
    if contested(outcome, found):
        facts.append("Another theory says something else.")
    told = "".join(f"<p>{escape(each)}</p>" for each in facts)
    places = "".join(f"<li>{escape(_place(each))}</li>" for each in single)
    return (
        f'<div class="gv-ways">{_figure(question)}<a href="#{name}">Link</a><details><summary>'
        f"{'Why, places' if places else 'Why'}</summary>{told}"
        f"{f'<ul>{places}</ul>' if places else ''}</details></div>"
    )


def _figure(question: str) -> str:
    """Return the way to the figure of a question, or to its section; nothing if no page has it."""
    if question not in FIGURES:
        return ""
    place = FIGURES[question]
    return f'<a href="{place}">{"Figure" if "#fig-" in place else "Section"}</a>'


def _place(outcome: Outcome) -> str:
    where = words.place(outcome.place)
    return f"{where}: {words.verdict(outcome)}, {words.off(outcome)}"
