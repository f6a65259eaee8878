"""A case that is under review: ``python register.py TX TX01`` registers one of a theme and tells of the item as JSON.

A program of its own, for those who may not import ``eventing``. Materials that are named besides come later (容缺).
"""

import json
import sys


def main() -> None:
    """At a window of its own, by somebody who may."""
    from eventing import green

    green.patch()
    import catalogue
    from catalogue.examples import happy_answers
    from console.house import entered
    from console.journey import Journey, furnish
    from eventing.settings import Settings

    theme, item, *missing = sys.argv[1:]
    settings = Settings.load()
    county = catalogue.load(settings.region)
    with entered(settings) as house:
        furnish(house.client, county)
        case = Journey(house.client, county, county.theme(theme), happy_answers(county.theme(theme)))
        case.register_tolerant(*missing) if missing else case.register()
        review = case.patiently(lambda: (found := case.review(item))["state"] == "ready" and found)
        told = {"case_id": case.case_id, "item": item, "number": case.bundle()["number"], "clocks": review["clocks"]}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
