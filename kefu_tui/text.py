"""Everything that is known about text on a terminal: cleaning, measuring, cutting, wrapping, wording."""

from kefu_tui.text_cells import cells, clusters
from kefu_tui.text_clean import clean, fold_ambiguous, one_line
from kefu_tui.text_words import (
    SIGNS,
    Urgency,
    clock_of_day,
    count,
    countdown,
    day,
    duration_words,
    fold_key,
    group_number,
    last_words,
    mask_name,
    mask_phone,
    money,
    signed_countdown,
    urgency,
    urgency_at,
)
from kefu_tui.text_wrap import NEVER_FIRST, NEVER_LAST, cut, cut_middle, fit, wrap, wrap_spans

__all__ = [
    "NEVER_FIRST",
    "NEVER_LAST",
    "SIGNS",
    "Urgency",
    "cells",
    "clean",
    "clock_of_day",
    "clusters",
    "count",
    "countdown",
    "cut",
    "cut_middle",
    "day",
    "duration_words",
    "fit",
    "fold_ambiguous",
    "fold_key",
    "group_number",
    "last_words",
    "mask_name",
    "mask_phone",
    "money",
    "one_line",
    "signed_countdown",
    "urgency",
    "urgency_at",
    "wrap",
    "wrap_spans",
]
