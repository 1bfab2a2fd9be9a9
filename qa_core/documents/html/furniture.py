"""Which parts of an HTML page are not the manual: navigation, controls, scripts, what is hidden for good."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

SKIPPED_TAGS_TEXT = """
    script style head nav footer button input select textarea option datalist svg canvas noscript
    template iframe object embed audio video map link meta del s strike rt rp
"""
SKIPPED_TAGS = frozenset(SKIPPED_TAGS_TEXT.split())
_SKIPPED_ROLES_TEXT = """
    navigation banner contentinfo search complementary doc-toc menu menubar toolbar tablist
"""
_SKIPPED_ROLES = frozenset(_SKIPPED_ROLES_TEXT.split())
_CONTAINERS = frozenset(["div", "ul", "ol", "section", "aside", "table", "header"])
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|breadcrumbs?|site-?map|side-?bar|toc|mini-?toc\w*|footer|cookies?"
    r"|feed_area|skip(?:-?link|-?nav)?|pagination|pager|no-?print|sr-only)(?:$|[\s_-])"
    r"|(?:^|\s)(?:cookie[_-]?(?:banner|bar|consent|notice|popup)|onetrust|newsletter|related[_-]?products)[\w-]*(?:$|\s)"
    # words that also name what a manual explains, as in `search-for-channels`
    r"|(?:^|\s)(?:[a-z]+[_-])?(?:feedback|share|social|search)"
    r"(?:[_-](?:area|bar|box|buttons?|container|form|icons?|input|links?|results?|widget|wrap(?:per)?))?(?:$|\s)"
    r"|(?:^|\s)(?:linenos|linenodiv|tabbed-labels|page-metadata|mce?toc\w*)(?:$|\s)",
    re.IGNORECASE,
)
# what documentation tools put around the text, headings included
_TOOLS_FURNITURE = re.compile(
    r"(?:^|\s)(?:nav(?:header|footer)|theme-doc-version-(?:badge|banner)"
    r"|familylinks|relinfo|ullinks|crumbs|recently-viewed-articles|related-articles"
    r"|comments-area|comment-?list|comment-respond|entry-meta|(?:jp-related|related-?|yarpp-related-?)posts|sharedaddy"
    r"|wp-block-(?:comments|post-(?:author|comments|date|navigation|terms)[\w-]*)"
    r"|article-(?:attachments|author|comments|meta|more-questions|relatives|return-to-top|subscribe|votes))"
    r"(?:$|\s)"
)
_HIDDEN_STYLE = re.compile(r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDDEN_CLASS = re.compile(r"(?:^|[\s_-])hidden(?:$|[\s_-])", re.IGNORECASE)
_OPENED_BY_CLICK = re.compile(
    r"(?:^|[\s_-])(?:accordion|answer|collaps|drop-?down-?body|expand|faq|panel|reveal|spoiler|tab-?content|tab-?pane|toggle)",
    re.IGNORECASE,
)
_TAB_PANEL = re.compile(r"(?:^|\s)tabs?-(?:content|pane)(?:$|\s)", re.IGNORECASE)
_WORD_FURNITURE = re.compile(r"Mso(?:Toc\d|Header|Footer)", re.IGNORECASE)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_OPENERS = _HEADINGS | {"button", "summary", "dt"}


def is_skipped(element: HtmlElement) -> bool:
    """Whether an element is furniture: scripts, forms' controls, navigation, what no click shows."""
    if element.tag == "button":
        return not _opens_text(element)
    if element.tag in SKIPPED_TAGS or element.get("role") in _SKIPPED_ROLES:
        return True
    names = _names(element)
    if _is_hidden(element, names):
        return not is_opened_by_click(element)
    return _is_around_text(element, names)


def _is_around_text(element: HtmlElement, names: str) -> bool:
    if (
        _is_tools_furniture(element)
        or _is_edge_of_page(element)
        or _is_below_wiki(element)
        or _is_contents(element)
        or _is_of_index(element)
    ):
        return True
    if element.tag in _CONTAINERS or element.tag == "td":
        return _FURNITURE.search(names) is not None and not (_has_heading(element) or _is_aside(element))
    return element.tag == "p" and _WORD_FURNITURE.search(names) is not None


def _is_tools_furniture(element: HtmlElement) -> bool:
    if element.tag in _HEADINGS:
        return False
    classes = element.get("class") or ""
    is_links = "related-links" in classes.split() and 2 * _n_linked(element) >= _n_letters(element)
    return is_links or _TOOLS_FURNITURE.search(classes) is not None


def _n_linked(element: HtmlElement) -> int:
    return sum(map(_n_letters, element.iter("a")))


def _n_letters(element: HtmlElement) -> int:
    return len("".join(element.text_content().split()))


def _is_edge_of_page(element: HtmlElement) -> bool:
    """Whether it is a header or footer as LibreOffice writes them."""
    return element.tag == "div" and element.get("title") in ("header", "footer")


def _is_contents(element: HtmlElement) -> bool:
    """Whether it is Sphinx's list of a chapter's pages, and not these pages themselves, all in one."""
    if "toctree-wrapper" not in (element.get("class") or "").split():
        return False
    n_in_captions = sum(map(_n_letters, element.xpath("./p[contains(@class, 'caption')]")))
    return _n_linked(element) == _n_letters(element) - n_in_captions


def _is_of_index(element: HtmlElement) -> bool:
    """Whether it is a table of the index that Sphinx makes, or the letter above it."""
    table = element.getnext() if element.tag in _HEADINGS else element
    return table is not None and "indextable" in (table.get("class") or "").split()


def _is_below_wiki(element: HtmlElement) -> bool:
    """Whether it is what Confluence puts below a page: its attachments, its comments."""
    is_section = "pageSection" in (element.get("class") or "").split()
    return is_section and element.xpath("boolean(./*[contains(@class, 'pageSectionHeader')])")


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _has_heading(element: HtmlElement) -> bool:
    """Whether it is a part of the text, its name being that of what it explains."""
    if element.tag == "section" and len(element) and element[0].tag in _HEADINGS:
        return True
    return bool(element.xpath("boolean(.//h1|.//h2|.//h3)"))


def _is_aside(element: HtmlElement) -> bool:
    """Whether a sidebar is a text beside the text, with a title and hardly any links."""
    is_titled = element.xpath("boolean(./*[@class='sidebar-title' or @class='title' or @class='titlepage'])")
    is_text = 2 * _n_linked(element) < _n_letters(element)
    return "sidebar" in (element.get("class") or "").split() and is_titled and is_text


def _is_hidden(element: HtmlElement, names: str) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if element.tag in _CONTAINERS and _HIDDEN_CLASS.search(names):
        return True
    return hides(element.get("style") or "")


def hides(declarations: str) -> bool:
    """Whether an element with these declarations is not to be seen."""
    return _HIDDEN_STYLE.search(declarations) is not None


def is_opened_by_click(element: HtmlElement) -> bool:
    """Whether it is the closed part of an accordion, or a tab that is not in front."""
    names = _names(element)
    if element.tag not in _CONTAINERS and element.tag != "dd":
        return False
    if element.get("role") == "tabpanel" or element.get("data-mc-target-name") is not None:
        return True
    before = element.getprevious()
    follows_opener = before is not None and (
        before.tag in _OPENERS or before.get("aria-expanded") is not None
    )
    return follows_opener or _OPENED_BY_CLICK.search(names) is not None


def _opens_text(button: HtmlElement) -> bool:
    """Whether a button is the heading of an accordion's part and no control."""
    above = button.getparent()
    if above is not None and above.tag in _HEADINGS:
        return True
    is_opener = button.get("aria-expanded") is not None or button.get("aria-controls") is not None
    is_named = _OPENED_BY_CLICK.search(button.get("class") or "") is not None
    return (is_opener or is_named) and len(button.text_content().split()) >= 3


def is_within_sentence(element: HtmlElement) -> bool:
    """Whether it is a button that a sentence names: `Press [Save] to keep it.`"""
    above, before = element.getparent(), element.getprevious()
    text = ((above.text if before is None else before.tail) or "").rstrip()
    behind = (element.tail or "").lstrip()
    is_begun = text[-1:].isalnum() or text.endswith((",", "("))
    return element.tag == "button" and is_begun and (behind[:1].islower() or behind[:1] in tuple(".,;)"))


def tab_label(panel: HtmlElement) -> str:
    """What stands on the tab of a panel; empty if it is no panel, or its tab is not found."""
    is_block = "tabbed-block" in (panel.get("class") or "").split()
    if linked := _label_of_link(panel):
        return linked
    if panel.get("role") != "tabpanel" and not is_block:
        return ""
    named = panel.get("aria-labelledby")
    if named:
        found = panel.xpath("//*[@id=$name]", name=named)
        return found[0].text_content() if found else ""
    above = panel.getparent()
    panels = [child for child in above if child.get("role") == "tabpanel" or is_block]
    tabs = above.getparent().xpath(".//*[@role='tab']|.//*[contains(@class,'tabbed-labels')]/label")
    return tabs[panels.index(panel)].text_content() if len(tabs) == len(panels) else ""


def _label_of_link(panel: HtmlElement) -> str:
    """The words of the one link in a list that opens a panel by its id."""
    name = panel.get("id")
    if not name or _TAB_PANEL.search(panel.get("class") or "") is None:
        return ""
    links = panel.xpath("//li//a[@href=$target]", target=f"#{name}")
    return links[0].text_content() if len(links) == 1 else ""
