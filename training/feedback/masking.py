"""Personal data and secrets in questions are masked before a question becomes a triplet.

What looks like one is masked even where it might be something else: a masked number harms no training, a
leaked token does. Codes and part numbers of products ("HD-7710", "E-4", "192.168.0.1") stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from training.feedback.phone_numbers import mask_phones

PERSON, EMAIL, PHONE, TOKEN = "[person]", "[email]", "[phone]", "[token]"

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # ＠ and ４ are read as @ and 4
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))

_MENTION = re.compile(
    r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>|(?<![\w-])[UW]0(?=\d*[A-Z])[A-Z0-9]{7,9}(?![\w-])"  # not UE55AU7100
)
_EMAIL = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])<?(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]+(?:@|%40|\s?[\[(]at[\])]\s?)"
    r"(?:[\w-]+(?:\.|\s?[\[(]dot[\])]\s?))+\w{2,}(?:\|[^>\s]*>|>)?"
)
_SPOKEN_EMAIL = re.compile(
    r"(?i)(?<![\w.+-])(?!\d+ @|(?:it|is|look|sold|buy|bought|order|ordered|available|online|shop|here)\b)"
    r"[\w.+-]+(?: @ (?:[\w-]+\.)+| at (?:[\w-]+ dot )+)"
    r"(?:com|org|net|edu|gov|info|biz|io|co|eu|uk|de|fr|nl|ch|pl|se|es|ca|au|jp|cn|br)\b"
)

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL)
_KNOWN_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:xox[a-z]|xapp|sk|pk|rk|whsec|glpat|npm|pypi|hf|dop_v1|dckr_pat|shpat|gh[opsur]|github_pat)"
    r"[-_][\w.-]{8,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[\w-]{20,}|ya29\.[\w.-]{10,}|SG\.[\w-]{10,}\.[\w-]{10,}"
    r"|eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?)"
)
_HOOK = re.compile(r"((?:hooks\.slack\.com/[a-z]+|discord(?:app)?\.com/api/webhooks)/)[\w/-]+")
_IN_ADDRESS = re.compile(
    r"([?&](?i:code|sig|signature|key|auth|otp|session|ticket|hash|jwt)=)(?!\[)([^\s&#\"'<>]{6,})"
)
_DEVICE_ADDRESS = re.compile(r"(?<![\w:-])[\dA-Fa-f]{2}([:-])(?:[\dA-Fa-f]{2}\1){4}[\dA-Fa-f]{2}(?![\w:-])")
_USER_INFO = re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")
_BEARER = re.compile(r"(\b(?i:bearer|basic)\s+)([\w.~+/-]{8,}=*)")
_CODE_NAME = (
    r"(?:pass(?:wor[dt]|wd|phrase|code|key)|pwd?|kennwort|wachtwoord|lösenord|contraseña|senha|hasło"
    r"|mot de passe)"
)
_NAME_OF_IT = (
    rf"(?i)(?<![a-z])((?:{_CODE_NAME}|token|secret|schlüssel"
    r"|(?:api|access|auth|client|licen[sc]e|product|serial|wi-?fi|wpa2?|network|security"
    r"|secret|private|encryption|shared|signing|session|account|storage|ssh)[ _-]?"
    r"(?:key|token|secret|password))"
)
_ASSIGNED = re.compile(_NAME_OF_IT + r"=[\"']?)(?!\[)([^\s\"',;&]+)")
_IS = r"\b(?:is|ist|lautet)\b"
_QUOTED = re.compile(
    _NAME_OF_IT + rf"[\"']?\s*(?:=|:|{_IS}:?|\s)\s*[\"'“„])" + r"(?!\[)[^\"'“”\n]{3,}(?=[\"'“”])"
)
# 64-bit, 8 characters; but not 5sign/pass
_SIZE = (
    r"\d+(?:[-–]\d+)?[ -]?(?:bit|digit|char|character|letter|symbol|sign|word)s?"
    r"(?=,|[.?;:)\"']?(?:\s|$))"
)
# "encryption key: AES-256 or WPA2-PSK?"
_CIPHER = r"(?:wpa\d?|wep|aes|tkip|rsa|ecdsa|ed25519|sha)[-\d]*(?:psk|aes|tkip|ccmp)?(?![a-z\d_!$%^&*+/=-])"
_NO_WORD = r"([^\s\"',;&]{0,100}[\d_!$%^&*+/=-][^\s\"',;&]*)"
# After "is" or a colon only what is no word, and no size of it: "the password is wrong".
_NAMED = re.compile(
    _NAME_OF_IT + rf"[\"']?\s*(?:=|:|{_IS}:?)\s*[\"']?)(?!\[|{_SIZE}|{_CIPHER})(?=[^\s\"',;&]{{4}}){_NO_WORD}"
)
# "Password: correcthorse", but not "password: how do I change it?" and not "password: required"
_WORD_ALONE = re.compile(
    rf"(?i)(?<![a-z])({_CODE_NAME}[\"']?\s*[=:]\s*)(?!(?:how|what|why|where|which|when|none?|yes|wrong|(?:in)?valid"
    r"|(?:in)?correct|required|optional|forgotten|lost|reset|unknown|missing|expired|changed?|empty|blank|help)\b)"
    r"[^\W\d_]{4,}(?=[,;!]?(?:\s*\n|\s*$)|[,;]\s)"
)
_LETTERS = re.compile(r"(?i)(?<![a-z])((?:token|secret)[\"']?\s*[=:]\s*)[a-z]{20,}")
_SHORT = re.compile(
    rf"(?i)(?<![a-z])({_CODE_NAME}[\"']?\s*[=:]\s*[\"']?)(?!\[|{_SIZE})"
    rf"(?=[^\s\"',;&]{{1,3}}(?:[\s\"',;&]|$)){_NO_WORD}"
)
# A pin is more often one of a plug: only a number is a secret, and none with a unit. After a colon it may
# have letters as well, and after "is" one behind the number: "which pin is GPIO17?".
_PIN_NAME = r"(?i:(?<![a-z])pin(?:[ -]?(?:code|number))?[\"']?"
_NO_UNIT = r"(?!\s?(?:[mkµ]A|[mkµ]?(?:V|W|Hz|Ω))(?!\w)|\sA(?!\w))"
_PIN_END = rf"(?!\w|[.,/-]\d){_NO_UNIT}"
_NO_PLUG = r"(?!\s(?:of|on|at)\s(?:the\s)?(?:plug|connector|header|terminal|(?:[JKPX]|CN)\d{1,3}(?!\w)))"
_PIN = re.compile(
    rf"({_PIN_NAME}\s*(?:=|:|{_IS}:?|\s)\s*[\"'“„]?))\d{{4,8}}{_NO_UNIT}[A-Za-z]?{_PIN_END}{_NO_PLUG}"
)
_PIN_GIVEN = re.compile(
    rf"({_PIN_NAME}\s*(?:=|:|{_IS}:?)\s*[\"'“„]?))\d{{2,4}}(?:[ -]\d{{2,4}})+{_NO_UNIT}[A-Za-z]?{_PIN_END}"
)
_PIN_MIXED = re.compile(
    rf"({_PIN_NAME}\s*(?:=|:|{_IS}:)\s*[\"'“„]?))"
    rf"(?!\d+(?:[mkµ]A|A|[mkµ]?(?:V|W|Hz|Ω))(?:AC|DC)?(?!\w))(?=[A-Za-z]{{0,8}}\d)[A-Za-z\d]{{4,12}}{_PIN_END}"
)
# Codes that let somebody in, and none of an error or a part: "the TAN is 483920", "activation code 8F3K-92LM"
_ENTRY_CODE = re.compile(
    r"((?<![A-Za-z])(?:(?i:(?:activation|unlock(?:ing)?|verification|confirmation|security|access|recovery|login"
    r"|sign-?in|one-time|2fa|mfa|otp|sms|backup|door|gate)[ -]?codes?|otp|puk)|TAN)[\"']?"
    rf"\s*(?:=|:|{_IS}:?|\s)\s*[\"'“„]?)(?!{_SIZE})"
    r"(?:\d{4,8}|\d{2,4}(?:[ -]\d{2,4}){1,3}|(?=[A-Za-z-]*\d)[A-Za-z\d]{3,8}(?:-[A-Za-z\d]{2,8}){1,7}"
    r"|(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{6,})(?![\w-])"
)
# "login admin/admin123", "credentials bob:hunter2", "-u bob:hunter2", "user bob pass letmein99"
_WITH_USER = re.compile(
    r"((?<![\w-])(?:(?i:log-?in|credentials?|creds)(?:\s+(?:is|are|as|with))?[\s:=]+|(?:-u|--user)[\s=]+)"
    r"[A-Za-z][\w.@+-]{0,60}[:/])(?!//|\[)(?=[^\s\"',;]*\d)[^\s\"',;]{4,}"
)
_AFTER_USER = re.compile(
    r"(?i)(?<![a-z])((?:user(?:name)?|log-?in)[\s:=]+[^\s,;]{1,60}[\s,;]+(?:(?:and|with)\s+)?(?:pass|pwd?)[\s:=]+)"
    r"(?!\[)(?=[^\s\"',;]*\d)[^\s\"',;]{4,}"
)
# And after nothing at all only what is plainly one: "the password hunter2 is refused".
_BESIDE = re.compile(
    rf"(?i)(?<![a-z])(?!pw\s)({_CODE_NAME}|schlüssel)(\s+)"
    r"(?:\d{4,}|(?=[^\s\"',;&?]*\d)(?=[^\s\"',;&?]*[a-z])[^\s\"',;&?]{6,})(?=[\s\"',;.?!)]|$)"
)
_MIXED = r"(?=\d{0,40}[A-Za-z_])(?=[A-Za-z_]{0,40}\d)"
_TOKEN_BESIDE = re.compile(  # in capitals it is a part's number: "the access key ABUS85IC40"
    r"(?<![A-Za-z])((?i:token|(?:api|access|auth|client|secret|private)[ _-]?(?:key|secret))\s+)"
    rf"(?!(?i:{_SIZE})){_MIXED}(?=[A-Z\d_]{{0,40}}[a-z])\w{{8,}}(?=[\s\"',;.?!)]|$)"
)
# Most keys are on a keypad or for screws: "key=F4", "key: A-12", "key: T25x100mm".
_KEY_ASSIGNED = re.compile(
    r"((?:(?<![A-Za-z])(?i:key)|(?<=[a-z])Key)=[\"']?)(?!\d+x\d|[A-Z]+(?:_[A-Z]+)*\d{0,2}(?![\w+/.-]))"
    rf"{_MIXED}[\w+/.-]{{8,}}=*"
)
_KEY_NAMED = re.compile(rf"((?i:key)[\"']?\s*(?:=|:|{_IS}:?)\s*[\"']?)([A-Za-z\d]{{12,}})(?=[\s\"',;.?!)]|$)")
_SECRETS_WITH_NAMES = (
    *(_IN_ADDRESS, _ASSIGNED, _QUOTED, _NAMED, _WORD_ALONE, _LETTERS, _SHORT),
    *(_PIN, _PIN_GIVEN, _PIN_MIXED, _ENTRY_CODE, _WITH_USER, _AFTER_USER, _TOKEN_BESIDE, _KEY_ASSIGNED),
)
_GROUPED_KEY = re.compile(r"(?<![\w-])[A-Za-z0-9]{4,8}(?:-[A-Za-z0-9]{4,12}){3,}(?![\w-])")
_ACCOUNT = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])")  # IBAN
_ACCOUNT_NAMED = re.compile(
    r"((?i:(?<![a-z])iban)\W{0,3}(?:is\s)?)[A-Za-z]{2}\d{2} ?[A-Za-z\d]{4}"
    r"(?: ?(?=[A-Za-z]{0,3}\d)[A-Za-z\d]{4}){1,6}(?: ?(?=[A-Za-z]{0,2}\d)[A-Za-z\d]{1,3})?(?![\w-])"
)
_LONGEST_PIECE = 5
_LONG_RUN = re.compile(r"(?<![\w+/=-])[\w+/=-]{20,}(?![\w+/=-])")


def mask(question: str) -> str:
    """The question with e-mail addresses, phone numbers, tokens, keys and people's ids masked."""
    text = question.translate(_FULL_WIDTH).translate(_UNSEEN)
    text = _PRIVATE_KEY.sub(TOKEN, text)
    text = _MENTION.sub(PERSON, text)
    text = _HOOK.sub(rf"\1{TOKEN}", text)
    text = _USER_INFO.sub(TOKEN, text)
    text = _SPOKEN_EMAIL.sub(EMAIL, _EMAIL.sub(EMAIL, text))
    text = _KNOWN_TOKENS.sub(TOKEN, text)
    text = _BEARER.sub(lambda found: found[1] + (TOKEN if _is_credential(found[2]) else found[2]), text)
    for named in _SECRETS_WITH_NAMES:
        text = named.sub(rf"\1{TOKEN}", text)
    text = _BESIDE.sub(rf"\1\2{TOKEN}", text)
    text = _KEY_NAMED.sub(lambda found: found[1] + (TOKEN if _is_key(found[2]) else found[2]), text)
    text = _ACCOUNT.sub(TOKEN, _ACCOUNT_NAMED.sub(rf"\1{TOKEN}", text))
    text = _DEVICE_ADDRESS.sub(TOKEN, text)
    text = _GROUPED_KEY.sub(_if(_is_grouped_key, TOKEN), text)
    text = _LONG_RUN.sub(_if(_is_secret, TOKEN), text)
    return mask_phones(text, PHONE)


def _if(holds: Callable[[str], bool], place_holder: str) -> Callable[[re.Match[str]], str]:
    return lambda match: place_holder if holds(match.group()) else match.group()


def _is_credential(text: str) -> bool:
    """What may stand behind "Bearer" or "Basic", and not the next word: "basic functions"."""
    return any(char.isdigit() or char == "=" for char in text) or re.search(r"[a-z][A-Z]", text) is not None


def _is_key(text: str) -> bool:
    """What may stand behind "key:" alone, and is no part number: not "DIN7984M6X40" or "1000x2000x30"."""
    n_turns = len(re.findall(r"(?<=[a-z])\d|(?<=\d)[a-z]", text, re.IGNORECASE))
    return n_turns >= 2 and not text.isupper() and not re.match(r"\d+x\d", text)


def _is_grouped_key(text: str) -> bool:
    """`ABCD1-23EFG-…`, `ABCDE-FGHIJ-…` or a UUID, but not words joined by hyphens."""
    groups = text.split("-")
    if text.isupper() and len(set(map(len, groups))) == 1:
        return True
    n_with_digits = sum(any(char.isdigit() for char in group) for group in groups)
    return n_with_digits >= 2 or (n_with_digits == 1 and not any(group.islower() for group in groups[:-1]))


def _is_secret(text: str) -> bool:
    """Letters and digits in turns, as no word, path or part number has them.

    Short pieces of several lengths are a part's: "WiFi-6E-AX210-2x2-MU-MIMO-M2".
    """
    lengths = set(map(len, text.split("-")))
    if len(lengths) > 1 and max(lengths) <= _LONGEST_PIECE:
        return False
    has_digit, has_letter = any(c.isdigit() for c in text), any(c.isalpha() for c in text)
    turns = len(re.findall(r"[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]", text))
    return has_digit and has_letter and turns >= 4
