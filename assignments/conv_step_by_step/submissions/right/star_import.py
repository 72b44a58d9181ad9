# from numpy import *: sum, pad-less names, zeros, multiply ... all without a prefix.
from numpy import *
import numpy

def zero_pad(X, pad):
    return numpy.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    s = multiply(a_slice_prev, W)
    Z = sum(s)
    Z = add(Z, squeeze(b))
    return Z

def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, n_C_prev) = shape(A_prev)
    (f, f, n_C_prev, n_C) = shape(W)
    stride = hparameters['stride']
    pad = hparameters['pad']
    n_H = int(floor((n_H_prev + 2*pad - f)/stride)) + 1
    n_W = int(floor((n_W_prev + 2*pad - f)/stride)) + 1
    Z = zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in arange(m):
        for h in arange(n_H):
            for w in arange(n_W):
                for c in arange(n_C):
                    a = A_prev_pad[i, stride*h:stride*h + f, stride*w:stride*w + f, :]
                    Z[i, h, w, c] = conv_single_step(a, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    dpadded, dW = zeros(shape(padded)), zeros(shape(W))
    (m, n_H, n_W, n_C) = shape(dZ)
    for i in arange(m):
        for h in arange(n_H):
            for w in arange(n_W):
                for c in arange(n_C):
                    dpadded[i, stride*h:stride*h + f, stride*w:stride*w + f, :] += dZ[i, h, w, c]*W[:, :, :, c]
                    dW[:, :, :, c] += dZ[i, h, w, c]*padded[i, stride*h:stride*h + f, stride*w:stride*w + f, :]
    db = sum(dZ, axis=(0, 1, 2), keepdims=True)
    return dpadded[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2], :], dW, db
