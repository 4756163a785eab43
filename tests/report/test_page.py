"""The last look at a page: whatever could run or call out is found, whatever only shows is let through."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.report.page import check_page

ACTIVE = [
    "<script>x()</script>",
    "<SCRIPT/SRC=//a.example>",
    "<script type=application/json>{}</script>",
    "<p onclick=x()>",
    "<p OnMouseOver='x()'>",
    "<svg onload=x()>",
    "<svg/onload=x()>",
    '<a href="javascript:x()">',
    '<a href=" jav&#x09;ascript:x()">',
    '<a href="https://a.example">',
    '<a href="//a.example">',
    '<a href="page.html">',
    '<a href="mailto:a@a.example">',
    '<svg><a xlink:href="https://a.example">',
    '<svg><use href="https://a.example/x#y"/></svg>',
    '<img src="https://a.example/x.png">',
    '<img src="data:text/html;base64,AA==">',
    '<img srcset="https://a.example/x.png 2x">',
    "<iframe></iframe>",
    '<iframe srcdoc="x">',
    '<object data="data:image/png;base64,AA==">',
    '<embed src="#">',
    '<base href="#">',
    '<link rel="stylesheet" href="#">',
    '<link rel=preconnect href="https://a.example">',
    '<form action="#"></form>',
    '<meta http-equiv="refresh" content="0; url=https://a.example">',
    '<video src="#x"></video>',
    "<style>@import 'a.css';</style>",
    r"<style>@\69mport 'a.css';</style>",
    "<style>p { background: url(https://a.example/x) }</style>",
    r"<style>p { background: u\72l(//a.example) }</style>",
    "<style>p { background: ur/**/l(x); background: url( 'x.png' ) }</style>",
    "<style>p { background: image-set('https://a.example/x' 1x) }</style>",
    "<style>p { behavior: x }",
    '<p style="background: url(https://a.example/x)">',
    '<rect fill="url(https://a.example/x#y)"/>',
    "<svg><foreignObject></foreignObject></svg>",
    "<svg><animate attributeName=href values=javascript:x() /></svg>",
    '<svg><set attributeName="href" to="javascript:x()"/></svg>',
]
STILL = [
    "<p>doi 10.2307/2533558, https://a.example, javascript:x(), onclick=x()</p>",
    '<a href="#limits">Limits</a>',
    '<svg><defs><path id="m"/></defs><use href="#m" x="1"/><rect fill="url(#h)" clip-path="url(#c)"/></svg>',
    '<img src="data:image/png;base64,AA==" alt="url(https://a.example)">',
    "<style>p { color: var(--a, #123456); background: linear-gradient(to right, red, transparent) }</style>",
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:">',
    '<svg role="img" aria-label="javascript:x() url(https://a.example)"></svg>',
    "<!-- <script> -->",
]


@pytest.mark.parametrize("planted", ACTIVE)
def test_planted_content_is_found(planted):
    """Each of these would run, load or lead away; alone and in the middle of a page."""
    assert check_page(planted)
    found = check_page(f"<!doctype html><html><body><p>text</p>\n{planted}\n<p>text</p></body></html>")
    assert found
    assert found[0].line == 2


@pytest.mark.parametrize("content", STILL)
def test_content_that_only_shows_is_let_through(content):
    """Words are no danger, and a picture inside the page is no request."""
    assert check_page(content) == ()


@given(st.text())
def test_escaped_text_is_always_still(text):
    """Whatever a person typed, escaped once it is only text."""
    assert check_page(f'<p title="{html.escape(text)}">{html.escape(text)}</p>') == ()
