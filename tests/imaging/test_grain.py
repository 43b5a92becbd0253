"""A painting takes the noise of the picture around it, and no other roughness."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bottega_backend.imaging import grain
from bottega_backend.imaging.grain import LEAST_NOISE, MOST_NOISE, Grainy
from bottega_backend.imaging.rows import Held, whole
from bottega_protocol.regions import Rectangle

SIDE = 256


def slope() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    return np.stack([0.2 + 0.5 * x, 0.3 + 0.3 * y, 0.5 + 0.2 * x], 2).astype(np.float32)


def noise(deviation: float, seed: int = 0, channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((SIDE, SIDE, channels), np.float32) * np.float32(deviation)
    return np.broadcast_to(draws, (SIDE, SIDE, 3))


def texture(seed: int = 0) -> np.ndarray:
    """Roughness whose power falls with the square of its frequency, as in nature."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, np.newaxis], np.fft.rfftfreq(SIDE))
    frequency[0, 0] = 1
    wave = np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) / frequency
    wave[0, 0] = 0
    plain = np.fft.irfft2(wave)
    grey = (0.5 + 0.12 * plain / plain.std()).clip(0.01, 0.99)
    return np.repeat(grey[..., np.newaxis], 3, 2).astype(np.float32)


def noise_of(picture: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    mask = (~known).astype(np.float32)
    part = Rectangle(0, 0, picture.shape[1], picture.shape[0])
    return grain.noise_of(Held(picture.astype(np.float32)), Held(mask), part)


def match_grain(painted, original, known, seed) -> np.ndarray:
    """The painting with the noise that is known of the original, where it has any."""
    covariance = noise_of(original, known)
    if covariance is None:
        return painted
    part = Rectangle(0, 0, painted.shape[1], painted.shape[0])
    return whole(Grainy(Held(painted.astype(np.float32)), covariance, part, seed))


def right_half() -> np.ndarray:
    known = np.zeros((SIDE, SIDE), bool)
    known[:, SIDE // 2 :] = True
    return known


@pytest.mark.parametrize("levels", [1, 3, 8])
@pytest.mark.parametrize("eight_bit", [False, True])
def test_the_noise_of_a_picture_is_measured(levels: int, eight_bit: bool) -> None:  # noqa: FBT001
    """Within a tenth, on a slope, also after rounding to 8 bit."""
    picture = slope() + noise(levels / 255)
    if eight_bit:
        picture = np.rint(picture * 255) / np.float32(255)
    covariance = noise_of(picture, right_half())
    assert covariance is not None
    assert np.sqrt(np.diag(covariance)) * 255 == pytest.approx([levels] * 3, rel=0.1)


def test_edges_and_texture_elsewhere_do_not_count() -> None:
    """Only the flat part is measured: half of the picture may be anything."""
    picture = slope()
    picture[: SIDE // 2] = texture()[: SIDE // 2]
    cv2.circle(picture, (128, 190), 30, (0.9, 0.1, 0.1), -1)
    covariance = noise_of(picture + noise(4 / 255), np.ones((SIDE, SIDE), bool))
    assert covariance is not None
    assert np.sqrt(np.diag(covariance)) * 255 == pytest.approx([4] * 3, rel=0.15)


def test_the_painting_becomes_as_noisy_as_its_surroundings() -> None:
    """Measured again it has the same noise; what is not known of the original does not count."""
    original = slope() + noise(5 / 255)
    original[:, : SIDE // 2] = 0.9 * noise(0.3)[:, : SIDE // 2] + 0.5
    grainy = match_grain(slope(), original, right_half(), seed=3)
    again = noise_of(grainy, np.ones((SIDE, SIDE), bool))
    assert again is not None
    assert np.sqrt(np.diag(again)) * 255 == pytest.approx([5] * 3, rel=0.1)


def test_noise_keeps_its_colour() -> None:
    """Grey noise stays grey: the channels get the same."""
    original = slope() + noise(5 / 255, channels=1)
    added = match_grain(slope(), original, right_half(), seed=1) - slope()
    assert added.std() * 255 == pytest.approx(5, rel=0.1)
    assert np.abs(added - added.mean(axis=2, keepdims=True)).max() < 0.2 / 255


def test_what_is_as_rough_already_gets_nothing() -> None:
    """A painting with the same noise stays as noisy; where it is smooth it gets all."""
    original, painted = slope() + noise(5 / 255), slope()
    painted[:128] += noise(5 / 255, seed=9)[:128]
    added = match_grain(painted, original, right_half(), seed=2) - painted
    assert added[:110].std() < 0.5 * added[146:].std()


@pytest.mark.parametrize("picture", [slope, texture], ids=["smooth", "texture"])
def test_without_noise_nothing_is_added(picture) -> None:
    """Neither a smooth picture nor a rough surface without noise gives grain."""
    painted = slope()
    assert match_grain(painted, picture(), np.ones((SIDE, SIDE), bool), seed=1) is painted


def test_a_smooth_picture_of_8_bit_has_no_noise() -> None:
    """Its rounding is none."""
    picture = np.rint(slope() * 255) / np.float32(255)
    assert noise_of(picture, np.ones((SIDE, SIDE), bool)) is None


def test_a_drawing_has_no_noise() -> None:
    """Flat colours with hard edges."""
    picture = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    cv2.circle(picture, (128, 128), 80, (0.2, 0.3, 0.8), -1)
    assert noise_of(picture, np.ones((SIDE, SIDE), bool)) is None


def test_grain_is_a_matter_of_the_seed() -> None:
    """The same again, and another from another."""
    original = slope() + noise(5 / 255)
    one, again, other = (match_grain(slope(), original, right_half(), seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert np.abs(one - other).mean() > LEAST_NOISE


def test_noise_has_an_end() -> None:
    """A picture of noise gives no more than the most."""
    original = np.full((SIDE, SIDE, 3), 0.5, np.float32) + noise(0.12).clip(-0.49, 0.49)
    grey = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    added = match_grain(grey, original, right_half(), seed=1) - grey
    assert added.std() == pytest.approx(MOST_NOISE, rel=0.1)


def test_in_strips_the_grain_is_what_it_is_at_once() -> None:
    """Also at the sides of the part in which it is added; beyond it nothing changes."""
    covariance, part = np.eye(3) * (5 / 255) ** 2, Rectangle(20, 30, 200, 150)
    painted = slope() + noise(2 / 255, seed=4).astype(np.float32)
    grainy = Grainy(Held(painted), covariance, part, 1)
    at_once = grainy.rows(0, SIDE)
    parts = [grainy.rows(top, min(top + 23, SIDE)) for top in range(0, SIDE, 23)]
    assert np.abs(np.concatenate(parts) - at_once).max() < 1e-6
    inside = np.s_[part.y : part.bottom, part.x : part.right]
    assert np.abs(at_once[inside] - painted[inside]).std() > 1 / 255
    at_once[inside] = painted[inside]
    assert np.array_equal(at_once, painted)


@pytest.mark.parametrize("size", [(1, 1), (31, 200), (32, 32), (33, 257)])
def test_small_pictures_say_nothing(size: tuple[int, int]) -> None:
    """Too few blocks, no grain, no error."""
    picture = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    known = np.zeros(size, bool)
    assert noise_of(picture, known) is None
    assert match_grain(picture, picture, known, seed=0) is picture
