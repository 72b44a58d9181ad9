# function: conv_forward
# misconceptions: kernel-flipped, bias-missing

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, pad)
    n_H, n_W = (P.shape[1] - f)//stride + 1, (P.shape[2] - f)//stride + 1
    Z = np.zeros((P.shape[0], n_H, n_W, W.shape[3]))
    for u in range(f):
        for v in range(f):
            part = P[:, u:u + stride*(n_H - 1) + 1:stride, v:v + stride*(n_W - 1) + 1:stride]
            Z += part @ W[f - 1 - u, f - 1 - v]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = W.shape[0]
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.sum(dZ, axis=(0, 1, 2)).reshape(1, 1, 1, n_C)
    for i in range(m):
        da = np.zeros((n_H_prev + 2*pad, n_W_prev + 2*pad, n_C_prev))
        for h in range(n_H):
            for w in range(n_W):
                top, left = h*stride, w*stride
                da[top:top + f, left:left + f] += np.sum(W * dZ[i, h, w], axis=3)
                dW += A_prev_pad[i, top:top + f, left:left + f, :, None] * dZ[i, h, w]
        dA_prev[i] = da[pad:pad + n_H_prev, pad:pad + n_W_prev]
    return dA_prev, dW, db
