"""退回修改: fields of the one form that were found wrong are marked; the others need not be filled in again."""

from collections.abc import Mapping

from contracts.intake import FieldsSentBack, FormFilled
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import Invalid
from intake.domain.filling import Filling
from intake.domain.outline import Outline
from intake.domain.refusals import FormInvalid
from intake.domain.state import office


class NothingMarked(Invalid):
    """Wrong fields are named, each with what is wrong with it."""


class SendingBack(Filling):
    """What was marked as wrong and not filled again."""

    sent_back: dict[str, str]
    """Field → what is wrong with it."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.sent_back = {}

    def send_back(self, outline: Outline, fields: Mapping[str, str], *, act: Act) -> None:
        """Marks filled fields as wrong: they count as empty from now on. The same again is no news.

        It is no notice of its own: what is marked stands in the correction notice, which is given once
        (行政许可法 第32条第1款第4项), so after that nothing can be marked any more.
        """
        if not fields or not all(reason.strip() for reason in fields.values()):
            raise NothingMarked
        news = {key: reason for key, reason in fields.items() if self.sent_back.get(key) != reason}
        if not news:
            return
        self._may("send_back")
        office(act)
        wrong = {key: "unknown" for key in news if key not in outline.fields}
        empty = [key for key in news if key not in self.fields and key not in self.sent_back]
        wrong |= {key: "empty" for key in empty if key not in wrong}
        wrong |= {key: "accepted" for key in news if key not in wrong and self._is_relied_on(outline, key)}
        if wrong:
            raise FormInvalid(fields=wrong, names=outline.names(wrong))
        self.record(FieldsSentBack, act, fields=news)

    @applies(FieldsSentBack)
    def _sent_back(self, fact: FieldsSentBack) -> None:
        self.sent_back |= fact.fields
        self.fields = {key: origin for key, origin in self.fields.items() if key not in fact.fields}

    @applies(FormFilled)
    def _filled(self, fact: FormFilled) -> None:
        super()._filled(fact)
        self.sent_back = {key: reason for key, reason in self.sent_back.items() if not fact.fields.get(key)}
