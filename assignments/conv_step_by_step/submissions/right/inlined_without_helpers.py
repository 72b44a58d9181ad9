# conv_forward and conv_backward call neither zero_pad nor conv_single_step; everything is written out.
import numpy as np

def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    Z = (a_slice_prev * W).sum() + b
    return Z.reshape(())

def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f = W.shape[0]
    n_C = W.shape[3]
    n_H = (n_H_prev - f + 2*pad)//stride + 1
    n_W = (n_W_prev - f + 2*pad)//stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    total = b[0, 0, 0, c]
                    for u in range(f):
                        for v in range(f):
                            # pixel under weight (u, v); outside of the image there are zeros
                            y = h*stride + u - pad
                            x = w*stride + v - pad
                            if 0 <= y < n_H_prev and 0 <= x < n_W_prev:
                                for k in range(n_C_prev):
                                    total += A_prev[i, y, x, k]*W[u, v, k, c]
                    Z[i, h, w, c] = total
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f = W.shape[0]
    dA = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros((f, f, n_C_prev, W.shape[3]))
    db = np.zeros((1, 1, 1, W.shape[3]))
    for i in range(m):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    d = dZ[i, h, w, c]
                    db[0, 0, 0, c] += d
                    for u in range(f):
                        for v in range(f):
                            y = h*stride + u - pad
                            x = w*stride + v - pad
                            if y < 0 or x < 0 or y >= n_H_prev or x >= n_W_prev:
                                continue
                            dA[i, y, x] += d*W[u, v, :, c]
                            dW[u, v, :, c] += d*A_prev[i, y, x]
    return dA, dW, db
