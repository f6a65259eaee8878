"""The ledger of custody sums to zero; whoever doctors it is found out."""

from contracts.routing import LedgerBalanced, LedgerFault, LedgerImbalance
from routing.domain import APPLICANT, OUTSIDE, Distribution, KeeperOnly, Ledger
from routing.domain.ledger import Entry, broken_chains, entries, faults
from testkit.facts import an_act, fact, facts, given, refused

from .mothers import HALL, WINDOW, a_distribution, at, copy

KEEPER = an_act("service:routing", hall="", window="")
WRONG = (LedgerFault("case-1", "c-lease", "urban", 1),)


def moved() -> Distribution:
    distribution = a_distribution("sign", copies=[copy("lease", "paper"), copy("picture", "paper")])
    for packet in list(distribution.packets):
        distribution.dispatch([packet], "courier-3", "", WINDOW)
        distribution.receive([packet], "", at("urban"))
    return distribution


def places(distribution: Distribution) -> dict[str, str]:
    return {copy: distribution.custody[copy] for copy in distribution.homes}


class TestTheSum:
    def test_every_movement_has_two_sides(self) -> None:
        ledger = entries(moved())

        assert sum(entry.amount for entry in ledger) == 0
        assert [(entry.place, entry.amount) for entry in ledger if entry.copy == "c-lease"] == [
            (OUTSIDE, -1),
            (HALL, 1),
            (HALL, -1),
            ("courier-3", 1),
            ("courier-3", -1),
            ("urban", 1),
        ]

    def test_with_each_original_where_it_is_everything_is_zero(self) -> None:
        distribution = moved()

        assert faults("case-1", entries(distribution), places(distribution)) == ()
        assert broken_chains(distribution) == ()

    def test_a_side_that_was_taken_out_is_found(self) -> None:
        distribution = moved()
        ledger = entries(distribution)

        for missing in range(len(ledger)):
            doctored = ledger[:missing] + ledger[missing + 1 :]
            assert faults("case-1", doctored, places(distribution)), ledger[missing]

    def test_a_side_that_was_written_twice_is_found(self) -> None:
        distribution = moved()
        ledger = entries(distribution)

        for twice in ledger:
            assert faults("case-1", [*ledger, twice], places(distribution)), twice

    def test_an_original_that_is_said_to_be_elsewhere_is_found(self) -> None:
        distribution = moved()

        found = faults("case-1", entries(distribution), {**places(distribution), "c-lease": APPLICANT})

        assert found == (
            LedgerFault("case-1", "c-lease", APPLICANT, -1),
            LedgerFault("case-1", "c-lease", "urban", 1),
        )

    def test_an_original_that_came_from_nowhere_is_found(self) -> None:
        distribution = moved()

        assert faults("case-1", [*entries(distribution), Entry(99, "c-forged", "urban", 1)], places(distribution))
        assert faults("case-1", entries(distribution), {**places(distribution), "c-forged": "urban"})

    def test_movements_that_do_not_follow_one_another_are_found(self) -> None:
        distribution = moved()
        distribution.movements = distribution.movements[:1] + distribution.movements[3:]

        assert broken_chains(distribution)


class TestTheAlarm:
    def test_an_imbalance_is_a_fact_once(self) -> None:
        ledger = Ledger("ledger-07")

        ledger.report(7, WRONG, KEEPER)
        ledger.report(7, WRONG, KEEPER)

        assert facts(ledger) == [fact(LedgerImbalance, segment=7, faults=WRONG)]

    def test_and_so_is_its_end(self) -> None:
        ledger = Ledger("ledger-07")
        ledger.report(7, WRONG, KEEPER)
        given(ledger)

        ledger.report(7, (), KEEPER)
        ledger.report(7, (), KEEPER)

        assert facts(ledger) == [fact(LedgerBalanced, segment=7)]

    def test_a_balanced_ledger_has_nothing_to_tell(self) -> None:
        ledger = Ledger("ledger-07")

        ledger.report(7, (), KEEPER)

        assert facts(ledger) == []

    def test_nobody_but_the_keeper_says_how_it_stands(self) -> None:
        with refused(KeeperOnly, by="clerk-7"):
            Ledger("ledger-07").report(7, WRONG, WINDOW)
