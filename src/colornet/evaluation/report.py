"""An evaluation on disk: figures as JSON, contact sheets, and a page that shows the pictures."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from string import Template

from PIL import Image

from colornet.evaluation.files import COLOR, FIGURES, GRAY, LABELS, PAGE_NAME, PREDICTIONS
from colornet.evaluation.metrics import Scores, Summary, summarize
from colornet.evaluation.perceptual_metrics import PerceptualScores, PerceptualSummary
from colornet.sheets import contact_sheet, evenly, in_rows, thumbnail
from colornet.words import counted

THUMBNAIL = 160
"""Side of the square into which a picture on the page fits, in pixels."""
PAGE_ROWS = 300
"""Largest number of pictures on the page, evenly chosen of more, so that it stays a few MB."""
SHEET_ROWS = 8
SHEET_COLUMNS = 8

COLUMNS = ("PSNR, dB", "SSIM", "ΔE 2000", "CF", "ΔCF")
NOTE = """Means over the pictures. PSNR and SSIM: higher is closer to the true picture. ΔE 2000 is
the color difference, where about 2 is just noticeable: lower is closer. CF is the colorfulness of
the pictures themselves (Hasler and Suesstrunk, 2003), from 0, gray, to about 110; ΔCF is how far
their mean CF is from that of the true pictures: lower is closer. A model that is no better than the
pictures left gray has learned nothing."""
CLASSES_NOTE = """The same for each class, as far as the folders or the tar file tell classes."""
PERCEPTUAL_COLUMNS = ("Frechet feature distance", "same top-1", "confidence")
PERCEPTUAL_NOTE = """How the pictures look to SqueezeNet. The distance is between its pooled
features of these pictures and of the true ones: lower is closer. Same top-1: how many are
recognized as the true picture is; confidence: the mean probability of what the true picture is
recognized as."""


@dataclass(frozen=True)
class PictureScores:
    """How one picture came out."""

    key: str
    """`class/name.jpg`, as in the data."""
    class_name: str
    file: str
    """`class/name.png`, under `black_white/` and `color/`."""
    prediction: Scores
    gray: Scores
    """What the gray picture scores as it is: what every colorizer must beat."""
    true_colorfulness: float


@dataclass(frozen=True)
class Report:
    """How a model did on a set of pictures."""

    model: str
    data: str
    size: int | None
    """Side of the squares that were compared; None: every picture at its own size."""
    pictures: tuple[PictureScores, ...]
    """The scores of the pictures, at least one."""
    colorless: tuple[str, ...]
    """Names of gray pictures, which are left out."""
    unreadable: tuple[str, ...]
    """Left out: damaged, or too small to colorize."""
    perceptual_metrics: PerceptualSummary | None = None
    """Scores by SqueezeNet, if its weights were given."""

    @property
    def prediction(self) -> Summary:
        """The model's mean figures."""
        return summarize([p.prediction for p in self.pictures], self._true_colorfulness)

    @property
    def gray(self) -> Summary:
        """The mean figures of the pictures left gray."""
        return summarize([p.gray for p in self.pictures], self._true_colorfulness)

    @property
    def classes(self) -> dict[str, Report]:
        """The report of each class alone, by name in alphabetical order."""
        names = sorted({picture.class_name for picture in self.pictures})
        return {
            name: replace(self, pictures=tuple(p for p in self.pictures if p.class_name == name))
            for name in names
        }

    @property
    def _true_colorfulness(self) -> list[float]:
        return [picture.true_colorfulness for picture in self.pictures]


@dataclass(frozen=True)
class Table:
    """Figures in words, for a page or a terminal."""

    columns: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    """What is measured -> a figure for each column."""
    note: str


def tables(report: Report) -> list[Table]:
    """The means over all pictures."""
    figures = {"prediction": report.prediction, "left gray": report.gray}
    found = [Table(COLUMNS, {name: _words(summary) for name, summary in figures.items()}, NOTE)]
    if seen := report.perceptual_metrics:
        versions = {"prediction": seen.prediction, "left gray": seen.gray, "true": seen.true}
        rows = {name: _perceptual_words(scores) for name, scores in versions.items()}
        found.append(Table(PERCEPTUAL_COLUMNS, rows, PERCEPTUAL_NOTE))
    return found


def class_table(report: Report) -> Table | None:
    """The model's means over each class; None: there is one class only."""
    classes = report.classes
    if len(classes) < 2:
        return None
    rows = {
        name: (str(len(part.pictures)), *_words(part.prediction), f"{part.gray.psnr:.2f}")
        for name, part in classes.items()
    }
    return Table(("pictures", *COLUMNS, "PSNR of gray"), rows, CLASSES_NOTE)


def write(report: Report, folder: Path, true: Path) -> None:
    """Write sheets, page and figures into the folder that holds `black_white/` and `color/`.

    Args:
        report: what is to be written.
        folder: where.
        true: holds the true pictures, under the names that the colored ones have.
    """
    chosen = [picture.file for picture in evenly(report.pictures, SHEET_ROWS * SHEET_COLUMNS)]
    _sheet(true, chosen).save(folder / LABELS)
    _sheet(folder / COLOR, chosen).save(folder / PREDICTIONS)
    page = _page(report, folder, true).encode(errors="backslashreplace")  # names may be no UTF-8
    (folder / PAGE_NAME).write_bytes(page)
    (folder / FIGURES).write_text(json.dumps(_figures(report), indent=1), encoding="utf-8")


def _sheet(folder: Path, files: list[str]) -> Image.Image:
    cells = [_small(folder / file) for file in files]
    return contact_sheet(in_rows(cells, SHEET_COLUMNS))


def _small(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return thumbnail(picture, THUMBNAIL)


def _figures(report: Report) -> dict[str, object]:
    figures = {**_means(report), "classes": {n: _means(r) for n, r in report.classes.items()}}
    figures |= asdict(report)
    figures["pictures"] = [_picture_figures(picture) for picture in report.pictures]
    if report.perceptual_metrics is None:
        del figures["perceptual_metrics"]
    return figures


def _means(report: Report) -> dict[str, object]:
    summaries = {"prediction": asdict(report.prediction), "gray": asdict(report.gray)}
    return {"count": len(report.pictures), **summaries}


def _picture_figures(picture: PictureScores) -> dict[str, object]:
    figures = asdict(picture)
    for version in ("prediction", "gray"):
        scores = figures[version]
        difference = scores["colorfulness"] - picture.true_colorfulness
        scores["delta_colorfulness"] = abs(difference)
    return figures


def _page(report: Report, folder: Path, true: Path) -> str:
    worst_first = sorted(report.pictures, key=lambda p: p.prediction.delta_e, reverse=True)
    shown = evenly(worst_first, PAGE_ROWS)
    rows = "\n".join(_row(picture, folder, true) for picture in shown)
    size = f"{report.size}x{report.size} pixels" if report.size else "their own size"
    left_out = len(report.colorless) + len(report.unreadable)
    by_class = class_table(report)
    shown_tables = [*tables(report), *([by_class] if by_class else [])]
    return PAGE.substitute(
        model=escape(report.model),
        data=escape(report.data),
        count=f"{counted(len(report.pictures), 'picture')} at {size}, {left_out} left out",
        tables="\n".join(map(_html, shown_tables)),
        choice="all" if len(shown) == len(worst_first) else f"{len(shown)} evenly chosen",
        rows=rows,
    )


def _words(summary: Summary) -> tuple[str, ...]:
    return (
        f"{summary.psnr:.2f}",
        f"{summary.ssim:.4f}",
        f"{summary.delta_e:.2f}",
        f"{summary.colorfulness:.2f}",
        f"{summary.delta_colorfulness:.2f}",
    )


def _perceptual_words(scores: PerceptualScores) -> tuple[str, ...]:
    return (
        f"{scores.frechet_feature_distance:.1f}",
        f"{scores.top1_agreement:.1%}",
        f"{scores.top1_confidence:.1%}",
    )


def _html(table: Table) -> str:
    head = "".join(f"<th>{column}" for column in table.columns)
    rows = "".join(
        f"<tr><th class=text>{escape(name)}{''.join(f'<td>{word}</td>' for word in words)}</tr>\n"
        for name, words in table.rows.items()
    )
    return f"<table>\n<tr><th>{head}</tr>\n{rows}</table>\n<p>{table.note}</p>"


def _row(picture: PictureScores, folder: Path, true: Path) -> str:
    pictures = "".join(
        f'<td><img src="{_data_url(root / picture.file)}" alt="" loading="lazy"></td>'
        for root in (folder / GRAY, folder / COLOR, true)
    )
    scores = picture.prediction
    return (
        f"<tr>{pictures}<td class=text>{escape(picture.key)}<br>"
        f"ΔE {scores.delta_e:.2f} (gray {picture.gray.delta_e:.2f})<br>"
        f"PSNR {scores.psnr:.2f} dB<br>"
        f"CF {scores.colorfulness:.1f} (true {picture.true_colorfulness:.1f})</td></tr>"
    )


def _data_url(path: Path) -> str:
    jpeg = io.BytesIO()
    _small(path).save(jpeg, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.getvalue()).decode()}"


PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$model on $data</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .3rem .6rem; text-align: right; font-variant-numeric: tabular-nums }
.text { text-align: left }
img { display: block; max-width: 100% }
</style>
<h1>$model</h1>
<p>$data: $count.</p>
$tables
<h2>Pictures, worst ΔE first ($choice)</h2>
<table>
<tr><th class=text>before<th class=text>prediction<th class=text>truth<th></tr>
$rows
</table>
</html>
""")
