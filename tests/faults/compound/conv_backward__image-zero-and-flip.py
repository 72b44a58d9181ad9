# function: conv_backward
# misconceptions: only-first-image, kernel-flipped

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


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
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)
    dP, dW, db = np.zeros(P.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        dP[i, h*s:h*s+f, w*s:w*s+f] += W[::-1, ::-1, :, c]*dZ[i, h, w, c]
        dW[..., c] += P[0, h*s:h*s+f, w*s:w*s+f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, db
