# Backward asks for every pixel which windows contain it; forward asks nothing unusual.
import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                X_pad[i, h + pad, w + pad] = X[i, h, w]
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    f, _, n_C_prev = W.shape
    acc = 0
    for i in range(f):
        for j in range(f):
            for k in range(n_C_prev):
                acc = acc + a_slice_prev[i, j, k]*W[i, j, k]
    return acc + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f, n_C = W.shape[0], W.shape[-1]
    X = zero_pad(A_prev, p)
    n_H = 1 + int((A_prev.shape[1] - f + 2*p)/s)
    n_W = 1 + int((A_prev.shape[2] - f + 2*p)/s)
    Z = np.zeros((X.shape[0], n_H, n_W, n_C))
    for c in range(n_C):
        kernel, bias = W[:, :, :, c], b[:, :, :, c]
        for w in range(n_W):
            for h in range(n_H):
                for i in range(X.shape[0]):
                    Z[i][h][w][c] = conv_single_step(X[i][h*s:h*s + f, w*s:w*s + f], kernel, bias)
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    m, H, Wd, C = A_prev.shape
    _, n_H, n_W, n_C = dZ.shape
    dA = np.zeros((m, H, Wd, C))
    dW = np.zeros(W.shape)
    for y in range(H):
        for x in range(Wd):
            for h in range(n_H):
                u = y + p - h*s               # row inside window h
                if not 0 <= u < f:
                    continue
                for w in range(n_W):
                    v = x + p - w*s
                    if not 0 <= v < f:
                        continue
                    dA[:, y, x] += dZ[:, h, w] @ W[u, v].T
                    dW[u, v] += A_prev[:, y, x].T @ dZ[:, h, w]
    db = np.array([[[[dZ[..., c].sum() for c in range(n_C)]]]])
    return dA, dW, db
