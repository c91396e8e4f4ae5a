"""The list of releases, and the places that say which version this is."""

import json
import tomllib
from datetime import date

import pytest
from packaging.version import Version

from config import settings
from tests.acceptance.stack import ROOT
from tests.upgrade import release


@pytest.mark.thorough  # it needs the whole history, which a shallow clone lacks
def test_each_release_is_a_commit_of_this_history():
    for each in release.releases():
        assert len(each.commit) == 40
        assert date.fromisoformat(each.date)
        assert release.has(each), release.MISSING.format(each)


def test_the_coming_version_is_newer_than_every_release_which_are_in_order():
    versions = [Version(each.version) for each in release.releases()]
    assert versions == sorted(set(versions))
    assert Version(settings.VERSION) > versions[-1]


def test_every_package_has_the_coming_version():
    for project in (ROOT / "pyproject.toml", ROOT / "deploy/clients/python/pyproject.toml"):
        assert tomllib.loads(project.read_text())["project"]["version"] == settings.VERSION
    package = json.loads((ROOT / "deploy/clients/typescript/package.json").read_text())
    assert package["version"] == settings.VERSION


def test_the_changelog_has_a_heading_for_each_version():
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    expected = [f"{each.version} ({each.date})" for each in reversed(release.releases())]
    assert headings == [f"{settings.VERSION} (unreleased)", *expected]
