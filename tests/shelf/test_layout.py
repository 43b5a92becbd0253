"""What names say about a model: how it was distilled, in how many steps, at which size."""

import pytest

from bottega_backend.offers.table import SAMPLERS
from bottega_backend.shelf.layout import FAMILIES, KINDS, Layout, kind_of, native_of, steps_of
from bottega_protocol.regions import Size

NAMES = {
    "sd_xl_turbo_1.0_fp16": "turbo",
    "DreamShaperXL_Turbo_v2_1": "turbo",
    "dreamshaperXL_v21TurboDPMSDE": "turbo",
    "SDXLTurbo": "turbo",
    "sdxl_lightning_4step": "lightning",
    "juggernautXL_v9Rdphoto2Lightning": "lightning",
    "realvisxlV50_v50LightningBakedvae": "lightning",
    "Hyper-SDXL-8steps": "hyper",
    "someModel_hyper": "hyper",
    "anotherXL_v3HyperSDXL": "hyper",
    "LCM_Dreamshaper_v7": "lcm",
    "dreamshaper_8LCM": "lcm",
    "hyperRealism_v30": "",
    "hyper-realistic-v1": "",
    "v1-5-pruned-emaonly": "",
    "deliberate_v2": "",
    "": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_says_how_a_model_was_distilled(name):
    assert kind_of(name) == NAMES[name]


def test_a_distilled_model_s_name_may_say_its_steps():
    assert steps_of("sdxl_lightning_4step", "lightning") == 4
    assert steps_of("Hyper-SDXL-8steps-CFG", "hyper") == 8
    assert steps_of("lightning", "lightning") == 0
    assert steps_of("a model of 12 steps", "") == 0, "of others a name means nothing"


def test_only_the_first_turbo_models_are_of_512_pixels():
    assert native_of(FAMILIES[2], v_prediction=False, name="sd_xl_turbo_1.0") == Size(512, 512)
    assert native_of(FAMILIES[2], v_prediction=False, name="aXL_Turbo") == Size(1024, 1024)
    assert native_of(FAMILIES[1], v_prediction=True, name="v2-1_768") == Size(768, 768)
    assert native_of(FAMILIES[2], v_prediction=True, name="noob_vpred") == Size(1024, 1024)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_kind_s_defaults_can_be_asked_for(family, kind):
    sampler, steps, guidance = Layout(family, 4, Size(512, 512), kind).defaults()
    assert sampler in SAMPLERS
    assert 1 <= steps <= 30
    assert (guidance < 3) == bool(kind)


def test_a_model_trained_to_pure_noise_is_not_stepped_as_karras_has_it():
    layout = Layout(FAMILIES[2], 4, Size(1024, 1024), prediction="v_prediction", zero_snr=True)
    assert "Karras" not in layout.defaults()[0]
