"""What consultations, ratings and places are made of."""

from datetime import datetime
from typing import Literal

import msgspec

ConsultationChannel = Literal["window", "helper", "hotline", "web", "mobile", "kiosk", "place", "other"]
"""窗口 · 帮办 · 热线 · 网页 · 手机 · 自助终端 · 门牌 · 其他: by which way somebody asked."""

Intention = Literal["unknown", "none", "intends"]
"""Whether who asked wants to apply (意向)."""

FollowUp = Literal["reached", "not_reached", "not_wanted"]
"""What came of calling back."""

Grade = Literal[1, 2, 3, 4, 5]
"""好差评: 1 非常满意 · 2 满意 · 3 基本满意 · 4 不满意 · 5 非常不满意; the last two are bad (S58a)."""

RatingChannel = Literal["web", "mobile", "code", "tablet", "terminal", "phone", "sms"]
"""电脑端 · 移动端 · 二维码 · 政务大厅平板 · 其他终端 · 电话 · 短信 (S63 T9)"""

Indicator = Literal["efficiency", "guide_accuracy", "convenience", "operability", "service_level", "attitude"]
"""Online: efficiency, accuracy of the guide, convenience, operability of the platform; offline: efficiency, service
level, attitude. The overall grade is the rating's own (S58a)."""

Finding = Literal["founded", "no_basis", "unfounded"]
"""属实 · 诉求无依据, 说明解释 · 不属实: what the check of a bad rating came to."""

AppealGround = Literal["mistaken", "malicious"]
"""误评 · 恶意差评"""

PlaceKind = Literal["hospital", "police", "street", "community", "shop", "bank", "post", "park", "hall", "other"]
"""医院 · 派出所 · 街道 · 社区 · 商铺 · 银行 · 邮政 · 园区 · 政务大厅 · 其他"""


class Handled(msgspec.Struct, frozen=True):
    """Something that was handled in a case and can be rated once."""

    handling: str
    kind: str
    hall: str
    window: str
    staff: str
    on_site: bool
    at: datetime
