"""Cases of an older release, made by that release itself: ``python older.py DATA AMQP_URI DATABASE_URL``.

Its import roots are on the path, not ours, so nothing here is newer than it. The last line that it prints is JSON:
case → its theme, and how far it came.
"""

from eventing import green

green.patch()

import json
import sys
from pathlib import Path

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, furnish
from console.services import SERVICES, service
from testkit.house import House

STAGES = ("registered", "decided", "closed")


def main(data: str, amqp_uri: str, database_url: str) -> None:
    """One case of each theme for each stage."""
    county = catalogue.load("990102")
    services = [service(name) for name in SERVICES]
    cases = {}
    with House(services, Path(data), amqp_uri=amqp_uri, database_url=database_url, rendering="eager") as house:
        client = house.client()
        furnish(client, county)
        for theme in county.themes.values():
            for stage in STAGES:
                case = Journey(client, county, theme, happy_answers(theme))
                case.register()
                if stage != "registered":
                    case.decide()
                if stage == "closed":
                    case.hand_over()
                    case.closed()
                cases[case.case_id] = (theme.id, stage)
    print(json.dumps(cases))


if __name__ == "__main__":
    main(*sys.argv[1:])
