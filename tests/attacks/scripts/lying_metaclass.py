"""Return an object whose class makes up its name and its type: type() cannot be deceived."""

UNCONFINED = "the same: values are rebuilt as plain data in every tier"
EXPECT = "opaque"


class Liar(type):
    __name__ = "ndarray"

    def __subclasscheck__(cls, other):
        return True

    def __instancecheck__(cls, other):
        return True


class Value(metaclass=Liar):
    __class__ = float
    __module__ = "numpy"


def attack(k):
    return Value()
