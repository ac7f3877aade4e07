"""The rows of the scoreboard: who says something, and where that could be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from theory.theories import THEORIES, Theory
from theory.theories.accounts import ABSTRACT, ACCOUNTS, FULL_TEXT, SECOND_HAND, Account
from theory.theories.laws import Law

OURS = "derived here"
#: Of theories on trial that belong to no account and are not ours, where they could be read, if not
#: second hand.
_READ = {
    "minimal model": FULL_TEXT,
    "one kappa": FULL_TEXT,
    "a rule for the streamed part": FULL_TEXT,
    "authors' guesses": FULL_TEXT,
    "softmax collapse": ABSTRACT,
}


@dataclass(frozen=True)
class Row:
    """A line of the scoreboard.

    Attributes
    ----------
    name, claim, source, reading
        As `theory.theories.Theory`.
    access
        Where the claim could be read, one of `theory.theories.accounts.ACCESS`, or `OURS`.
    published
        Year and month, where they are known.
    on_trial
        Theories that were there before the runs that judge them.
    account
        What was added after the runs, if anything was.
    """

    name: str
    claim: str
    source: str
    reading: str
    access: str
    published: str
    on_trial: tuple[Theory, ...]
    account: Account | None = None

    @property
    def silent(self) -> Mapping[str, str]:
        """Why it is silent, by question, where that is said."""
        return self.account.silent if self.account else {}

    @property
    def doubts(self) -> Mapping[tuple[str, str], str]:
        """Why something may not have been said when it was published, by question and quantity."""
        return self.account.doubts if self.account else {}

    def laws(self, own: Mapping[str, Mapping[str, Law]]) -> dict[str, Law]:
        """Return its laws by table: of its theories on trial, and of its account."""
        found = {
            table: law for each in self.on_trial for table, law in own.get(each.name, {}).items()
        }
        return {**found, **(self.account.laws if self.account else {})}


def rows(
    theories: Sequence[Theory] = THEORIES, accounts: Sequence[Account] = ACCOUNTS
) -> tuple[Row, ...]:
    """Return all rows: theories that belong to no account, then accounts by when they were made.

    A theory on trial belongs to an account if its source has one of the account's papers.

    Examples
    --------
    >>> [row.name for row in rows()][:2]
    ['minimal model', 'kappa = 3']
    """
    papers = {paper for account in accounts for paper in account.papers}
    alone = [each for each in theories if not _mentions(each, papers)]
    ordered = sorted(accounts, key=lambda each: each.published)
    return (
        *map(_of_theory, alone),
        *(
            _of_account(each, [x for x in theories if _mentions(x, each.papers)])
            for each in ordered
        ),
    )


def _mentions(theory: Theory, papers: Collection[str]) -> bool:
    return any(paper in theory.source for paper in papers)


def _of_theory(theory: Theory) -> Row:
    ours = OURS if theory.reading.startswith("Ours") else SECOND_HAND
    access = _READ.get(theory.name, ours)
    texts = (theory.name, theory.claim, theory.source, theory.reading)
    return Row(*texts, access, "", (theory,))


def _of_account(account: Account, theories: Sequence[Theory]) -> Row:
    texts = (account.name, account.claim, account.source, account.reading)
    return Row(*texts, account.access, account.published, tuple(theories), account)
