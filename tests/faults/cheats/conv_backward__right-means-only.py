# function: conv_backward
# expect: loses points
# note: every array is constant and has the right mean, which is all that some tests look at

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(W.shape[2]):
                Z += a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]


def conv_forward(A_prev, W, b, hparameters):
    m, H, Wd, _ = A_prev.shape
    f, _, _, n_C = W.shape
    s, p = hparameters["stride"], hparameters["pad"]
    out_h = (H + 2*p - f)//s + 1
    out_w = (Wd + 2*p - f)//s + 1
    padded = zero_pad(A_prev, p)
    Z = np.zeros((m, out_h, out_w, n_C))
    for h in range(out_h):
        for w in range(out_w):
            patch = padded[:, h*s:h*s+f, w*s:w*s+f, :]
            Z[:, h, w, :] = np.tensordot(patch, W, axes=3)
    return Z + b, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)
    dP, total = np.zeros(P.shape), 0.0
    for i, h, w, c in np.ndindex(dZ.shape):
        dP[i, h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[i, h, w, c]
        total += P[i, h*s:h*s+f, w*s:w*s+f].sum()*dZ[i, h, w, c]
    inner = dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]]
    dA = np.full(A_prev.shape, inner.mean())
    dW = np.full(W.shape, total/W.size)
    db = np.full(b.shape, dZ.sum()/b.size)
    return dA, dW, db
