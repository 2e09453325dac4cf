"""The page for eyes, keys and screen readers, wide and narrow, in both themes."""

from harness import NEVER, sh, steady, until
from pages import PageTest


class ForEverybody(PageTest):
    def pages(self, edge):
        return [edge.origin + "/" + place for place in ("", "#/worker/a", "#/decisions", "#/alerts", "#/events")]

    def test_it_fits_wide_and_narrow_in_both_themes(self):
        s, edge, b = self.page({"a": steady(), "crasher": sh("exit 3", backoff=NEVER), "long-" + "x" * 58: steady()})
        for width in (1440, 1024, 390):
            for dark in (False, True):
                b.size(width, 900, dark)
                for url in self.pages(edge):
                    b.open(url)
                    until(lambda: b.script("return [...document.querySelectorAll('.page')].some((p) => !p.hidden)"), url)
                    wide = b.script("return document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, width, f"{url} at {width}")
                low = b.script(CONTRAST)
                self.assertEqual(low, [], f"text that is hard to read at {width}, {'dark' if dark else 'light'}")

    def test_it_works_by_keys_alone(self):
        s, edge, b = self.page({"a": steady(), "b": steady(), "c": steady()})
        until(lambda: self.row("c@1"), "rows are there")
        b.script("document.querySelector('.rows .row[tabindex=\"0\"]').focus()")
        first = b.script("return document.activeElement.dataset.target")
        b.press("ArrowDown")
        second = b.script("return document.activeElement.dataset.target")
        self.assertNotEqual(first, second)
        b.press("End")
        last = b.script("return document.activeElement.dataset.target")
        b.press("Home")
        self.assertEqual(b.script("return document.activeElement.dataset.target"), first)
        b.press("End", "Enter")
        until(lambda: b.text("#page-worker h1") == last.split("@")[0], "Enter opens it")
        b.press("g", "f")
        until(lambda: b.script("return !document.getElementById('page-fleet').hidden"), "g f leads to the fleet")
        b.press("/")
        self.assertEqual(b.script("return document.activeElement.id"), "search")
        b.press("a")
        b.script("document.querySelector('.rows .row').focus()")
        b.press("a")
        until(lambda: b.all(".menu"), "a opens the actions")
        self.assertEqual(b.script("return document.activeElement.getAttribute('role')"), "menuitem")
        b.press("Escape")
        self.assertFalse(b.all(".menu"))

    def test_a_screen_reader_finds_a_name_for_everything(self):
        s, edge, b = self.page({"a": steady(), "b": sh("exit 3", backoff=NEVER)})
        for url in self.pages(edge):
            b.open(url)
            until(lambda: b.script("return [...document.querySelectorAll('.page')].some((p) => !p.hidden)"), url)
            tree = b.command("Accessibility.getFullAXTree")["nodes"]
            nameless = [node["role"]["value"] for node in tree if not node.get("ignored")
                        and node.get("role", {}).get("value") in ("button", "link", "textbox", "searchbox", "combobox", "img", "table")
                        and not node.get("name", {}).get("value")]
            self.assertEqual(nameless, [], url)
        roles = [node["role"]["value"] for node in tree if not node.get("ignored") and "role" in node]
        self.assertIn("main", roles)
        self.assertIn("banner", roles)
        b.open(edge.origin + "/")
        until(lambda: self.row("a@1"), "rows are there")
        roles = [node["role"]["value"] for node in b.command("Accessibility.getFullAXTree")["nodes"] if "role" in node]
        for role in ("table", "row", "cell", "columnheader", "heading", "status"):
            self.assertIn(role, roles)


# Text whose contrast with what is behind it is below WCAG's 4.5.
CONTRAST = """
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return text.startsWith("color(") ? [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1] : [n[0], n[1], n[2], n[3] ?? 1]; };
  const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const behind = (element) => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.8) return c; } return [255, 255, 255, 1]; };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility() || element.closest(".visually-hidden, .skip, canvas, svg, :disabled")) continue;
    if (![...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = light(parse(getComputedStyle(element).color)), b = light(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName}.${element.className} "${element.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
  }
  return [...new Set(low)];
"""
