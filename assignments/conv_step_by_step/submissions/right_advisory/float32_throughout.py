# Right, but everything is cast to float32 on the way in, as one does on a GPU. Advisory only.
import numpy as np

DTYPE = np.float32

def zero_pad(X, pad):
    m, H, W, C = X.shape
    out = np.zeros((m, H + 2*pad, W + 2*pad, C), DTYPE)
    out[:, pad:pad + H, pad:pad + W] = X
    return out

def conv_single_step(a_slice_prev, W, b):
    return np.vdot(a_slice_prev.astype(DTYPE), W.astype(DTYPE)) + b.astype(DTYPE)[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    s, f = hparameters['stride'], W.shape[0]
    X, K = zero_pad(A_prev, hparameters['pad']), W.astype(DTYPE)
    n_H, n_W = (X.shape[1] - f)//s + 1, (X.shape[2] - f)//s + 1
    Z = np.empty((len(X), n_H, n_W, K.shape[3]), DTYPE)
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w] = np.tensordot(X[:, h*s:h*s + f, w*s:w*s + f], K, 3) + b[0, 0].astype(DTYPE)
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X, K, D = zero_pad(A_prev, p), W.astype(DTYPE), dZ.astype(DTYPE)
    dX, dK = np.zeros_like(X), np.zeros_like(K)
    for h in range(D.shape[1]):
        for w in range(D.shape[2]):
            dX[:, h*s:h*s + f, w*s:w*s + f] += np.tensordot(D[:, h, w], K, (1, 3))
            dK += np.tensordot(X[:, h*s:h*s + f, w*s:w*s + f], D[:, h, w], (0, 0))
    return dX[:, p:p + A_prev.shape[1], p:p + A_prev.shape[2]], dK, D.sum(axis=(0, 1, 2), keepdims=True)
