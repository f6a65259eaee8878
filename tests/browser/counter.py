"""What people do before a browser, at a counter or at home: answer the questions, fill the form, bring the materials.

Nothing of ``eventing`` is imported here: it changes Python's sockets, which Playwright needs as they are.
"""

from collections.abc import Collection, Mapping

from playwright.sync_api import Page, expect

from console.stories import Brought
from testkit.browsing import ready

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def answer(page: Page, answers: Mapping[str, str]) -> None:
    """Answers the scenario questions as they come up; each answer asks the server what follows from it."""
    left = dict(answers)
    while left:
        found = next((name for name in left if page.locator(f'input[name="answers.{name}"]').count()), None)
        assert found, f"nobody asks {left}"
        choose(page, found, left.pop(found))


def choose(page: Page, question: str, value: str) -> None:
    """Answers one question, and waits until what the server makes of it stands in the place of what stood there."""
    page.locator("#outlook").evaluate("each => { for (const old of each.children) old.dataset.old = '' }")
    page.locator(f'input[name="answers.{question}"][value="{value}"]').check()
    expect(page.locator("#outlook > [data-old]")).to_have_count(0)


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Fills those of the fields that the one form has."""
    for key, value in values.items():
        field = page.locator(f'[name="values.{key}"]')
        if not field.count():
            continue
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def bring(page: Page, materials: Mapping[str, Brought], *, without: Collection[str] = ()) -> None:
    """Chooses how each material comes, where the page offers it that way; a file is uploaded by itself."""
    for material, brought in materials.items():
        if material in without:
            continue
        if brought.medium == "digital":
            upload(page, material)
        radio = page.locator(f'input[name="medium.{material}"][value="{brought.medium}"]')
        if radio.count():
            radio.check()


def upload(page: Page, material: str) -> None:
    """Chooses a file for a material."""
    page.locator(f'input[name="file.{material}"]').set_input_files(
        {"name": f"{material}.pdf", "mimeType": "application/pdf", "buffer": PDF + material.encode()}
    )


def tab(page: Page, name: str) -> None:
    """Another tab of a case at the desk."""
    page.locator(".tabs").get_by_role("link", name=name, exact=True).click()
    ready(page)
