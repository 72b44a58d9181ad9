# A real dot product: window and filter are flattened to vectors first (vdot, ravel().dot).
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant')

def conv_single_step(a_slice_prev, W, b):
    return np.vdot(a_slice_prev, W) + b.item()

def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = len(range(0, n_H_prev + 2*pad - f + 1, stride))
    n_W = len(range(0, n_W_prev + 2*pad - f + 1, stride))
    A_prev_pad = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                v = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f, :].ravel()
                for c in range(n_C):
                    Z[i, h, w, c] = v.dot(W[:, :, :, c].ravel()) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    flat_W = W.reshape(-1, n_C)
    dflat_W = np.zeros(flat_W.shape)
    for i in range(m):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                hs, ws = h*stride, w*stride
                v = A_prev_pad[i, hs:hs + f, ws:ws + f, :].reshape(-1)
                dflat_W += np.outer(v, dZ[i, h, w])
                dA_prev_pad[i, hs:hs + f, ws:ws + f, :] += np.dot(flat_W, dZ[i, h, w]).reshape(f, f, n_C_prev)
    db = np.zeros(b.shape)
    db[0, 0, 0, :] = dZ.reshape(-1, n_C).sum(axis=0)
    dA_prev = dA_prev_pad[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    return dA_prev, dflat_W.reshape(W.shape), db
