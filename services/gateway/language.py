"""Which language somebody reads: asked for in the address, remembered in a cookie, or what the browser says."""

from typing import cast

import falcon

from contracts.words import Language

COOKIE = "onething_language"


def language_of(req: falcon.Request) -> Language:
    """Chinese, unless English is asked for."""
    for wish in (req.get_param("lang"), req.cookies.get(COOKIE)):
        if wish in {"zh", "en"}:
            return cast("Language", wish)
    return "en" if _prefers_english(req.get_header("Accept-Language") or "") else "zh"


def _prefers_english(header: str) -> bool:
    weights: dict[str, float] = {}
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.partition("q=")[2] or 1)
        except ValueError:
            continue
        primary = tag.partition("-")[0].lower()
        weights[primary] = max(weights.get(primary, 0.0), weight)
    return weights.get("en", 0.0) > weights.get("zh", 0.0)
