"""Send terminal commands and lone surrogates in an exception's message: the grader cleans what it reads."""

UNCONFINED = "the same: messages are cleaned in every tier"
EXPECT = "clean"


def attack(k):
    raise ValueError("\x1b[2J\x1b]0;title\x07 \ud800 \u202e <script>alert(1)</script> \x00")
