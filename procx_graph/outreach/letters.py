"""What words are made of in the scripts we write."""

import re
import unicodedata

JOINERS = "\u200c\u200d"
"""Zero-width non-joiner and joiner: hidden, and part of Indic spelling."""

MARKS = re.escape(
    "".join(char for char in map(chr, range(0x300, 0xE00)) if unicodedata.category(char)[0] == "M")
)
"""Marks of the European, Middle Eastern and Indian blocks, for use inside a character class."""

LETTER = rf"[\w{MARKS}]"
"""A character of a word. `\\w` and `\\b` alone stop at the vowel signs of Indic scripts."""
