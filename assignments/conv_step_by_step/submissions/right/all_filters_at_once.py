# The filters are broadcast: window[..., None] * W, summed over the first three axes.
import numpy as np

def zero_pad(X, pad):
    if pad == 0:
        return X.copy()
    X_pad = np.zeros((X.shape[0], X.shape[1] + 2*pad, X.shape[2] + 2*pad, X.shape[3]))
    X_pad[:, pad:-pad, pad:-pad, :] = X
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    return np.sum(np.sum(np.sum(s, axis=0), axis=0), axis=0) + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    st = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = (n_H_prev - f + 2*pad + st)//st
    n_W = (n_W_prev - f + 2*pad + st)//st
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    bias = b.reshape(n_C)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                cube = A_prev_pad[i, st*h:st*h + f, st*w:st*w + f, :, np.newaxis]
                Z[i, h, w, :] = (cube*W).sum(axis=(0, 1, 2)) + bias
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f = W.shape[1]
    st, pad = hparameters["stride"], hparameters["pad"]
    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros_like(W)
    db = np.zeros_like(b)
    for i in range(m):
        a = zero_pad(A_prev[i:i+1], pad)[0]
        da = np.zeros(a.shape)
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                d = dZ[i, h, w, :]
                da[st*h:st*h + f, st*w:st*w + f, :] += (W*d).sum(axis=-1)
                dW += a[st*h:st*h + f, st*w:st*w + f, :, np.newaxis]*d
                db[0, 0, 0, :] += d
        dA_prev[i] = da[pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    return dA_prev, dW, db
