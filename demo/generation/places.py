"""The regions and towns that generated households stand in, and the draw of one place in them.

Town centres are real, rounded to about 10 m; the households scattered around them are not. Towns on a coast are left
out, since a scatter that knows no shoreline would put households into the sea.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log, pi, radians, sin, sqrt
from random import Random

KILOMETRES_PER_DEGREE = 111.32


@dataclass(frozen=True, slots=True)
class Town:
    """A centre in CRS84 (degrees, longitude first) and the thousands of inhabitants that weigh it."""

    name: str
    longitude: float
    latitude: float
    thousands: float

    @property
    def radius(self) -> float:
        """Give the standard deviation of the distance to the centre, in km: area grows with inhabitants."""
        return 0.25 * sqrt(self.thousands)


@dataclass(frozen=True, slots=True)
class Region:
    """The catchment of one cooperative."""

    name: str
    towns: tuple[Town, ...]


GIRONA = Region(
    "Girona",
    (
        Town("Girona", 2.8214, 41.9794, 103),
        Town("Salt", 2.7927, 41.9750, 32),
        Town("Figueres", 2.9631, 42.2667, 47),
        Town("Olot", 2.4890, 42.1822, 36),
        Town("Banyoles", 2.7640, 42.1189, 20),
        Town("Santa Coloma de Farners", 2.6680, 41.8627, 13),
        Town("La Bisbal d'Empordà", 3.0383, 41.9603, 11),
    ),
)
SALLAND = Region(
    "Salland",
    (
        Town("Heeten", 6.2767, 52.3367, 4),
        Town("Raalte", 6.2750, 52.3867, 21),
        Town("Wijhe", 6.1370, 52.3860, 7),
        Town("Olst", 6.1100, 52.3380, 5),
        Town("Nieuw Heeten", 6.3450, 52.3250, 1.5),
        Town("Luttenberg", 6.3620, 52.3960, 2),
    ),
)
REGIONS = (
    GIRONA,
    SALLAND,
    Region(
        "Parkstad",
        (
            Town("Heerlen", 5.9815, 50.8882, 87),
            Town("Kerkrade", 6.0627, 50.8658, 45),
            Town("Brunssum", 5.9705, 50.9467, 28),
            Town("Landgraaf", 6.0290, 50.8950, 37),
        ),
    ),
    Region(
        "Oberfranken",
        (
            Town("Bayreuth", 11.5783, 49.9456, 74),
            Town("Bamberg", 10.8866, 49.8917, 77),
            Town("Kulmbach", 11.4458, 50.1067, 26),
            Town("Wunsiedel", 11.9997, 50.0374, 9),
        ),
    ),
    Region(
        "Karlovac",
        (
            Town("Karlovac", 15.5553, 45.4929, 49),
            Town("Duga Resa", 15.4979, 45.4511, 10),
            Town("Ogulin", 15.2248, 45.2661, 12),
            Town("Ozalj", 15.4786, 45.6133, 6),
        ),
    ),
    Region(
        "Thessaly",
        (
            Town("Larissa", 22.4194, 39.6390, 145),
            Town("Trikala", 21.7679, 39.5557, 62),
            Town("Karditsa", 21.9217, 39.3648, 38),
            Town("Farsala", 22.3852, 39.2952, 9),
        ),
    ),
)


def place_near(town: Town, rng: Random) -> tuple[float, float]:
    """Draw a household's longitude and latitude, normally distributed around the town's centre.

    Box and Muller's transform over `rng.random()`, the one method whose sequence Python promises to keep between
    versions; rounded to six decimals (0.1 m), so that platforms' last bits of `log` and `cos` make no difference.
    """
    distance = town.radius * sqrt(-2 * log(1 - rng.random()))
    bearing = 2 * pi * rng.random()
    north = distance * cos(bearing) / KILOMETRES_PER_DEGREE
    east = distance * sin(bearing) / (KILOMETRES_PER_DEGREE * cos(radians(town.latitude)))
    return round(town.longitude + east, 6), round(town.latitude + north, 6)
