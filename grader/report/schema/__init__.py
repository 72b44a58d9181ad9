"""The formats that other programs read, written down so that the tests can hold us to them."""
