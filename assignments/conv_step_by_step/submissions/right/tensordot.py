# np.tensordot contracts the three window axes at once; all windows of one place in one call.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, [(0, 0), (pad, pad), (pad, pad), (0, 0)], mode="constant")

def conv_single_step(a_slice_prev, W, b):
    return float(np.tensordot(a_slice_prev, W, axes=3) + b[0, 0, 0])

def conv_forward(A_prev, W, b, hparameters):
    (m, H, Wd, _), (f, _, _, K) = A_prev.shape, W.shape
    s = hparameters["stride"]
    p = hparameters["pad"]
    out_h, out_w = int(np.floor((H - f + 2*p)/s)) + 1, int(np.floor((Wd - f + 2*p)/s)) + 1
    X = zero_pad(A_prev, p)
    Z = np.zeros((m, out_h, out_w, K))
    for y in range(out_h):
        for x in range(out_w):
            Z[:, y, x, :] = np.tensordot(X[:, y*s:y*s + f, x*s:x*s + f, :], W, axes=([1, 2, 3], [0, 1, 2]))
    Z += b
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hp = cache
    s, p, f = hp["stride"], hp["pad"], W.shape[0]
    X = zero_pad(A_prev, p)
    dX = np.zeros(X.shape, dtype=np.float64)
    dW = np.zeros(W.shape)
    for y in range(dZ.shape[1]):
        for x in range(dZ.shape[2]):
            g = dZ[:, y, x, :]                                  # (m, n_C)
            dX[:, y*s:y*s + f, x*s:x*s + f, :] += np.tensordot(g, W, axes=(1, 3))
            dW += np.tensordot(X[:, y*s:y*s + f, x*s:x*s + f, :], g, axes=(0, 0))
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    H, Wd = A_prev.shape[1:3]
    return dX[:, p:p + H, p:p + Wd, :], dW, db
