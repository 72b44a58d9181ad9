# Builds the convolution as one matrix M (image vector in, output vector out); the gradient is its transpose.
import numpy as np

def zero_pad(X, pad):
    # padding as matrices too: S has ones where pixels land
    def S(n):
        M = np.zeros((n + 2*pad, n))
        M[pad + np.arange(n), np.arange(n)] = 1
        return M
    return np.einsum('yh,xw,mhwc->myxc', S(X.shape[1]), S(X.shape[2]), X)

def conv_single_step(a_slice_prev, W, b):
    return np.sum(np.diag(np.outer(a_slice_prev, W))) + b[0, 0, 0]

def big_matrix(W, H, Wd, hparameters):
    f, _, C, n_C = W.shape
    s, p = hparameters['stride'], hparameters['pad']
    n_H, n_W = (H - f + 2*p)//s + 1, (Wd - f + 2*p)//s + 1
    M = np.zeros((n_H, n_W, n_C, H + 2*p, Wd + 2*p, C))
    for h in range(n_H):
        for w in range(n_W):
            M[h, w, :, h*s:h*s + f, w*s:w*s + f, :] = np.moveaxis(W, 3, 0)
    M = M[:, :, :, p:p + H, p:p + Wd, :]           # columns of border pixels only ever meet zeros
    return M.reshape(n_H*n_W*n_C, H*Wd*C), (n_H, n_W, n_C)

def conv_forward(A_prev, W, b, hparameters):
    m, H, Wd, C = A_prev.shape
    M, shape = big_matrix(W, H, Wd, hparameters)
    Z = (A_prev.reshape(m, -1) @ M.T).reshape(m, *shape) + b
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, H, Wd, C = A_prev.shape
    M, _ = big_matrix(W, H, Wd, hparameters)
    dA = (dZ.reshape(m, -1) @ M).reshape(A_prev.shape)
    # the output is linear in W: push unit filters through
    dW = np.zeros(W.shape)
    for u, v, k in np.ndindex(W.shape[:3]):
        unit = np.zeros(W.shape[:3] + (1,))
        unit[u, v, k, 0] = 1
        E, _ = conv_forward(A_prev, unit, np.zeros((1, 1, 1, 1)), hparameters)
        dW[u, v, k] = (E*dZ).sum(axis=(0, 1, 2))
    return dA, dW, dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
