# Recursive: padding peels one ring at a time, sums are split in halves, filters are done one by one.
import numpy as np

def zero_pad(X, pad):
    if pad == 0:
        return np.array(X)
    return zero_pad(np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0))), pad - 1)

def add_up(values):
    if len(values) == 1:
        return values[0]
    half = len(values)//2
    return add_up(values[:half]) + add_up(values[half:])

def conv_single_step(a_slice_prev, W, b):
    return add_up((a_slice_prev*W).ravel()) + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    if W.shape[3] > 1:
        # the first filter alone, the others by recursion
        first, _ = conv_forward(A_prev, W[..., :1], b[..., :1], hparameters)
        others, _ = conv_forward(A_prev, W[..., 1:], b[..., 1:], hparameters)
        return np.concatenate([first, others], axis=3), (A_prev, W, b, hparameters)
    s = hparameters['stride']
    P = zero_pad(A_prev, hparameters['pad'])
    f = W.shape[0]
    n_H, n_W = (P.shape[1] - f)//s + 1, (P.shape[2] - f)//s + 1
    Z = np.zeros((P.shape[0], n_H, n_W, 1))
    for i in range(Z.shape[0]):
        for h in range(n_H):
            for w in range(n_W):
                Z[i, h, w, 0] = conv_single_step(P[i, h*s:h*s+f, w*s:w*s+f], W[..., 0], b[..., 0])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    if len(A_prev) > 1:
        # gradients of the first image plus gradients of the rest
        dA1, dW1, db1 = conv_backward(dZ[:1], (A_prev[:1], W, b, hparameters))
        dA2, dW2, db2 = conv_backward(dZ[1:], (A_prev[1:], W, b, hparameters))
        return np.concatenate((dA1, dA2)), dW1 + dW2, db1 + db2
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)[0]
    dP, dW, db = np.zeros(P.shape), np.zeros(W.shape), np.zeros(b.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            for c in range(dZ.shape[3]):
                dP[h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[0, h, w, c]
                dW[..., c] += P[h*s:h*s+f, w*s:w*s+f]*dZ[0, h, w, c]
                db[..., c] += dZ[0, h, w, c]
    H, Wd = A_prev.shape[1:3]
    return dP[None, p:p+H, p:p+Wd], dW, db
