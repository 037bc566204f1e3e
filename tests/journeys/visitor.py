"""Somebody at a browser."""

from tests.stack import wait_until

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def until(page, expression, seconds=15):
    """Wait for a JavaScript expression to be true. Playwright's own way needs eval, which our pages forbid."""

    def happened():
        page.wait_for_timeout(20)
        return page.evaluate(f"Promise.resolve({expression})")

    return wait_until(happened, seconds, expression)


class Visitor:
    """Somebody at a browser, and every error their browser reported."""

    def __init__(self, stack, context):
        self.stack, self.context = stack, context
        self.problems = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.note)

    def note(self, message):
        if message.type == "error":
            self.problems.append(message.text)

    def goes_to(self, path):
        self.page.goto(self.stack.url + path)
        return self.page
