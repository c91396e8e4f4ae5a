"""`make clients` makes the document once, and hands it to each client's builder."""

import pytest

from deploy.clients import build


@pytest.fixture
def built(monkeypatch):
    """What the builders are called with, in place of building. tests/clients makes the real
    document, which takes seconds.
    """
    calls = []
    monkeypatch.setattr(build.document, "write", lambda file: file.write_text("{}"))
    for name in build.BUILDERS:
        monkeypatch.setitem(
            build.BUILDERS,
            name,
            lambda document, into, name=name: calls.append((name, document, into)),
        )
    return calls


def test_each_client_is_built_in_a_folder_of_its_own(built, tmp_path):
    left = tmp_path / "python" / "left from before"
    left.mkdir(parents=True)

    build.main(["--into", str(tmp_path)])

    document = tmp_path / "openapi.json"
    assert built == [(name, document, tmp_path / name) for name in build.BUILDERS]
    assert document.exists()
    assert not left.exists()


def test_each_step_is_said_before_it_begins(built, tmp_path, capsys, monkeypatch):
    said_before = []
    monkeypatch.setitem(
        build.BUILDERS, "python", lambda *_: said_before.append(capsys.readouterr().err)
    )

    build.main(["python", "--into", str(tmp_path)])

    assert said_before == [
        "openapi.json: describing the API…\npython: making models, and a wheel…\n"
    ]
    assert set(build.STEPS) == set(build.BUILDERS)


def test_an_unknown_client_is_refused_before_anything_is_made(built, tmp_path, capsys):
    with pytest.raises(SystemExit):
        build.main(["cobol", "--into", str(tmp_path)])

    assert "no such client: cobol" in capsys.readouterr().err
    assert not built
    assert not list(tmp_path.iterdir())
