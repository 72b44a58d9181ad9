# function: conv_backward
# misconceptions: pad-removed-at-the-corner, db-averaged

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
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
    P = zero_pad(A_prev, p)
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            dP[:, h*s:h*s+f, w*s:w*s+f] += np.einsum('mc,ijkc->mijk', dZ[:, h, w], W)
            dW += np.einsum('mijk,mc->ijkc', P[:, h*s:h*s+f, w*s:w*s+f], dZ[:, h, w])
    return dP[:, :A_prev.shape[1], :A_prev.shape[2]], dW, dZ.mean(axis=(0, 1, 2), keepdims=True)
