# Right, but works in float32: correct to float32 precision (and exact for small dyadic numbers). Advisory only.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return np.float32(np.sum(a_slice_prev * W) + b[0, 0, 0])

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    n_H = (n_H_prev - f + 2*pad)//stride + 1
    n_W = (n_W_prev - f + 2*pad)//stride + 1
    Z = np.zeros((m, n_H, n_W, n_C), dtype=np.float32)
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    a = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f, :]
                    Z[i, h, w, c] = conv_single_step(a, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    A_prev_pad = zero_pad(A_prev, pad)
    dA_pad = np.zeros(A_prev_pad.shape, dtype='float32')
    dW = np.zeros(W.shape, dtype='float32')
    db = np.zeros(b.shape, dtype='float32')
    for i, h, w, c in np.ndindex(*dZ.shape):
        dA_pad[i, h*stride:h*stride + f, w*stride:w*stride + f] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dA_pad[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2]], dW, db
