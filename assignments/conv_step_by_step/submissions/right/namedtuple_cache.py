# The cache is a namedtuple (a tuple, with names), with a fifth field behind the four usual ones.
from collections import namedtuple
from dataclasses import dataclass
import numpy as np

ConvCache = namedtuple("ConvCache", "A_prev W b hparameters padded_shape")

@dataclass
class Geometry:
    f: int
    stride: int
    pad: int

    def out(self, n):
        return (n - self.f + 2*self.pad)//self.stride + 1

    def cut(self, array, i, h, w):
        return array[i, h*self.stride:h*self.stride + self.f, w*self.stride:w*self.stride + self.f, :]

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + b.ravel()          # shape (1,)

def conv_forward(A_prev, W, b, hparameters):
    geo = Geometry(W.shape[0], **hparameters)
    A_prev_pad = zero_pad(A_prev, geo.pad)
    Z = np.zeros((A_prev.shape[0], geo.out(A_prev.shape[1]), geo.out(A_prev.shape[2]), W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        Z[i, h, w, c] = conv_single_step(geo.cut(A_prev_pad, i, h, w), W[..., c], b[..., c])[0]
    return Z, ConvCache(A_prev, W, b, hparameters, A_prev_pad.shape)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters, *_ = cache
    geo = Geometry(f=W.shape[0], stride=hparameters["stride"], pad=hparameters["pad"])
    A_prev_pad = zero_pad(A_prev, geo.pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        g = dZ[i, h, w, c]
        view = geo.cut(dA_prev_pad, i, h, w)
        view += g*W[..., c]
        dW[..., c] += g*geo.cut(A_prev_pad, i, h, w)
        db[..., c] += g
    p = geo.pad
    return dA_prev_pad[:, p:p + A_prev.shape[1], p:p + A_prev.shape[2], :], dW, db
