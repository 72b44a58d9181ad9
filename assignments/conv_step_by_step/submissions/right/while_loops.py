# while loops with counters that are advanced by hand; the start positions are counted, not computed.
import numpy as np

def zero_pad(X, pad):
    X_pad = X
    done = 0
    while done < pad:
        X_pad = np.pad(X_pad, ((0, 0), (1, 1), (1, 1), (0, 0)))
        done += 1
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    a = a_slice_prev.reshape(-1)
    w = W.reshape(-1)
    Z = 0.
    k = 0
    while k < len(a):
        Z = Z + a[k]*w[k]
        k += 1
    return Z + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    f = W.shape[0]
    stride, pad = hparameters["stride"], hparameters["pad"]
    A = zero_pad(A_prev, pad)
    n_H = 0
    while n_H*stride + f <= A.shape[1]:
        n_H += 1
    n_W = 0
    while n_W*stride + f <= A.shape[2]:
        n_W += 1
    Z = np.zeros((A.shape[0], n_H, n_W, W.shape[3]))
    i = 0
    while i < A.shape[0]:
        top, h = 0, 0
        while h < n_H:
            left, w = 0, 0
            while w < n_W:
                c = 0
                while c < W.shape[3]:
                    Z[i, h, w, c] = np.sum(A[i, top:top + f, left:left + f]*W[..., c]) + b[0, 0, 0, c]
                    c += 1
                left += stride
                w += 1
            top += stride
            h += 1
        i += 1
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f = W.shape[0]
    stride, pad = hparameters["stride"], hparameters["pad"]
    A = zero_pad(A_prev, pad)
    dA = np.zeros(A.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    i = 0
    while i < dZ.shape[0]:
        top, h = 0, 0
        while h < dZ.shape[1]:
            left, w = 0, 0
            while w < dZ.shape[2]:
                c = 0
                while c < dZ.shape[3]:
                    g = dZ[i, h, w, c]
                    dA[i, top:top + f, left:left + f] += W[..., c]*g
                    dW[..., c] += A[i, top:top + f, left:left + f]*g
                    db[0, 0, 0, c] += g
                    c += 1
                left += stride
                w += 1
            top += stride
            h += 1
        i += 1
    # peel the border off again, ring by ring
    while pad > 0:
        dA = dA[:, 1:-1, 1:-1, :]
        pad -= 1
    return dA, dW, db
