# Nested comprehensions; there is no array called Z that gets filled.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, tuple((pad, pad) if axis in (1, 2) else (0, 0) for axis in range(4)))

def conv_single_step(a_slice_prev, W, b):
    return sum(x*y for x, y in zip(a_slice_prev.flatten(), W.flatten())) + float(b[0, 0, 0])

def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    rows = range(0, A_prev.shape[1] + 2*p - f + 1, s)
    cols = range(0, A_prev.shape[2] + 2*p - f + 1, s)
    Z = np.array([[[[np.sum(image[r:r+f, q:q+f] * W[..., c]) + b[0, 0, 0, c]
                     for c in range(W.shape[-1])]
                    for q in cols]
                   for r in rows]
                  for image in zero_pad(A_prev, p)])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    m, nh, nw, nc = dZ.shape
    places = [(i, h, w) for i in range(m) for h in range(nh) for w in range(nw)]
    padded = zero_pad(A_prev, p)
    dW = np.stack([sum(dZ[i, h, w, c]*padded[i, h*s:h*s+f, w*s:w*s+f] for i, h, w in places)
                   for c in range(nc)], axis=-1)
    db = np.array([sum(dZ[i, h, w, c] for i, h, w in places) for c in range(nc)]).reshape(1, 1, 1, nc)
    grad = np.zeros(padded.shape)
    for i, h, w in places:
        grad[i, h*s:h*s+f, w*s:w*s+f] += sum(dZ[i, h, w, c]*W[..., c] for c in range(nc))
    return grad[:, p:grad.shape[1]-p, p:grad.shape[2]-p], dW, db
