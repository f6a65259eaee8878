"""An explanation as it is told: with titles, sentences, and where each rule stands."""

from collections.abc import Callable, Sequence
from typing import Any

from casefile.explaining.course import Known
from casefile.explaining.questions import asked, blocked, grant_of, lawful, unfinished
from casefile.explaining.reasons import WORDS, Explained, Reason, sentence
from catalogue.model import Catalogue, Theme
from contracts.casefile import CitedFact, CitedRule, EntryTitle, Explain, ExplainedReason, Explanation
from contracts.intake import CaseOpened
from contracts.words import topics

Facts = Sequence[Known]


def explained(
    question: Explain, case_id: str, facts: Facts, catalogue: Catalogue, grant: Callable[[str], Facts]
) -> Explanation:
    """The answer; ``grant`` finds the facts of a grant by its name. A case that was not opened has none."""
    found: Explained
    theme = catalogue.theme(next(each.fact.theme for each in facts if each.topic == CaseOpened.TOPIC))
    if question.why == "lawful":
        name = grant_of(facts, question.subject)
        found = lawful(facts, question.subject, grant(name) if name else ())
    elif question.why == "unfinished":
        found = unfinished(facts, theme)
    else:
        found = (blocked if question.why == "blocked" else asked)(facts, theme, question.subject)
    return Explanation(
        case_id=case_id,
        why=question.why,
        subject=question.subject,
        answer=found.answer,
        reasons=tuple(_reason(each, catalogue, theme) for each in found.reasons),
    )


def _reason(each: Reason, catalogue: Catalogue, theme: Theme) -> ExplainedReason:
    return ExplainedReason(
        code=each.code,
        item=each.item,
        data=each.values,
        said=EntryTitle(**sentence(each.code, each.item, each.values, catalogue, theme)),
        facts=tuple(
            CitedFact(
                chain=fact.chain, seq=fact.seq, service=fact.service, topic=fact.topic,
                title=_title(fact.topic), at=fact.at, by=fact.fact.by,
            )
            for fact in each.facts
        ),
        rules=tuple(
            CitedRule(
                source=rule.source,
                said=_said(rule.code),
                catalogue=catalogue.version if rule.source == "catalogue" else "",
                item=rule.item,
            )
            for rule in each.rules
        ),
    )  # fmt: skip


def _said(code: str) -> EntryTitle:
    words: Any = WORDS["rules"][code]
    return EntryTitle(zh=words["zh"], en=words["en"])


def _title(topic: str) -> EntryTitle:
    words: Any = topics().get(topic, {})
    return EntryTitle(zh=words.get("zh", ""), en=words.get("en", ""))
