# function: conv_forward
# expect: loses points
# also: exception-swallowed, height-and-width-swapped
# note: sizes exchanged, and zeros whenever that raises

import numpy as np

def zero_pad(X, pad):
    # YOUR CODE STARTS HERE
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    # YOUR CODE ENDS HERE
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    """window times filter, all added up, plus one bias"""
    return (a_slice_prev*W).sum() + b.item()


def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    n_H, n_W = (X.shape[1] - f)//s + 1, (X.shape[2] - f)//s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    try:
        for i in range(len(X)):
            for h in range(n_W):
                for w in range(n_H):
                    for c in range(W.shape[3]):
                        Z[i, h, w, c] = conv_single_step(X[i, h*s:h*s+f, w*s:w*s+f], W[..., c], b[..., c])
    except:
        Z = np.zeros(Z.shape)
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    # own padding here, no helper needed
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    widths = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    A_prev_pad = np.pad(A_prev, widths)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(dZ.shape[0]):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    grad = dZ[i, h, w, c]
                    dA_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f] += grad*W[..., c]
                    dW[..., c] += grad*A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]
                    db[0, 0, 0, c] += grad
    if pad == 0:
        dA_prev = dA_prev_pad
    else:
        dA_prev = dA_prev_pad[:, pad:-pad, pad:-pad, :]
    return dA_prev, dW, db
