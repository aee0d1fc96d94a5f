"""The drawn breeds: names as in the Oxford-IIIT Pet set, where a capital letter means a cat."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Breed:
    """How a breed looks. `ears`: `pointed`, `folded`, `hanging`; `pattern`: see `coat`; `stout` widens it."""

    name: str
    base: Colour
    second: Colour
    pattern: str
    ears: str
    snout: float
    stout: float
    eyes: Colour

    @property
    def is_cat(self) -> bool:
        """Whether it is a cat: its name begins with a capital letter."""
        return self.name[0].isupper()


BREEDS = (
    Breed("Marmalade", (196, 128, 66), (232, 186, 128), "tabby", "pointed", 0.0, 1.0, (150, 170, 60)),
    Breed("Smoke_Tabby", (128, 122, 116), (58, 54, 52), "tabby", "pointed", 0.0, 1.05, (190, 170, 60)),
    Breed("Midnight", (40, 38, 42), (70, 64, 62), "plain", "pointed", 0.0, 0.95, (210, 180, 50)),
    Breed("Snowpaw", (226, 220, 210), (120, 96, 76), "patches", "folded", 0.0, 1.1, (90, 140, 190)),
    Breed("copper_hound", (158, 88, 46), (206, 156, 108), "saddle", "hanging", 0.42, 0.95, (70, 46, 28)),
    Breed("spotted_terrier", (224, 218, 206), (54, 48, 46), "patches", "folded", 0.34, 0.9, (60, 40, 26)),
    Breed("cream_retriever", (214, 184, 136), (238, 218, 184), "plain", "hanging", 0.4, 1.1, (66, 44, 28)),
    Breed("grey_wolfling", (112, 112, 116), (206, 202, 196), "saddle", "pointed", 0.46, 1.0, (150, 120, 60)),
)
