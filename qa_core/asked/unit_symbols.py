"""How manuals and questions write units, by what they measure. In small letters: "kPa" is `kpa`."""

from __future__ import annotations

_SYMBOLS_TEXT = """
    length: mm cm m km µm mi inch inches ft feet
    area: mm² cm² m² km²
    mass: g kg mg µg t lb lbs oz
    volume: ml cl l gal m³
    time: ms s sec min h hr hrs
    temperature: °c °f
    pressure: bar mbar psi kpa pa hpa mpa mmhg
    power: w kw mw va kva
    energy: wh kwh mwh
    charge: ah mah
    voltage: v kv mv
    current: a ma ka
    frequency: hz khz mhz ghz
    sound: db dba db(a)
    data: kb mb gb tb
    speed: rpm km/h m/s mph
"""
_NAMES_TEXT = """
    length: foot mile miles metre metres meter meters kilometre kilometres kilometer kilometers
    length: centimetre centimetres centimeter centimeters millimetre millimetres millimeter millimeters
    mass: gram grams kilo kilos kilogram kilograms tonne tonnes
    volume: litre litres liter liters millilitre millilitres milliliter milliliters gallons
    time: second seconds minute minutes hour hours day days week weeks month months year years
    temperature: degree degrees
    power: watt watts kilowatt kilowatts
    voltage: volt volts
    current: amp amps ampere amperes milliamp milliamps
    sound: decibel decibels
"""


def _by_unit(text: str) -> dict[str, str]:
    """The dimension of each unit of lines `dimension: unit unit`."""
    lines = (line.split(":", 1) for line in text.strip().splitlines())
    return {unit: dimension.strip() for dimension, units in lines for unit in units.split()}


SYMBOLS = _by_unit(_SYMBOLS_TEXT)  # which are written in one way, as words are not: "degrees" may be °dH
DIMENSION_OF = SYMBOLS | _by_unit(_NAMES_TEXT)
