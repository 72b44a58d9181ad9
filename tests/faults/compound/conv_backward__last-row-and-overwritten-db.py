# function: conv_backward
# misconceptions: last-position-skipped, gradient-overwritten

import numpy as np

def zero_pad(X, pad):
    # YOUR CODE STARTS HERE
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    # YOUR CODE ENDS HERE
    return X_pad


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
    m, n_H, n_W, n_C = dZ.shape
    P = zero_pad(A_prev, p)
    dP, dW, db = np.zeros(P.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W - 1):
                for c in range(n_C):
                    dP[i, h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[i, h, w, c]
                    dW[..., c] += P[i, h*s:h*s+f, w*s:w*s+f]*dZ[i, h, w, c]
                    db[..., c] = dZ[i, h, w, c]
    return dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, db
