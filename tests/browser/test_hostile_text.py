"""Strings that try to become markup, as text, model id and link parameters: they stay strings."""

from urllib.parse import quote_plus

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser

SCRIPT = "window.attnvizHacked=1"
HOSTILE = [
    f"<script>{SCRIPT}</script>",
    f"<img src=x onerror={SCRIPT}>",
    f"<svg onload={SCRIPT}>",
    f'"><img src=x onerror="{SCRIPT}">',
    f"'><svg/onload={SCRIPT}>",
    f"</textarea><script>{SCRIPT}</script>",
    f"</style><script>{SCRIPT}</script>",
    f"</script><script>{SCRIPT}</script>",
    f"<iframe srcdoc='<script>parent.{SCRIPT}</script>'>",
    f"<a href='javascript:{SCRIPT}'>click</a>",
    f"[click](javascript:{SCRIPT})",
    "![pixel](http://203.0.113.9/pixel.png)",
    "![pixel](//203.0.113.9/pixel.png)",
    "[text](http://203.0.113.9/)",
    "<http://203.0.113.9/>",
    "<base href='http://203.0.113.9/'>",
    "<meta http-equiv=refresh content='0;url=http://203.0.113.9/'>",
    "<link rel=stylesheet href=http://203.0.113.9/x.css>",
    "<style>@import 'http://203.0.113.9/x.css';</style>",
    "<object data=http://203.0.113.9/></object>",
    "<embed src=http://203.0.113.9/>",
    f"<video><source onerror={SCRIPT}></video>",
    f"<details open ontoggle={SCRIPT}>",
    f"<body onload={SCRIPT}>",
    f"<input autofocus onfocus={SCRIPT}>",
    f"<math><mtext></mtext><script>{SCRIPT}</script></math>",
    f"<noscript><p title='</noscript><img src=x onerror={SCRIPT}>'>",
    f"<template><script>{SCRIPT}</script></template>",
    "<form action=http://203.0.113.9/><button>go",
    "<marquee>loud</marquee>",
    "**bold** _lean_ `code` ~~gone~~",
    "# heading",
    "$\\frac{1}{2}$ $$x$$",
    ":red[colour] :material/home: :smile:",
    ":material/warning:",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "- list\n- list",
    "```\nfence\n```",
    "<!-- comment -->",
    "<![CDATA[ x ]]>",
    "&lt;b&gt;&amp;&#60;script&#62;",
    "%3Cscript%3E",
    "\\u003cscript\\u003e",
    "{{constructor.constructor('x')()}}",
    "${alert(1)}",
    "{text} {0} {phrase.__class__}",
    "%s %d %(x)s",
    '=HYPERLINK("http://203.0.113.9/")',
    "@SUM(1)",
    "__proto__",
    "constructor",
    "toString",
    "[CLS] [SEP] [MASK] [UNK]",
    "<s></s><|endoftext|>",
    "‮evil‬ text",
    "a\u200db\u200bc\ufeff",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "\u0000\u0001\u0008\u001b[31m",
    "'; DROP TABLE views; --",
]


def unharmed(tab: Tab) -> None:
    """Nothing ran, nothing that only markup could have made is there, nobody else was asked."""
    assert tab.page.evaluate("window.attnvizHacked ?? null") is None
    inside = "script:not([src]), iframe, object, embed, base, marquee, [onerror], [onload], a[href^='javascript']"
    assert tab.page.locator(".stMain").locator(inside).count() == 0
    assert tab.page.locator("img[src='x'], img[src*='203.0.113.9'], a[href*='203.0.113.9']").count() == 0
    assert tab.foreign == []
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)


def test_there_are_sixty_of_them() -> None:
    assert len(set(HOSTILE)) == 60


def test_hostile_strings_as_text_stay_text(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    for text in HOSTILE:
        tab.write(text).settled()
        unharmed(tab)
        expect(tab.text_box()).to_have_value(text)


def test_hostile_strings_in_a_link_stay_strings(open_tab: OpenTab) -> None:
    tab = open_tab()
    for text in HOSTILE:
        value = quote_plus(text)
        tab.open(f"/?v=1&t={value}&m={value}&r={value}&s={value}&l={value}&x={value}&lang={value}")
        unharmed(tab)
        expect(tab.page.locator(".attnviz-message").first).to_be_visible()


def test_hostile_strings_as_model_id_stay_strings(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    for text in HOSTILE:
        box = tab.page.locator(".st-key-view_model input")
        box.click()
        box.fill(text)
        box.press("Enter")
        tab.settled()
        unharmed(tab)


def test_a_name_that_no_model_could_have_leaves_the_model_as_it_was(open_tab: OpenTab) -> None:
    tab = open_tab().open().drawn()
    box = tab.page.locator(".st-key-view_model input")
    box.click()
    box.fill("../../etc/passwd")
    box.press("Enter")
    expect(tab.page.locator(".attnviz-message")).to_contain_text("../../etc/passwd")
    expect(box).to_have_value("✓ minilm")
    assert "m=" not in tab.settled().page.url
