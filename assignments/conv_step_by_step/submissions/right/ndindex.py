# One np.ndindex loop over all four indices of the output.
import numpy as np

def zero_pad(X, pad):
    widths = np.zeros((4, 2), dtype=int)
    widths[1:3] = pad
    return np.pad(X, widths)

def conv_single_step(a_slice_prev, W, b):
    z = 0.0
    for idx in np.ndindex(W.shape):
        z += a_slice_prev[idx] * W[idx]
    return z + b[0, 0, 0]

def corner(position, stride, f):
    top, left = position[0]*stride, position[1]*stride
    return np.s_[top:top + f, left:left + f]

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters.get("stride"), hparameters.get("pad")
    f = W.shape[0]
    size = lambda n: (n + 2*pad - f)//stride + 1
    Z = np.full((len(A_prev), size(A_prev.shape[1]), size(A_prev.shape[2]), W.shape[3]), np.nan)
    padded = zero_pad(A_prev, pad)
    for i, h, w, c in np.ndindex(*Z.shape):
        Z[i, h, w, c] = conv_single_step(padded[i][corner((h, w), stride, f)], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters.get("stride"), hparameters.get("pad")
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    dpadded, dW, db = np.zeros(padded.shape), np.zeros(W.shape), np.zeros(b.shape)
    for (i, h, w, c), d in np.ndenumerate(dZ):
        where = corner((h, w), stride, f)
        dpadded[i][where] += d * W[..., c]
        dW[..., c] += d * padded[i][where]
        db[..., c] += d
    inner = np.s_[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2], :]
    return dpadded[inner], dW, db
