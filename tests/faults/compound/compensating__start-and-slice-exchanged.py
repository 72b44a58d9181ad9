# function: conv_forward
# misconceptions: height-and-width-swapped
# compensating: yes
# right: conv_forward
# wrong: none
# note: the names are exchanged twice

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
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    n_H = int((n_H_prev - f + 2*pad)/stride) + 1
    n_W = int((n_W_prev - f + 2*pad)/stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = w*stride
                    vert_end = vert_start + f
                    horiz_start = h*stride
                    horiz_end = horiz_start + f
                    a_slice_prev = A_prev_pad[i, horiz_start:horiz_end, vert_start:vert_end, :]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])
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
