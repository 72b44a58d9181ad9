# function: conv_single_step
# misconception: last-position-skipped
# note: range(f - 1) over the rows of the filter

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    f = W.shape[0]
    Z = float(b)
    for i in range(f - 1):
        for j in range(f):
            Z += np.sum(a_slice_prev[i, j]*W[i, j])
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
    ### START CODE HERE ###
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    (m, n_H, n_W, n_C) = dZ.shape

    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros((f, f, n_C_prev, n_C))
    db = np.zeros((1, 1, 1, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)

    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        da_prev_pad = dA_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        dA_prev[i, :, :, :] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    ### END CODE HERE ###
    return dA_prev, dW, db
