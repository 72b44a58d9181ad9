# function: conv_backward
# misconception: gradient-reset-in-loop
# note: only dW is cleared, db is summed rightly

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
    stride, pad = hparameters['stride'], hparameters['pad']
    f, n_C = W.shape[0], W.shape[3]
    A_prev_pad = zero_pad(A_prev, pad)
    n_H = int(np.floor((A_prev.shape[1] + 2*pad - f)/stride)) + 1
    n_W = int(np.floor((A_prev.shape[2] + 2*pad - f)/stride)) + 1
    Z = np.zeros((A_prev.shape[0], n_H, n_W, n_C))
    for i in range(Z.shape[0]):
        for h in range(n_H):
            for w in range(n_W):
                window = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    dA = np.zeros(A_prev.shape)
    db = np.zeros(b.shape)
    dW = np.zeros(W.shape)
    for i in range(len(dZ)):
        a = zero_pad(A_prev[i:i+1], p)[0]
        da = np.zeros(a.shape)
        dW.fill(0)
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                da[h*s:h*s+f, w*s:w*s+f] += (W*dZ[i, h, w]).sum(axis=3)
                dW += a[h*s:h*s+f, w*s:w*s+f, :, None]*dZ[i, h, w]
                db += dZ[i, h, w]
        dA[i] = da[p:p+A_prev.shape[1], p:p+A_prev.shape[2]]
    return dA, dW, db
