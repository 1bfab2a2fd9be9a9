"""Phone numbers in a question, and other long numbers that may be somebody's: of accounts, cards, devices.

Dates, ranges and readings have as many digits; they are put out of the way first.
"""

from __future__ import annotations

import re
from itertools import pairwise, takewhile

_PHONES = (
    # with a country's code: +49 (0)170 123-4567, 0049 170 1234567
    re.compile(r"(?<![\w.-])(?:\+|00)\(?\d(?:[ ./\-–()\u00a0]{0,2}\d){6,16}(?!\w)"),
    # and a wide sign once: +49 (0) 170 / 12 34 567
    re.compile(
        r"(?<![\w.-])(?:\+|00)\(?\d(?:[ ./\-–()\u00a0]{0,2}\d){3,8}\)? [/–-] \d(?:[ ./-]?\d){4,9}(?!\w)"
    ),
    # with an area's code: (555) 123-4567, 1-800-555-0199, 555.123.4567
    re.compile(r"(?<![\w.-])(?:1[ .-])?\(?\d{3}(?:\)[ .-]{0,2}|[ .-]{1,2})\d{3}[ .-]\d{4}(?![\w-])"),
    # in brackets: (11) 91234-5678, 8 (495) 123-45-67
    re.compile(r"(?<![\w.-])(?:\d )?\(\d{2,5}\)[ .-]?\d{2,5}(?:[ .-]\d{2,5}){1,3}(?![\w-])"),
    # the number in one piece: (555) 1234567
    re.compile(r"(?<![\w.-])(?:\(\d\d\) ?\d{8,9}|\(\d{3,5}\) ?\d{7,8}|\(0\d{2,4}\) ?\d{6})(?![\w-]|[.,]\d)"),
    # any long run of digits: account, card and serial numbers too
    re.compile(r"(?<![\w.,-])(?!\d{4}-\d\d-\d\d\b)\d(?:[ -]?\d){9,18}(?![\w-])"),
    # in one country: 0170 1234567, 030/123456, 020 7946 0958
    re.compile(r"(?<![\w.,-])\(?0\d{1,4}\)?(?:[ /.–-]{1,3}\d{2,}){1,4}(?![\w-])"),
    # of nine digits: 912 345 678, 612 34 56 78, 22 123 45 67, 123-45-6789
    re.compile(
        r"(?<![\w.,-])(?:\d{9}|\d{3}([ -])\d{3}\1\d{3}|\d{3}([ -])\d\d\2\d\d\2\d\d"
        r"|\d\d([ -])\d{3}\3\d\d\3\d\d|\d{3}-\d\d-\d{4})(?![\w-])"
    ),
)
# after a cue: call me on 555-0199
_CALLED = re.compile(
    r"(?i)\b((?:call|dial|ring|phone|tel|telephone|fax|cell|mobile|number|nr"
    r"|(?:reach|contact|text|message|whatsapp)\s+(?:me|us|him|her|them))\b\.?:?"
    r"(?:\s+(?:me|us|him|her|them|on|at|is|no|nr|number)\b\.?:?){0,6}\s+)\d{3}[ .-]?\d{4}(?![\w-])"
)
_ADDRESS_OR_DATE = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|0?\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_LEAST_PHONE_DIGITS = 7

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_DENSE_DAY = rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"  # 20240512
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"
_UNIT = (
    r"(?:rpm|mm|cm|km|kg|ml|[kMG]?Hz|kWh?|mAh|Ohm|Ω|psi|px|baud|bps|bits?|bytes?"
    r"|prints?|pages?|copies|sheets?|cycles?)"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?: ?[/–-] ?[1-9]\d{0,2}(?: \d{3})+)?")
_SHELTER = "\ue000"
_NO_PHONE = re.compile(
    rf"{_SHELTER}"
    # 100 200 3000 rpm, 1 200 000 / 2 400 000 pages
    rf"|(?<![\w.,+()/-])(?<!\d )(?P<counted>[1-9]\d{{0,6}}(?: ?[ /–-] ?\d{{1,7}}){{1,6}}) ?{_UNIT}(?!\w)"
    # 01.02.2023 - 31.12.2023
    rf"|(?<![\w./-]){_DAY}(?P<mark>[./-]){_DAY}(?P=mark){_YEAR}"
    rf"(?:\s?[–-]\s?{_DAY}(?P=mark){_DAY}(?P=mark){_YEAR})?(?![\w]|[./-]\d)"
    # 20230501-20230531, 20240512-103000
    rf"|(?<![\w./-]){_DENSE_DAY}(?:[–-]{_DENSE_DAY}|[-_T]{_TIME})(?![\w-])"
    # 1 000 000 000
    r"|(?<![\w.,+()/-])(?<!\d )[1-9]\d{0,2}(?: \d{3})*(?: 000){2}(?![\w-]| \d)"
    # baud 9600 19200 38400
    r"|(?i:\bbaud(?: ?rates?)?:?)(?:[ ,/]+\d{3,6})+(?![\w-])"
    # fault number 1002000
    r"|(?i:\b(?:fault|error|alarm|event|message|part|article|item|order|model|parameter)"
    r"[ -](?:number|nr|no)\b\.?:?)\s\d{7}(?![\w-])"
)


def mask_phones(text: str, place_holder: str) -> str:
    """The text with `place_holder` in the place of each phone number."""
    sheltered: list[str] = []

    def shelter(found: re.Match[str]) -> str:
        if found["counted"] is not None and not _is_counted(found["counted"]):
            return found.group()
        sheltered.append(found.group())
        return _SHELTER

    text = _NO_PHONE.sub(shelter, text)
    for pattern in _PHONES:
        text = pattern.sub(lambda found: place_holder if _is_phone(found.group()) else found.group(), text)
    text = _CALLED.sub(rf"\1{place_holder}", text)
    left = iter(sheltered)
    return re.sub(_SHELTER, lambda _: next(left), text)


def _is_phone(text: str) -> bool:
    digits = "".join(filter(str.isdigit, text))
    if len(digits) < _LEAST_PHONE_DIGITS or _ADDRESS_OR_DATE.fullmatch(text):
        return False
    return not (set(digits) <= {"0", "1"} or _is_range(text) or _counts_on(text))


def _is_counted(text: str) -> bool:
    """What stands before a unit: thousands, or readings one above the other. Not "555 1234 24" of hours."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    rise = all(before < after for before, after in pairwise(numbers))
    return rise or _THOUSANDS.fullmatch(text) is not None


def _is_range(text: str) -> bool:
    """40001-40010: as many digits, half of them the same, and the second is the greater one."""
    first, mark, last = text.partition("-")
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    is_one = bool(mark) and first.isdigit() and last.isdigit() and first[0] != "0"
    return is_one and len(first) == len(last) <= 2 * same and first < last


def _counts_on(text: str) -> bool:
    """07 08 09 10 11: each is the next one."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    return len(numbers) > 2 and all(after == before + 1 for before, after in pairwise(numbers))
