# as_strided: the window tensor is built from the strides of the padded array by hand.
import numpy as np
from numpy.lib import stride_tricks

def zero_pad(X, pad):
    out = np.zeros((X.shape[0], X.shape[1] + 2*pad, X.shape[2] + 2*pad, X.shape[3]), X.dtype)
    out[:, pad:out.shape[1] - pad, pad:out.shape[2] - pad, :] = X
    return out

def conv_single_step(a_slice_prev, W, b):
    Z = np.add.reduce((a_slice_prev * W).ravel())
    return Z + float(np.squeeze(b))

def patches(P, f, s):
    m, H, W_, C = P.shape
    nh, nw = (H - f)//s + 1, (W_ - f)//s + 1
    sm, sh, sw, sc = P.strides
    return stride_tricks.as_strided(P, (m, nh, nw, f, f, C), (sm, sh*s, sw*s, sh, sw, sc), writeable=False)

def conv_forward(A_prev, W, b, hparameters):
    P = np.ascontiguousarray(zero_pad(A_prev, hparameters['pad']))
    Z = np.tensordot(patches(P, W.shape[0], hparameters['stride']), W, 3) + b
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = np.ascontiguousarray(zero_pad(A_prev, p))
    dW = np.tensordot(patches(P, f, s), dZ, axes=([0, 1, 2], [0, 1, 2]))
    dP = np.zeros(P.shape)
    _, nh, nw, _ = dZ.shape
    for u in range(f):
        for v in range(f):
            dP[:, u:u + s*nh:s, v:v + s*nw:s, :][:, :nh, :nw] += dZ @ W[u, v].T
    H, W_ = A_prev.shape[1], A_prev.shape[2]
    db = np.sum(dZ, axis=(0, 1, 2), keepdims=True)
    return dP[:, p:p + H, p:p + W_, :], dW, db
