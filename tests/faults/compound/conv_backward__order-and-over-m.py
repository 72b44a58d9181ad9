# function: conv_backward
# misconceptions: return-order, divided-by-batch-size

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


# GRADED FUNCTION: conv_single_step

def conv_single_step(a_slice_prev, W, b):
    ### START CODE HERE ### (≈ 2 lines of code)
    s = np.multiply(a_slice_prev, W)
    Z = np.sum(s)
    Z = Z + float(b)
    ### END CODE HERE ###
    return Z


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
    P, m = zero_pad(A_prev, p), len(dZ)
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            dP[:, h*s:h*s+f, w*s:w*s+f] += np.tensordot(dZ[:, h, w], W, (1, 3))
            dW += np.tensordot(P[:, h*s:h*s+f, w*s:w*s+f], dZ[:, h, w], (0, 0))
    db = dZ.sum((0, 1, 2), keepdims=True)
    return dW/m, db/m, dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]]
