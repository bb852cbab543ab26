"""Money as people read it."""

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"

MINOR_DIGITS = {
    **dict.fromkeys(_WHOLE.split(), 0),
    **dict.fromkeys(_THOUSANDTHS.split(), 3),
}
"""Currencies whose minor unit is not a hundredth (ISO 4217)."""

_POINT = {"en": ".", "de": ","}


def money(minor: int, currency: str, language: str = "en") -> str:
    """An amount in minor units with its currency: `4.20 EUR`, in German `4,20 EUR`."""
    digits = MINOR_DIGITS.get(currency, 2)
    sign, whole = "-" if minor < 0 else "", abs(minor)
    if digits == 0:
        return f"{sign}{whole} {currency}"
    point = _POINT.get(language, ".")
    return f"{sign}{whole // 10**digits}{point}{whole % 10**digits:0{digits}d} {currency}"
