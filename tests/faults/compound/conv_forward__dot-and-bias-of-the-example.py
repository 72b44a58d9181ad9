# function: conv_forward
# misconceptions: matrix-product, wrong-bias-for-filter

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f, _, C, n_C = W.shape
    X = zero_pad(A_prev, pad)
    n_H, n_W = (X.shape[1] - f)//stride + 1, (X.shape[2] - f)//stride + 1
    Z = np.zeros((len(X), n_H, n_W, n_C))
    for i in range(len(X)):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    total = 0
                    for k in range(C):
                        total += np.dot(X[i, h*stride:h*stride+f, w*stride:w*stride+f, k], W[:, :, k, c]).sum()
                    Z[i, h, w, c] = total + b[0, 0, 0, i % n_C]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    # own padding here, no helper needed
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    widths = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    A_prev_pad = np.pad(A_prev, widths)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(dZ.shape[0]):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    grad = dZ[i, h, w, c]
                    dA_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f] += grad*W[..., c]
                    dW[..., c] += grad*A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]
                    db[0, 0, 0, c] += grad
    if pad == 0:
        dA_prev = dA_prev_pad
    else:
        dA_prev = dA_prev_pad[:, pad:-pad, pad:-pad, :]
    return dA_prev, dW, db
