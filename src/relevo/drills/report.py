"""Write a run as one HTML file that needs nothing else, for a screen, a phone and paper; screenshots lie beside it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from relevo.drills.catalogue import DRILLS
from relevo.drills.result import Picture, Run, Verdict
from relevo.drills.table import headline, summary, word
from relevo.i18n import _, language


def write(run: Run, folder: Path) -> Path:
    """Write `index.html`, `result.json` and the screenshots into a folder, which is made; return the HTML's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    page.write_text(html(run), encoding="utf-8")
    text = json.dumps(run.to_dict(), ensure_ascii=False, indent=2)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")
    for result in run.results:
        for number, picture in enumerate(result.pictures, 1):
            (folder / f"{result.name}-{number}-{_slug(picture.title)}.png").write_bytes(picture.png)
    return page


def html(run: Run) -> str:
    """Return the report as HTML, in the reader's language."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["data_uri"] = _data_uri
    template = environment.from_string(files("relevo.drills").joinpath("templates/report.html.j2").read_text())
    return template.render(
        _=_, Verdict=Verdict, word=word, headline=headline, language=language(), run=run, counts=run.counts(),
        promises=_promises(), spreads=run.spreads(), repeated=any(len(s.values) > 1 for s in run.spreads()),
        summary=summary(run).plain,
    )


def _promises() -> Mapping[str, str]:
    return {drill.name: drill.promise for drill in DRILLS}


def _data_uri(picture: Picture) -> Markup:
    return Markup("data:image/png;base64,") + base64.b64encode(picture.png).decode()


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
