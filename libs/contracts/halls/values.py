"""Words of halls: kinds, levels, states."""

from typing import Literal

HallKind = Literal[
    "province", "city", "county", "street", "community", "hospital", "bank", "post", "business_centre", "park"
]

MouthLevel = Literal["province", "city", "county", "street", "community"]
"""At which level of hall a theme is received (“一口受理”的“口”)."""

Business = Literal["receive", "handle"]
"""进驻: the hall takes in for an item, or its handler works there too and the whole item is handled there."""

TicketChannel = Literal["window", "kiosk", "phone", "web", "appointment"]

TicketState = Literal["waiting", "called", "serving", "finished", "missed", "cancelled", "transferred"]

AppointmentState = Literal["booked", "kept", "cancelled", "missed"]

HandOverState = Literal["requested", "accepted", "declined", "withdrawn", "expired"]

WhyChanged = Literal["grant", "time", "staff", "residency"]
"""Why an item can, or cannot any more, be accepted: a grant was published or ended, a day began or ended, qualified
staff came or went, the item moved in or out."""
