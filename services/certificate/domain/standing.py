"""Whether a certificate is in force: the standings, their codes, and what brings each about."""

from typing import Literal

Standing = Literal["valid", "revoked", "cancelled", "void", "replaced"]
Fallen = Literal["revoked", "cancelled", "void", "replaced"]
Ground = Literal["false_promise", "verification_failed", "unlawful", "fraud", "holder_request", "ceased"]
Verdict = Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]

STATUS_CODES: dict[str, str] = {
    "01": "valid",
    "02": "suspended",
    "03": "revoked",
    "04": "cancelled",
    "05": "void",
    "06": "transferred",
    "07": "forfeited",
    "99": "other",
}
"""证照状态: 有效 · 暂扣 · 撤销 · 注销 · 失效 · 办理转出 · 吊销 · 其他 (S68b). Suspension,
transfer and forfeiture (02, 06, 07) come of other proceedings; no decision of a theme case leads there."""

CODES: dict[Standing, str] = {"valid": "01", "revoked": "03", "cancelled": "04", "void": "05", "replaced": "05"}
"""An earlier edition is 失效."""

FALLS_TO: dict[Ground, Fallen] = {
    "false_promise": "revoked",
    "verification_failed": "revoked",
    "unlawful": "revoked",
    "fraud": "revoked",
    "holder_request": "cancelled",
    "ceased": "cancelled",
}
"""撤销 (行政许可法 第69条; 国办发〔2020〕42号 for a false promise) or 注销 (第70条)."""
