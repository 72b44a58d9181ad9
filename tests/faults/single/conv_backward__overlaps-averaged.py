# function: conv_backward
# misconception: none
# note: dA is divided by the number of windows that see the pixel

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(W.shape[2]):
                Z += a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]


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
    seen = np.zeros(P.shape)
    for i in range(dZ.shape[0]):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                seen[i, h*s:h*s+f, w*s:w*s+f] += 1
                for c in range(dZ.shape[3]):
                    dP[i, h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[i, h, w, c]
                    dW[..., c] += P[i, h*s:h*s+f, w*s:w*s+f]*dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
    dP = dP/np.maximum(seen, 1)
    return dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, db
