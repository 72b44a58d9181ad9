# np.add.at with broadcast index arrays scatters all contributions to dA at once.
import numpy as np

def zero_pad(X, pad):
    pad_width = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    return np.pad(array=X, pad_width=pad_width, mode='constant', constant_values=0.)

def conv_single_step(a_slice_prev, W, b):
    return np.dot(a_slice_prev.ravel(), W.ravel()) + b.ravel()[0]

def index_grid(n_H, n_W, f, stride):
    r = (np.arange(n_H)*stride)[:, None, None, None] + np.arange(f)[None, None, :, None]
    c = (np.arange(n_W)*stride)[None, :, None, None] + np.arange(f)[None, None, None, :]
    return r, c                 # broadcast to (n_H, n_W, f, f)

def conv_forward(A_prev, W, b, hparameters):
    f = W.shape[0]
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = (A_prev.shape[1] - f + 2*pad)//stride + 1
    n_W = (A_prev.shape[2] - f + 2*pad)//stride + 1
    r, c = index_grid(n_H, n_W, f, stride)
    gathered = zero_pad(A_prev, pad)[:, r, c, :]        # (m, n_H, n_W, f, f, C)
    Z = np.einsum('mhwijk,ijkc->mhwc', gathered, W) + b
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    r, c = index_grid(n_H, n_W, W.shape[0], stride)
    P = zero_pad(A_prev, pad)
    dW = np.einsum('mhwijk,mhwc->ijkc', P[:, r, c, :], dZ)
    dP = np.zeros(P.shape)
    contributions = np.einsum('mhwc,ijkc->mhwijk', dZ, W)
    for i in range(m):
        np.add.at(dP[i], (r, c), contributions[i])
    db = dZ.sum(axis=2).sum(axis=1).sum(axis=0)[None, None, None, :]
    return dP[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2]], dW, db
