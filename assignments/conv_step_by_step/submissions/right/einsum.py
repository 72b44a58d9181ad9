# Everything that is a sum of products is written as np.einsum.
import numpy as np

def zero_pad(X, pad):
    m, h, w, c = X.shape
    big = np.zeros((m, h + 2*pad, w + 2*pad, c), dtype=X.dtype)
    big[:, pad:pad + h, pad:pad + w] = X
    return big

def conv_single_step(a_slice_prev, W, b):
    return np.einsum('ijk,ijk->', a_slice_prev, W) + np.squeeze(b)

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    n_H = 1 + (A_prev.shape[1] + 2*pad - f)//stride
    n_W = 1 + (A_prev.shape[2] + 2*pad - f)//stride
    Z = np.empty((A_prev.shape[0], n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            window = padded[:, h*stride:h*stride + f, w*stride:w*stride + f, :]
            Z[:, h, w, :] = np.einsum('mijk,ijkc->mc', window, W)
    return Z + b, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    m, H, W_img, _ = A_prev.shape
    padded = zero_pad(A_prev, pad)
    dPadded = np.zeros(padded.shape)
    dW = np.zeros_like(W)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            rows, cols = slice(h*stride, h*stride + f), slice(w*stride, w*stride + f)
            dPadded[:, rows, cols] += np.einsum('mc,ijkc->mijk', dZ[:, h, w], W)
            dW += np.einsum('mc,mijk->ijkc', dZ[:, h, w], padded[:, rows, cols])
    db = np.einsum('mhwc->c', dZ).reshape(1, 1, 1, -1)
    return dPadded[:, pad:pad + H, pad:pad + W_img], dW, db
