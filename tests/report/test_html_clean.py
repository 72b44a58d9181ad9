"""Nothing of a notebook reaches the page that could do more than be read."""

from __future__ import annotations

import pytest

from grader.report.html.clean import Cleaner, data_picture

from .hostile import PNG

REL = 'rel="noopener noreferrer nofollow"'


def clean(html: str) -> str:
    return Cleaner().clean(html)


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        pytest.param("<p>a <em>b</em></p>", "<p>a <em>b</em></p>", id="text stays"),
        pytest.param("a<script>x</script>b", "ab", id="a script goes with its text"),
        pytest.param("a<style>x</style>b", "ab", id="so does a style"),
        pytest.param("a<blink>b</blink>", "ab", id="of an unknown element the text stays"),
        pytest.param(
            '<p class="x" id="y" style="z" onclick="w">a</p>', "<p>a</p>", id="no handlers, no looks"
        ),
        pytest.param('<a href="javascript:x">a</a>', f"<a {REL}>a</a>", id="no script link"),
        pytest.param(
            '<a href="https://x.org/">a</a>',
            f'<a href="https://x.org/" {REL}>a</a>',
            id="a link to the web stays",
        ),
        pytest.param('<a href="#first">a</a>', f"<a {REL}>a</a>", id="no link into our own page"),
        pytest.param('<a href="https://x.org/"></a>b', "b", id="a link without text goes"),
        pytest.param(
            '<img src="https://x.org/a.png" alt="a cat">',
            '<span class="left-out">[picture not shown: a cat]</span>',
            id="a picture from elsewhere becomes its words",
        ),
        pytest.param("<li>a</li><ul><li>b</li></ul>", "a<ul><li>b</li></ul>", id="no item outside a list"),
    ],
)
def test_what_is_kept(html: str, kept: str) -> None:
    assert clean(html) == kept


def test_no_cell_has_a_million_columns() -> None:
    kept = clean('<table><tr><td colspan="99999999">a</td><td colspan="2">b</td></tr></table>')
    assert "<td>a</td>" in kept
    assert '<td colspan="2">b</td>' in kept


def test_a_table_gets_its_own_scroller_that_the_keyboard_reaches() -> None:
    assert clean("<table><tbody><tr><td>a</td></tr></tbody></table>") == (
        '<div class="scroll" tabindex="0" role="group" aria-label="Table from the notebook"><table>'
        "<tbody><tr><td>a</td></tr></tbody></table></div>"
    )


def test_headings_stand_below_the_pages_own_and_skip_no_level() -> None:
    cleaner = Cleaner()
    assert cleaner.clean("<h1>a</h1><h2>b</h2><h5>c</h5><h1>d</h1>") == (
        "<h3>a</h3><h4>b</h4><h5>c</h5><h3>d</h3>"
    )
    assert cleaner.clean("<h6>e</h6><h1></h1>") == "<h4>e</h4>"


def test_cleaning_what_is_clean_changes_nothing_that_matters() -> None:
    once = clean("<p>a &lt;b&gt; &amp; <strong>c</strong></p><ul><li>d</li></ul>")
    assert clean(once) == once


# --------------------------------------------------------------------------- pictures


def test_a_picture_is_known_by_its_bytes_and_encoded_anew() -> None:
    assert data_picture("image/png", f" {PNG[:20]}\n{PNG[20:]} ", 10_000) == f"data:image/png;base64,{PNG}"


@pytest.mark.parametrize(
    ("mime", "encoded"),
    [
        pytest.param("image/jpeg", PNG, id="it says JPEG and is a PNG"),
        pytest.param("image/svg+xml", PNG, id="it says SVG"),
        pytest.param("image/png", "PHN2Zz4=", id="its bytes are SVG"),
        pytest.param("image/png", PNG + '" onerror="x', id="not base64"),
        pytest.param("image/png", "", id="nothing"),
        pytest.param("image/png", PNG * 200, id="too large"),
    ],
)
def test_what_is_no_such_picture_is_not_shown(mime: str, encoded: str) -> None:
    assert data_picture(mime, encoded, 10_000) is None


def test_pictures_share_one_budget() -> None:
    cleaner = Cleaner(pictures_left=200)
    assert cleaner.picture("image/png", PNG) is not None
    assert cleaner.picture("image/png", PNG) is None
