# Z = np.sum(s) + b keeps the shape (1,1,1); conv_forward stores that array in one cell of Z.
import numpy as np

def zero_pad(X, pad):
    X_pad = np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return Z

def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    s, p = hparameters["stride"], hparameters["pad"]
    n_H = (n_H_prev - f + 2*p)//s + 1
    n_W = (n_W_prev - f + 2*p)//s + 1
    Z = np.zeros([m, n_H, n_W, n_C])
    A_pad = zero_pad(A_prev, p)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                patch = A_pad[i, h*s:h*s+f, w*s:w*s+f]
                for c in range(n_C):
                    Z[i,h,w,c] = conv_single_step(patch, W[...,c], b[...,c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f = W.shape[0]
    s, p = hparameters["stride"], hparameters["pad"]
    A_pad = zero_pad(A_prev, p)
    dA_pad = np.zeros(A_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    g = dZ[i,h,w,c]
                    dA_pad[i, h*s:h*s+f, w*s:w*s+f] += g*W[...,c]
                    dW[...,c] += g*A_pad[i, h*s:h*s+f, w*s:w*s+f]
                    db[...,c] += g
    if p == 0:
        return dA_pad, dW, db
    return dA_pad[:, p:-p, p:-p, :], dW, db
