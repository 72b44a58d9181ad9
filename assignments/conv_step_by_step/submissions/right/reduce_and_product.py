# functools.reduce, itertools.product, operator.mul, map: as functional as it gets.
import operator
from functools import reduce
from itertools import product, starmap
import numpy as np

def zero_pad(X, pad):
    ring = lambda Y, _: np.pad(Y, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return reduce(ring, range(pad), X)

def conv_single_step(a_slice_prev, W, b):
    products = map(operator.mul, a_slice_prev.flat, W.flat)
    return reduce(operator.add, products, 0.0) + b.flat[0]

def conv_forward(A_prev, W, b, hparameters):
    s, p, f = operator.itemgetter("stride", "pad")(hparameters) + (W.shape[0],)
    P = zero_pad(A_prev, p)
    tops, lefts = range(0, P.shape[1] - f + 1, s), range(0, P.shape[2] - f + 1, s)
    value = lambda i, y, x, c: conv_single_step(P[i, y:y + f, x:x + f], W[..., c], b[..., c])
    flat = list(starmap(value, product(range(len(P)), tops, lefts, range(W.shape[3]))))
    return np.reshape(flat, (len(P), len(tops), len(lefts), W.shape[3])), (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = operator.itemgetter("stride", "pad")(hparameters) + (W.shape[0],)
    P = zero_pad(A_prev, p)
    def add_one(sums, place):
        dP, dW, db = sums
        i, h, w, c = place
        at = (i, slice(h*s, h*s + f), slice(w*s, w*s + f))
        dP[at] += W[..., c]*dZ[place]
        dW[..., c] += P[at]*dZ[place]
        db[..., c] += dZ[place]
        return sums
    start = np.zeros(P.shape), np.zeros(W.shape), np.zeros(b.shape)
    dP, dW, db = reduce(add_one, product(*map(range, dZ.shape)), start)
    return dP[:, p:p + A_prev.shape[1], p:p + A_prev.shape[2]], dW, db
