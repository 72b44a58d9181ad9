# function: conv_backward
# misconception: only-first-image
# note: a_slice from image 0, dA rightly per image

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


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
    a_prev_pad = zero_pad(A_prev, p)[0]
    dA_prev_pad = np.zeros((A_prev.shape[0],) + a_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        a_slice = a_prev_pad[h*s:h*s+f, w*s:w*s+f]
        dA_prev_pad[i, h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += a_slice*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dA_prev_pad[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, db
