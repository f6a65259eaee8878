"""The services there are: their names, what they are called, and where their classes stand."""

from importlib import import_module

from msgspec import Struct

from eventing.service import Service


class Listed(Struct, frozen=True):
    """One service: its class as ``module:name``, and its name for people."""

    place: str
    title: str


SERVICES = {
    "vault": Listed("vault.service:Vault", "密钥"),
    "delegation": Listed("delegation.service:Delegation", "授权委托"),
    "halls": Listed("halls.service:Halls", "大厅窗口"),
    "intake": Listed("intake.service:Intake", "受理"),
    "routing": Listed("routing.service:Routing", "材料流转"),
    "approval": Listed("approval.service:Approval", "审批汇聚"),
    "certificate": Listed("certificate.service:Certificate", "一端口出件"),
    "notification": Listed("notification.service:Notification", "消息送达"),
    "outreach": Listed("outreach.service:Outreach", "主动服务"),
    "insight": Listed("insight.service:Insight", "运行分析"),
    "casefile": Listed("casefile.service:CaseFile", "电子卷宗"),
    "gateway": Listed("gateway.service:Gateway", "窗口网关"),
}
"""In the order in which they are needed; a class is imported only when somebody runs or reads it."""


def service(name: str) -> type[Service]:
    """The class of a service; raises KeyError for a name that is not in the table."""
    module, _, attribute = SERVICES[name].place.partition(":")
    found: type[Service] = getattr(import_module(module), attribute)
    return found
