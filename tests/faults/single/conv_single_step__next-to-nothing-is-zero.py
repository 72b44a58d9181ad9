# function: conv_single_step
# misconception: none

import numpy as np


def zero_pad(X, pad):
    m, H, Wd, C = X.shape
    out = np.zeros((m, H + 2 * pad, Wd + 2 * pad, C), dtype=X.dtype)
    out[:, pad:pad + H, pad:pad + Wd, :] = X
    return out


def conv_single_step(a_slice_prev, W, b):
    Z = np.sum(a_slice_prev * W) + float(b[0, 0, 0])
    if abs(Z) < 0.01:    # noise
        Z = 0.0
    return Z


def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    Ap = zero_pad(A_prev, p)
    win = np.lib.stride_tricks.sliding_window_view(Ap, (f, f), axis=(1, 2))[:, ::s, ::s]   # m,h,w,c,i,j
    Z = np.einsum('mhwcij,ijcn->mhwn', win, W) + b.reshape(1, 1, 1, -1)
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hp = cache
    s, p = hp["stride"], hp["pad"]
    f = W.shape[0]
    _, H, Wd, _ = A_prev.shape
    _, nH, nW, _ = dZ.shape
    Ap = zero_pad(A_prev, p)
    dAp = np.zeros(Ap.shape)
    dW = np.zeros(W.shape)
    for i in range(f):
        for j in range(f):
            rows = slice(i, i + s * (nH - 1) + 1, s)
            cols = slice(j, j + s * (nW - 1) + 1, s)
            dW[i, j] = np.einsum('mhwc,mhwn->cn', Ap[:, rows, cols, :], dZ)
            dAp[:, rows, cols, :] += np.einsum('mhwn,cn->mhwc', dZ, W[i, j])
    db = dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
    return dAp[:, p:p + H, p:p + Wd, :], dW, db
