"""What every ledger promises, wherever it keeps things."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from procx_graph.domain.dealings import NOTHING, Contact, OfferMade, OfferStatus
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.review import Review, Verdict
from procx_graph.errors import ReviewError
from procx_graph.store import Ledger
from tests.unit.builders import NOW, a_case, a_message

YES, NO = Review(verdict=Verdict.APPROVE), Review(verdict=Verdict.REJECT)


class LedgerContract:
    """Tests of a ledger; who inherits them gives the fixture `ledger`."""

    def test_a_run_is_claimed_once(self, ledger: Ledger) -> None:
        assert ledger.claim("scan:C1")
        assert not ledger.claim("scan:C1")
        assert ledger.claim("scan:C2")

    def test_a_case_waits_until_it_is_settled(self, ledger: Ledger) -> None:
        ledger.open(a_case())
        waited = ledger.has_open_case("C1")
        settled = ledger.settle(a_case(), YES, at=NOW)

        assert waited
        assert not ledger.has_open_case("C1")
        assert ledger.waiting() == []
        assert (settled.answer, settled.answered_at) == (YES, NOW)
        assert ledger.case("rev_1") == settled

    def test_opening_a_case_again_changes_nothing(self, ledger: Ledger) -> None:
        ledger.open(a_case())
        ledger.open(a_case(opened_at=NOW + timedelta(days=1)))

        assert [case.opened_at for case in ledger.waiting()] == [NOW]
        ledger.settle(a_case(), NO, at=NOW)
        assert not ledger.has_open_case("C1")

    def test_opening_an_answered_case_does_not_make_it_wait_again(self, ledger: Ledger) -> None:
        ledger.open(a_case())
        ledger.settle(a_case(), NO, at=NOW)
        ledger.open(a_case())

        assert not ledger.has_open_case("C1")
        assert ledger.case("rev_1").answer == NO

    def test_a_case_is_not_answered_twice_and_the_first_answer_stands(self, ledger: Ledger) -> None:
        ledger.settle(a_case(), NO, at=NOW)

        with pytest.raises(ReviewError, match=r"rev_1.*already answered"):
            ledger.settle(a_case(), YES, at=NOW)
        assert ledger.case("rev_1").answer == NO

    def test_an_answer_to_a_case_not_seen_before_is_kept(self, ledger: Ledger) -> None:
        ledger.settle(a_case(), YES, at=NOW)

        assert ledger.case("rev_1").answer == YES
        assert not ledger.has_open_case("C1")

    def test_what_was_opened_is_what_is_settled(self, ledger: Ledger) -> None:
        ledger.open(a_case())
        settled = ledger.settle(a_case(opened_at=NOW + timedelta(days=9)), YES, at=NOW)

        assert settled.opened_at == NOW

    def test_an_unknown_case_is_named(self, ledger: Ledger) -> None:
        with pytest.raises(ReviewError, match="rev_404"):
            ledger.case("rev_404")

    def test_the_oldest_case_comes_first(self, ledger: Ledger) -> None:
        for review_id, days in [("b", 2), ("a", 2), ("new", 1), ("old", 5)]:
            ledger.open(a_case(review_id, opened_at=NOW - timedelta(days=days)))

        assert [case.review_id for case in ledger.waiting()] == ["old", "a", "b", "new"]

    def test_a_customer_has_an_open_case_while_any_of_theirs_waits(self, ledger: Ledger) -> None:
        ledger.open(a_case("first"))
        ledger.open(a_case("second"))
        ledger.settle(a_case("first"), YES, at=NOW)

        assert ledger.has_open_case("C1")
        assert not ledger.has_open_case("C2")

    def test_the_latest_contact_counts_in_whatever_order_they_are_told(
        self, ledger: Ledger
    ) -> None:
        assert ledger.last_contact("C1") is None
        ledger.record_contact("C1", at=NOW)
        ledger.record_contact("C1", at=NOW - timedelta(days=3))

        assert ledger.last_contact("C1") == NOW
        assert ledger.last_contact("C2") is None

    def test_one_of_many_threads_gets_a_run_and_one_answer_stands(self, ledger: Ledger) -> None:
        ledger.open(a_case())

        def answer(number: int) -> bool:
            try:
                ledger.settle(a_case(), Review(verdict=Verdict.REJECT, note=str(number)), at=NOW)
            except ReviewError:
                return False
            return True

        with ThreadPoolExecutor(16) as threads:
            claimed = list(threads.map(lambda _: ledger.claim("scan:C1"), range(200)))
            answered = list(threads.map(answer, range(200)))

        assert sum(claimed) == 1
        assert sum(answered) == 1
        assert not ledger.has_open_case("C1")
        kept = ledger.case("rev_1").answer
        assert kept is not None
        assert kept.note == str(answered.index(True))

    def test_a_run_that_is_given_back_can_be_taken_again(self, ledger: Ledger) -> None:
        ledger.claim("scan:C1")
        ledger.release("scan:C1")

        assert ledger.claim("scan:C1")

    def test_a_case_comes_back_as_it_was_opened(self, ledger: Ledger) -> None:
        case = a_case(draft=a_message(body="नमस्ते {first_name}, “sorry” — \u0000"))
        ledger.open(case)

        assert ledger.case("rev_1") == case
        assert ledger.waiting() == [case]

    def test_contacts_are_kept_with_channel_and_purpose_the_newest_first(
        self, ledger: Ledger
    ) -> None:
        ledger.record_contact("C1", at=NOW - timedelta(days=1))
        sms = {"channel": Channel.SMS, "purpose": Purpose.SERVICE, "message_id": "m1"}
        for _ in range(2):
            ledger.record_contact("C1", at=NOW, **sms)  # type: ignore[arg-type]

        assert ledger.dealings("C1").contacts == (
            Contact.model_validate({"at": NOW, **sms}),
            Contact(at=NOW - timedelta(days=1)),
        )
        assert ledger.dealings("C2") == NOTHING

    def test_what_is_known_of_cases_tells_whether_one_waits_and_when_one_was_answered(
        self, ledger: Ledger
    ) -> None:
        ledger.open(a_case("first"))
        ledger.settle(a_case("first"), YES, at=NOW)
        ledger.settle(a_case("second"), NO, at=NOW - timedelta(days=1))
        ledger.open(a_case("third"))
        known = ledger.dealings("C1")

        assert (known.open_case, known.resolved_at) == (True, NOW)

    def test_an_arm_once_given_is_kept(self, ledger: Ledger) -> None:
        ledger.assign("spring", {"C1": True, "C2": False}, at=NOW)
        ledger.assign("spring", {"C1": False}, at=NOW)
        ledger.assign("autumn", {"C1": False}, at=NOW)

        assert ledger.dealings("C1").arms == {"spring": True, "autumn": False}
        assert ledger.dealings("C2").arms == {"spring": False}

    def test_a_run_makes_one_offer_which_goes_from_step_to_step(self, ledger: Ledger) -> None:
        made = OfferMade(
            run_id="s:C1", scan_id="s", customer_id="C1", offer_id="gift", percent_off=0.1,
            worth=20, status=OfferStatus.PROPOSED, made_at=NOW,
        )  # fmt: skip
        ledger.record_offer(made)
        ledger.record_offer(made.model_copy(update={"status": OfferStatus.APPLIED}))
        spent = ledger.offered_in("s")
        known = ledger.dealings("C1").offers
        ledger.record_offer(made.model_copy(update={"status": OfferStatus.REFUSED}))

        assert [offer.status for offer in known] == [OfferStatus.APPLIED]
        assert (spent, ledger.offered_in("s"), ledger.offered_in("t")) == (20, 0, 0)
