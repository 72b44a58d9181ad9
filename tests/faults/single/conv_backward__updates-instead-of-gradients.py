# function: conv_backward
# misconception: none
# note: returns A, W and b after a gradient step

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return np.squeeze(Z)


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
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            dP[:, h*s:h*s+f, w*s:w*s+f] += np.tensordot(dZ[:, h, w], W, (1, 3))
            dW += np.tensordot(P[:, h*s:h*s+f, w*s:w*s+f], dZ[:, h, w], (0, 0))
    db = dZ.sum((0, 1, 2), keepdims=True)
    learning_rate = 0.5
    return dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], W - learning_rate*dW, b - learning_rate*db
