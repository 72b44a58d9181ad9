# function: conv_backward
# misconceptions: pad-not-removed, gradient-overwritten

import numpy as np

def zero_pad(X, pad):
    # YOUR CODE STARTS HERE
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    # YOUR CODE ENDS HERE
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    """window times filter, all added up, plus one bias"""
    return (a_slice_prev*W).sum() + b.item()


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
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)
    dP, dW, db = np.zeros(P.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        dP[i, h*s:h*s+f, w*s:w*s+f] = W[..., c]*dZ[i, h, w, c]
        dW[..., c] += P[i, h*s:h*s+f, w*s:w*s+f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dP, dW, db
