# function: conv_forward
# misconceptions: pad-skipped, bias-added-before-sum
# also: output-size-pad-miscounted

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters['stride']
    f, n_C = W.shape[0], W.shape[3]
    m, H, Wd, _ = A_prev.shape
    n_H, n_W = (H - f)//stride + 1, (Wd - f)//stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    window = A_prev[i, h*stride:h*stride+f, w*stride:w*stride+f]
                    Z[i, h, w, c] = np.sum(np.multiply(window, W[..., c]) + b[0, 0, 0, c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    H, Wd = A_prev.shape[1:3]
    padded = zero_pad(A_prev, p)
    dpadded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            g = dZ[:, h, w, :]
            dpadded[:, h*s:h*s+f, w*s:w*s+f, :] += np.tensordot(g, W, axes=(1, 3))
            dW += np.tensordot(padded[:, h*s:h*s+f, w*s:w*s+f, :], g, axes=(0, 0))
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    return dpadded[:, p:p+H, p:p+Wd, :], dW, db
