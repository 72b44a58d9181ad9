# function: zero_pad
# misconception: pads-one-side
# note: as many zeros as there should be, all of them on one side

import numpy as np

def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (0, 2*pad), (0, 2*pad), (0, 0)))
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return np.squeeze(Z)


def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = int(((n_H_prev - f + (2 * pad))/stride) + 1)
    n_W = int(((n_W_prev - f + (2 * pad))/stride) + 1)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):                      # examples
        for h in range(n_H):                # rows
            for w in range(n_W):            # columns
                for c in range(n_C):        # filters
                    v = h*stride
                    u = w*stride
                    Z[i, h, w, c] = conv_single_step(A_prev_pad[i, v:v+f, u:u+f, :], W[:,:,:,c], b[:,:,:,c])
    assert(Z.shape == (m, n_H, n_W, n_C))
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
