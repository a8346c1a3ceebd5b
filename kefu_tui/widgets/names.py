"""What a customer is called on screen: masked, and never nothing."""

from kefu_tui.text import mask_name, one_line
from kefu_tui.widgets.ink import say


def customer_name(name: str, lang: str) -> str:
    """A customer's name as it may be seen, `王**`; one who gave none is a guest."""
    return mask_name(one_line(name)) or say(lang, "访客", "Guest")
