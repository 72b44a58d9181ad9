# sliding_window_view instead of loops over pixels, thinned out by the stride.
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

def zero_pad(X, pad):
    return np.pad(X, ((0,)*2, (pad,)*2, (pad,)*2, (0,)*2))

def conv_single_step(a_slice_prev, W, b):
    return (a_slice_prev*W).sum() + b.reshape(-1)[0]

def _windows(A, f, stride, pad):
    view = sliding_window_view(zero_pad(A, pad), (f, f), axis=(1, 2))
    return view[:, ::stride, ::stride]          # (m, n_H, n_W, C, f, f)

def conv_forward(A_prev, W, b, hparameters):
    wins = _windows(A_prev, W.shape[0], hparameters["stride"], hparameters["pad"])
    Z = np.einsum("mhwkij,ijkc->mhwc", wins, W) + b
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    wins = _windows(A_prev, f, stride, pad)
    dW = np.einsum("mhwkij,mhwc->ijkc", wins, dZ)
    db = dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
    m, H, Wi, C = A_prev.shape
    dpad = np.zeros((m, H + 2*pad, Wi + 2*pad, C))
    writable = sliding_window_view(dpad, (f, f), axis=(1, 2), writeable=True)[:, ::stride, ::stride]
    # windows overlap, so one offset inside the filter at a time
    for i in range(f):
        for j in range(f):
            writable[..., i, j] += np.einsum("mhwc,kc->mhwk", dZ, W[i, j])
    return dpad[:, pad:pad + H, pad:pad + Wi], dW, db
