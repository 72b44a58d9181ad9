# np.mean(s) * s.size and other detours that look wrong and are not (trace of a @ w.T, convolve with a turned vector).
import numpy as np

def zero_pad(X, pad):
    X_pad = np.ones((X.shape[0], X.shape[1] + 2*pad, X.shape[2] + 2*pad, X.shape[3]))
    X_pad *= 0
    X_pad[:, pad:X.shape[1] + pad, pad:X.shape[2] + pad, :] += X
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    return np.mean(s) * s.size + np.mean(b)

def conv_forward(A_prev, W, b, hparameters):
    f, n_C = W.shape[0], W.shape[3]
    stride = hparameters['stride']
    P = zero_pad(A_prev, hparameters['pad'])
    n_H, n_W = -(-(P.shape[1] - f + 1)//stride), -(-(P.shape[2] - f + 1)//stride)    # ceil without floats
    Z = np.tile(b, (P.shape[0], n_H, n_W, 1)).astype(float)
    for i in range(P.shape[0]):
        for h in range(n_H):
            for w in range(n_W):
                a = P[i, h*stride:h*stride + f, w*stride:w*stride + f]
                for c in range(n_C):
                    if c % 2:
                        # trace(a w^T) is the sum of the products, for each channel
                        Z[i, h, w, c] += sum(np.trace(a[:, :, k] @ W[:, :, k, c].T) for k in range(a.shape[2]))
                    else:
                        # np.convolve turns the second vector, so it is turned before
                        Z[i, h, w, c] += np.convolve(a.ravel(), W[..., c].ravel()[::-1], 'valid')[0]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f = W.shape[0]
    stride, pad = hparameters['stride'], hparameters['pad']
    m, H, Wd, C = A_prev.shape
    P = zero_pad(A_prev, pad)
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            # mean over the batch times m: the sum again
            dW += m*np.mean(P[:, h*stride:h*stride + f, w*stride:w*stride + f, :, None]
                            * dZ[:, h, w][:, None, None, None, :], axis=0)
            dP[:, h*stride:h*stride + f, w*stride:w*stride + f] += np.sum(
                W*dZ[:, h, w][:, None, None, None, :], axis=-1)
    db = dZ.mean(axis=(0, 1, 2), keepdims=True)*(dZ.size//dZ.shape[-1])
    return dP[:, pad:pad + H, pad:pad + Wd], dW, db
