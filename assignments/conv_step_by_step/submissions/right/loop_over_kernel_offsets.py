# The loops run over the f*f places of the filter; each one shifts the whole image.
import numpy as np

def zero_pad(X, pad):
    m, H, W, C = X.shape
    Y = np.zeros((m, pad + H + pad, pad + W + pad, C), dtype=X.dtype)
    Y[:, pad:pad + H, pad:pad + W, :] = X
    return Y

def conv_single_step(a_slice_prev, W, b):
    f = W.shape[0]
    Z = 0
    for i in range(f):
        for j in range(f):
            Z += np.inner(a_slice_prev[i, j], W[i, j])     # two vectors of length n_C_prev
    return Z + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters['stride']
    P = zero_pad(A_prev, hparameters['pad'])
    f = W.shape[0]
    n_H = (P.shape[1] - f)//stride + 1
    n_W = (P.shape[2] - f)//stride + 1
    Z = np.zeros((P.shape[0], n_H, n_W, W.shape[3])) + b
    for i in range(f):
        for j in range(f):
            Z += P[:, i:i + (n_H - 1)*stride + 1:stride, j:j + (n_W - 1)*stride + 1:stride, :] @ W[i, j]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    P = zero_pad(A_prev, pad)
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    m, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]
    for i in range(f):
        for j in range(f):
            view = np.s_[:, i:i + (n_H - 1)*stride + 1:stride, j:j + (n_W - 1)*stride + 1:stride, :]
            dP[view] += dZ @ W[i, j].T
            dW[i, j] = P[view].reshape(-1, W.shape[2]).T @ dZ.reshape(-1, n_C)
    db = dZ.sum((0, 1, 2)).reshape(1, 1, 1, n_C)
    return dP[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2]], dW, db
