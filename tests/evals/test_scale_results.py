"""Measurements by size, as they are read to be drawn."""

import json

import pytest

from evals.scale_results import read
from evals.suite import InputError

ROWS = [
    {"passages": 10_000, "ingest_passages_per_s": 50, "query_ms": {"p50": 40, "p95": 80}, "rss_bytes": 2e9, "ok": True},
    {"passages": 1_000, "ingest_passages_per_s": 60, "query_ms": {"p50": 30, "p95": 60}, "disk_mb": 9},
]


@pytest.fixture
def written(tmp_path):
    def write(content):
        file = tmp_path / "scale.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    return write


@pytest.mark.parametrize("data", [ROWS, {"run": {"cpus": 2}, "sizes": ROWS}])
def test_each_measurement_is_a_series_by_size(written, data):
    panels = {panel.english: panel.series for panel in read(written(data))}
    assert list(panels) == ["Ingest rate", "Query time", "Memory", "Disk"]
    assert panels["Ingest rate"][0].points == ((1000, 60), (10000, 50))
    assert [series.points for series in panels["Query time"]] == [
        ((1000, 30), (10000, 40)),
        ((1000, 60), (10000, 80)),
    ]
    assert panels["Memory"][0].points == ((10000, pytest.approx(2000)),)
    assert panels["Disk"][0].points == ((1000, 9),)


@pytest.mark.parametrize("content", ["", "3", "{}", [], [{"articles": 5}], [{"passages": 5, "colour": 1}]])
def test_a_file_without_measurements_is_refused(written, content):
    with pytest.raises(InputError, match=r"scale\.json: field \(file\)"):
        read(written(content))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "none.json")
