"""The sample programme under each of the policy presets that are shipped, and under values of a test's own."""

import re
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from services.rules import programme_files
from services.rules.programmes import Programme

NAMES = ("generic", "qc-rac", "on-college", "fr-vae", "au-vet")
SAMPLE = Path(__file__).with_name("sample-programme.toml")


@cache
def sample(preset: str, **changed: Any) -> Programme:  # noqa: ANN401 - values of a policy, of whatever kind
    """The sample programme under `preset` and its calendar, with some values of the policy changed.

    Each has a slug of its own, so that one database can hold all of them.
    """
    slug = "-".join(["sample", preset, *(key.replace("_", "-") for key in sorted(changed))])
    text = SAMPLE.read_text(encoding="utf-8").replace('slug = "sample-programme"', f'slug = "{slug}"')
    text = text.replace('policy = "generic"', f'policy = "{preset}"')
    if preset != "generic":
        text = re.sub(r'calendar = "\w+"\n', "", text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{slug}.toml"
        path.write_text(text, encoding="utf-8")
        programme = programme_files.read_one(path)
    return replace(programme, policy=replace(programme.policy, **changed))
