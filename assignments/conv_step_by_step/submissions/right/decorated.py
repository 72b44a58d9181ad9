# A decorator around every function (checks dimensions, turns the images into floats).
import functools
import numpy as np

def floats(function):
    """Turn the first argument into a float array before the call."""
    @functools.wraps(function)
    def wrapper(first, *rest, **named):
        return function(np.asarray(first, dtype=np.float64), *rest, **named)
    return wrapper

def expects(ndim):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(first, *rest):
            if np.ndim(first) != ndim:
                raise ValueError(f"{function.__name__} wants {ndim} dimensions")
            return function(first, *rest)
        return wrapper
    return decorate

@expects(4)
@floats
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

@expects(3)
@floats
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b[0, 0, 0]

@expects(4)
def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters['stride']
    padded = zero_pad(A_prev, hparameters['pad'])
    f = W.shape[0]
    n_H, n_W = [(n - f)//stride + 1 for n in padded.shape[1:3]]
    Z = np.zeros((len(padded), n_H, n_W, W.shape[3]))
    for i in range(len(padded)):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(W.shape[3]):
                    Z[i, h, w, c] = conv_single_step(
                        padded[i, h*stride:h*stride + f, w*stride:w*stride + f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

@expects(4)
@floats
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    padded = zero_pad(A_prev, pad)
    dpadded = np.zeros_like(padded)          # float: zero_pad makes it so
    dW, db = np.zeros_like(W), np.zeros_like(b)
    f = W.shape[0]
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h*stride, w*stride
        dpadded[i, top:top + f, left:left + f] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += padded[i, top:top + f, left:left + f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dpadded[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2]], dW, db
