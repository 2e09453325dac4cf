Status text with escapes never reaches a terminal raw, however it is asked for
source: interface.md; CVE-2003-0063 (terminal escapes in logs)

  $ boot
  $ seen() { [[ $(field w status_text) == *owned* ]]; }; until_true seen
  $ novasup ps --no-headers | grep -c "$(printf '\033')"; novasup status w | grep -c "$(printf '\033')"; novasup ps -o json | grep -c "$(printf '\033')"
  0
  0
  0
  [1]
  $ novasup ps --no-headers | sed 's/.*-  //'
  \\x1b]0;owned\\x07 red\\x0d back  tab \\u{202e} rtl \\x9b31m c1 \xc3\xbcn\xc3\xaf \xe6\xbc\xa2\xe5\xad\x97 (esc)
