# np.apply_over_axes, np.apply_along_axis and np.fromfunction where others write loops.
import numpy as np

def zero_pad(X, pad):
    def one_line(line):
        return np.concatenate((np.zeros(pad), line, np.zeros(pad)))
    return np.apply_along_axis(one_line, 2, np.apply_along_axis(one_line, 1, X))

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    return np.apply_over_axes(np.sum, s, (0, 1, 2)) + b          # shape (1, 1, 1)

def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    padded = zero_pad(A_prev, pad)
    m = A_prev.shape[0]
    n_H, n_W = (padded.shape[1] - f)//stride + 1, (padded.shape[2] - f)//stride + 1
    def entry(i, h, w, c):
        window = padded[i, h*stride:h*stride + f, w*stride:w*stride + f]
        return conv_single_step(window, W[..., c], b[..., c]).item()
    Z = np.fromfunction(np.vectorize(entry, otypes=[float]), (m, n_H, n_W, W.shape[3]), dtype=int)
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    padded = zero_pad(A_prev, pad)
    dpadded = np.zeros_like(padded)
    dW = np.zeros(W.shape)
    for (i, h, w), _ in np.ndenumerate(dZ[..., 0]):
        at = np.s_[i, h*stride:h*stride + f, w*stride:w*stride + f]
        dpadded[at] += np.apply_over_axes(np.sum, W*dZ[i, h, w], [3])[..., 0]
        dW += np.multiply.outer(padded[at], dZ[i, h, w])
    db = np.apply_over_axes(np.sum, dZ, [0, 1, 2])
    return dpadded[:, pad:padded.shape[1] - pad, pad:padded.shape[2] - pad], dW, db
