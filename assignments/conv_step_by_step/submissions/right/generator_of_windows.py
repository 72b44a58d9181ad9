# A generator yields every window together with its place; both directions use the same generator.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return sum((x*w).sum() for x, w in zip(a_slice_prev, W)) + b[0, 0, 0]

def places(P, f, stride):
    """All (i, h, w, index of the window in P)."""
    for i in range(P.shape[0]):
        for h in range((P.shape[1] - f)//stride + 1):
            for w in range((P.shape[2] - f)//stride + 1):
                yield i, h, w, (i, slice(h*stride, h*stride + f), slice(w*stride, w*stride + f))

def conv_forward(A_prev, W, b, hparameters):
    stride, f = hparameters["stride"], W.shape[0]
    P = zero_pad(A_prev, hparameters["pad"])
    found = {}
    for i, h, w, at in places(P, f, stride):
        found[i, h, w] = [conv_single_step(P[at], W[..., c], b[..., c]) for c in range(W.shape[-1])]
    n_H, n_W = max(k[1] for k in found) + 1, max(k[2] for k in found) + 1
    Z = np.array(list(found.values())).reshape(len(A_prev), n_H, n_W, -1)
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    P = zero_pad(A_prev, pad)
    dP, dW, db = np.zeros(P.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, at in places(P, f, stride):
        dP[at] += W.dot(dZ[i, h, w])                   # last axis of W against the filters
        dW += P[at][..., None]*dZ[i, h, w]
        db += dZ[i, h, w]
    return dP[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2]], dW, db
