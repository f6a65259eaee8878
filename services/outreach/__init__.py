"""主动服务: consultations and what came of them, ratings (好差评) and what follows from bad ones, places with codes.

outreach decides whether a handling may be rated, by whom and once, and how a bad rating is settled. It opens no
cases and changes none: what happened in them it follows in the logs of intake and certificate. Nothing of who asked
or visited stands here in the clear.
"""
