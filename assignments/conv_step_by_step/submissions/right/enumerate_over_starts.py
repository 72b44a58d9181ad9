# for h, top in enumerate(range(0, ..., stride)): the range steps by the stride, the counter stores.
import numpy as np
import math

def zero_pad(X, pad):
    out = np.zeros(tuple(n + 2*pad if ax in (1, 2) else n for ax, n in enumerate(X.shape)))
    out[:, pad:pad + X.shape[1], pad:pad + X.shape[2]] = X
    return out

def conv_single_step(a_slice_prev, W, b):
    return math.fsum((a_slice_prev * W).ravel()) + float(b.ravel()[0])

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f, n_C = W.shape[0], W.shape[3]
    A = zero_pad(A_prev, pad)
    n_H = math.floor((A_prev.shape[1] - f + 2*pad)/stride + 1)
    n_W = math.floor((A_prev.shape[2] - f + 2*pad)/stride + 1)
    Z = np.zeros((A_prev.shape[0], n_H, n_W, n_C))
    for i, image in enumerate(A):
        for h, top in enumerate(range(0, A.shape[1] - f + 1, stride)):
            for w, left in enumerate(range(0, A.shape[2] - f + 1, stride)):
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(image[top:top + f, left:left + f], W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    A = zero_pad(A_prev, pad)
    dA = 0.0*A
    dW = np.zeros_like(W)
    for h, top in enumerate(range(0, A.shape[1] - f + 1, stride)):
        for w, left in enumerate(range(0, A.shape[2] - f + 1, stride)):
            for i in range(A.shape[0]):
                for c, g in enumerate(dZ[i, h, w]):
                    dA[i, top:top + f, left:left + f] += g*W[:, :, :, c]
                    dW[:, :, :, c] += g*A[i, top:top + f, left:left + f]
    db = np.zeros((1, 1, 1, dZ.shape[-1]))
    db[:] = dZ.sum(axis=(0, 1, 2))
    rows = list(range(pad, pad + A_prev.shape[1]))
    cols = list(range(pad, pad + A_prev.shape[2]))
    return dA[:, rows][:, :, cols], dW, db
