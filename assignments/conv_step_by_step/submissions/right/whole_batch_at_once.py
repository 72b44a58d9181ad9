# No loop over the examples: h, w and c are loops, the batch is one axis of the sum.
import numpy as np

def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=0)
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    return np.sum(np.multiply(a_slice_prev, W), axis=None) + np.float64(b[0, 0, 0])

def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, _) = A_prev.shape
    (f, _, _, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    n_H = int(((n_H_prev - f + 2*pad)/stride) + 1)
    n_W = int(((n_W_prev - f + 2*pad)/stride) + 1)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for h in range(n_H):
        vs = stride*h
        for w in range(n_W):
            hs = stride*w
            slab = A_prev_pad[:, vs:vs + f, hs:hs + f, :]
            for c in range(n_C):
                Z[:, h, w, c] = np.sum(slab*W[:, :, :, c], axis=(1, 2, 3)) + b[:, :, :, c].item()
    cache = (A_prev, W, b, hparameters)
    return Z, cache

def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, _) = A_prev.shape
    (f, _, _, n_C) = W.shape
    stride, pad = hparameters['stride'], hparameters['pad']
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(np.shape(A_prev_pad))
    dW = np.zeros(np.shape(W))
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            for c in range(n_C):
                d = dZ[:, h, w, c].reshape(m, 1, 1, 1)
                dA_prev_pad[:, h*stride:h*stride + f, w*stride:w*stride + f, :] += d*W[np.newaxis, :, :, :, c]
                dW[:, :, :, c] += np.sum(d*A_prev_pad[:, h*stride:h*stride + f, w*stride:w*stride + f, :], axis=0)
    db = np.sum(dZ, axis=(0, 1, 2), keepdims=True)
    dA_prev = dA_prev_pad[:, pad:n_H_prev + pad, pad:n_W_prev + pad, :]
    return dA_prev, dW, db
