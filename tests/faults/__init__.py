"""Programs as hundreds of students would write them, with the truth about each in its header."""
