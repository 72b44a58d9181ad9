# function: conv_backward
# misconceptions: pad-hard-coded, minus-pad-slice-empty
# note: pads with 1, cuts pad:-pad

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
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
    (A_prev, W, b, hparameters) = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    A_prev_pad = np.pad(A_prev, ((0, 0), (1, 1), (1, 1), (0, 0)))
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        dA_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += A_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dA_prev_pad[:, pad:-pad, pad:-pad, :], dW, db
