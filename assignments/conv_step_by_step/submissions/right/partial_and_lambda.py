# functools.partial and lambdas: no def for the first two functions.
import functools
import numpy as np

pad_spatial = lambda value, X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), constant_values=value)
zero_pad = functools.partial(pad_spatial, 0)

conv_single_step = lambda a, W, b: np.sum(a * W) + np.sum(b)     # b has a single entry

cut = lambda X, h, w, s, f: X[..., h*s:h*s + f, w*s:w*s + f, :]

def _forward(single_step, A_prev, W, b, hparameters):
    s, p, f = hparameters["stride"], hparameters["pad"], len(W)
    out = lambda n: (n - f + 2*p)//s + 1
    padded = zero_pad(A_prev, p)
    Z = np.zeros((len(A_prev), out(A_prev.shape[1]), out(A_prev.shape[2]), W.shape[-1]))
    for i, image in enumerate(padded):
        for h in range(Z.shape[1]):
            for w in range(Z.shape[2]):
                Z[i, h, w] = [single_step(cut(image, h, w, s, f), W[..., c], b[..., c]) for c in range(W.shape[-1])]
    return Z, (A_prev, W, b, hparameters)

conv_forward = functools.partial(_forward, conv_single_step)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], len(W)
    padded = zero_pad(A_prev, p)
    grad, dW = np.zeros(padded.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            d = dZ[:, h, w]
            cut(grad, h, w, s, f)[...] += np.tensordot(d, W, (1, 3))
            dW += np.tensordot(cut(padded, h, w, s, f), d, (0, 0))
    unpad = lambda G: G[:, p:p + A_prev.shape[1], p:p + A_prev.shape[2]]
    return unpad(grad), dW, dZ.sum((0, 1, 2), keepdims=True)
