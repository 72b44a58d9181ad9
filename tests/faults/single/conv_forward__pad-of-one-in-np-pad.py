# function: conv_forward
# misconception: pad-hard-coded
# note: only the call is hard-coded, the sizes use hparameters

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    """window times filter, all added up, plus one bias"""
    return (a_slice_prev*W).sum() + b.item()


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    n_H = 1 + (n_H_prev + 2*pad - f)//stride
    n_W = 1 + (n_W_prev + 2*pad - f)//stride
    A_prev_pad = np.pad(A_prev, ((0, 0), (1, 1), (1, 1), (0, 0)), 'constant')
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    piece = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]
                    Z[i, h, w, c] = np.sum(piece*W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = W.shape[0]
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.sum(dZ, axis=(0, 1, 2)).reshape(1, 1, 1, n_C)
    for i in range(m):
        da = np.zeros((n_H_prev + 2*pad, n_W_prev + 2*pad, n_C_prev))
        for h in range(n_H):
            for w in range(n_W):
                top, left = h*stride, w*stride
                da[top:top + f, left:left + f] += np.sum(W * dZ[i, h, w], axis=3)
                dW += A_prev_pad[i, top:top + f, left:left + f, :, None] * dZ[i, h, w]
        dA_prev[i] = da[pad:pad + n_H_prev, pad:pad + n_W_prev]
    return dA_prev, dW, db
