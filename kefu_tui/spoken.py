"""Failures that a person must act on, told in both languages."""


class Spoken(Exception):
    """One line in Chinese and one in English: what is wrong, where, what to do. `str()` is the English one."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
