# function: conv_forward
# misconceptions: bias-wrong-operation, kernel-transposed
# also: trace-of-matrix-product

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return np.squeeze(Z)


def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, pad)
    n_H, n_W = (X.shape[1] - f)//stride + 1, (X.shape[2] - f)//stride + 1
    Wt = np.transpose(W, (1, 0, 2, 3))
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w] = np.tensordot(X[:, h*stride:h*stride+f, w*stride:w*stride+f], Wt, 3) - b[0, 0, 0]
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
