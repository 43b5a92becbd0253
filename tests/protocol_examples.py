"""Telling examples of every message, for golden files, fuzzing and round trips."""

from bottega_protocol import messages as m
from bottega_protocol.images import MASK, Image, Layout, describe
from bottega_protocol.offers import CapabilityOffer, ModelOffer, Plan
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest, GenerateRequest, RefineRequest
from bottega_protocol.results import Layer, Recipe, Result, Timings, Variation
from bottega_protocol.schema import Record

JOB = bytes(range(16))
HASH = bytes(range(32))
NONCE = bytes(range(24))
SIZE = Size(4, 3)
PIXELS = describe(bytes(range(48)), SIZE, Layout("BGRA", "u8"))
MASK_IMAGE = describe(bytes(range(12)), SIZE, MASK)
REQUEST = FillRequest(
    canvas=Size(1024, 768),
    selection=Rectangle(11, 21, 2, 1),
    rectangle=Rectangle(10, 20, 4, 3),
    pixels=PIXELS,
    mask=MASK_IMAGE,
    prompt="ein roter Ball, 赤い球",
    negative="blurry",
    model="apprentice-inpaint",
    sampler="DPM++ 2M Karras",
    seed=2**32 - 1,
    steps=20,
    guidance=4.5,
    strength=0.75,
    clip_skip=2,
    quality="best",
    count=3,
    intent="remove",
    feather=0,
    grow=16,
)
GENERATE = GenerateRequest(
    canvas=Size(1024, 768),
    rectangle=Rectangle(10, 20, 4, 3),
    layout=Layout("BGRA", "u16"),
    selection=Rectangle(11, 21, 2, 1),
    mask=MASK_IMAGE,
    prompt="a red ball",
    negative="blurry",
    model="apprentice",
    sampler="Euler",
    seed=5,
    steps=4,
    guidance=1.0,
    clip_skip=1,
    quality="draft",
    count=8,
)
REFINE = RefineRequest(
    canvas=Size(1024, 768),
    rectangle=Rectangle(10, 20, 4, 3),
    pixels=PIXELS,
    selection=Rectangle(11, 21, 2, 1),
    mask=MASK_IMAGE,
    prompt="a red ball",
    negative="blurry",
    model="apprentice",
    sampler="Euler",
    seed=6,
    steps=30,
    guidance=7.0,
    strength=0.25,
    clip_skip=1,
    quality="best",
    count=2,
    feather=12,
    grow=4,
)
RECIPE = Recipe(
    capability="fill",
    model="apprentice-inpaint",
    model_name="Apprentice inpaint (first draft)",
    sampler="Euler a",
    steps=20,
    guidance=4.5,
    strength=1.0,
    seed=7,
    prompt="a red ball",
    negative="",
    painted=Size(128, 128),
    clip_skip=2,
    quality="draft",
    composed=Size(64, 64),
    tiles=4,
    hints=("It was painted smaller than its rectangle and enlarged.",),
)
RESULT = Result(
    layers=(
        Layer("a red ball", Rectangle(10, 20, 4, 3), PIXELS, MASK_IMAGE),
        Layer(
            "light",
            Rectangle(-5, -6, 4, 3),
            Image(4, 3, "RGBA", "u16", HASH),
            opacity=0.5,
            variation=1,
        ),
    ),
    recipe=RECIPE,
    canvas=Rectangle(-10, 0, 100, 50),
    variations=(Variation(7), Variation(8, "a blue ball", "fog")),
)
MODEL = ModelOffer(
    "apprentice",
    "Apprentice",
    "sd15",
    ("generate", "fill", "refine"),
    Size(128, 128),
    "Apache-2.0",
    "a small world",
    kind="lcm",
    sampler="LCM",
    steps=6,
    guidance=1.5,
)
CAPABILITY = CapabilityOffer("fill", "Fill", "apprentice", "Euler", 20, 4.5, 1.0)
PLAN = Plan(
    Rectangle(0, 0, 256, 192),
    Layout("RGBA", "u16"),
    Size(144, 112),
    "apprentice",
    "Apprentice",
    442_368,
    ahead=2,
    wait=3.5,
    composed=Size(72, 56),
    tiles=6,
    hints=("It will be painted smaller and enlarged.",),
)

EXAMPLES: dict[str, Record] = {
    "hello": m.Hello((1,), "local", NONCE, "Bottega for Krita 0.1"),
    "proof": m.Proof(HASH),
    "redeem": m.Redeem(7),
    "ask-offers": m.AskOffers(1),
    "ask-quote": m.AskQuote(
        2,
        "fill",
        Size(1024, 768),
        Rectangle(-3, 5, 20, 30),
        Layout("RGBA", "f16", "linear"),
        "",
        0.5,
        quality="best",
        count=4,
        grow=8,
    ),
    "ask-results": m.AskResults(3, 10, 20, "ball", "krita/0f3a"),
    "ask-picture": m.AskPicture(4, JOB, 48),
    "submit": m.Submit(JOB, REQUEST, "krita/0f3a", "cancel"),
    "submit-generate": m.Submit(JOB, GENERATE, "krita/0f3a", "cancel"),
    "submit-live": m.Submit(JOB, GENERATE, "krita/0f3a", live=True),
    "submit-refine": m.Submit(JOB, REFINE, "krita/0f3a", "cancel"),
    "follow": m.Follow(JOB),
    "cancel": m.Cancel(JOB),
    "acknowledge": m.Acknowledge(JOB),
    "fetch": m.Fetch(4, HASH, 262_144),
    "challenge": m.Challenge(1, NONCE + NONCE, HASH, 4096),
    "welcome": m.Welcome(HASH, "studio", "Bottega 0.1"),
    "redeemed": m.Redeemed(7, "anna:3f2a", "a token of the artist's own"),
    "offers": m.Offers(1, (CAPABILITY,), (MODEL,), ("Euler", "Euler a")),
    "quote": m.Quote(2, PLAN),
    "small-picture": m.SmallPicture(4, 2, 1, bytes(range(6))),
    "results": m.Results(
        3, (m.JobSummary(JOB, "gimp/1", "fill", "a red ball", "finished", 1.7e9, True, 4),)
    ),
    "declined": m.Declined(2, "nothing-selected", "Nothing is selected.", "Select something."),
    "need": m.Need(JOB, (HASH, NONCE + bytes(8))),
    "accepted": m.Accepted(JOB),
    "refused": m.Refused(JOB, "conflict", "Another job has this id."),
    "queued": m.Queued(JOB, 2, 12.5),
    "progress": m.Progress(JOB, "denoising", 3, 20),
    "preview": m.Preview(JOB, 2, 1, bytes(6)),
    "finished": m.Finished(JOB, RESULT, Timings(0.5, 1.0, 0.1, 2.0, 0.2)),
    "failed": m.Failed(JOB, "out-of-memory", "The picture is too large.", "Select less."),
    "cancelled": m.Cancelled(JOB),
    "announce": m.Announce(5, HASH, 2**30),
    "grant": m.Grant(5, 2**22, 2**18, zlib=True),
    "stored": m.Stored(5),
    "stopped": m.Stopped(5, "unknown-blob", "There is no such blob."),
    "fault": m.Fault("bad-message", "hello.nonce: is missing", "Update."),
}
