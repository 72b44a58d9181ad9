# match statements and := (Python 3.10).
import numpy as np

def zero_pad(X, pad):
    match pad:
        case 0:
            return np.copy(X)
        case p:
            return np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return (s := np.sum(a_slice_prev * W)) + (np.asarray(b).item() if np.size(b) == 1 else s*0)

def conv_forward(A_prev, W, b, hparameters):
    match hparameters:
        case {"stride": stride, "pad": pad}:
            pass
        case _:
            raise KeyError("stride and pad are needed")
    f = W.shape[0]
    if (n_H := (A_prev.shape[1] - f + 2*pad)//stride + 1) < 1 or (n_W := (A_prev.shape[2] - f + 2*pad)//stride + 1) < 1:
        raise ValueError("filter larger than image")
    Z = np.zeros((m := A_prev.shape[0], n_H, n_W, n_C := W.shape[3]))
    padded = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(
                        padded[i, (y := h*stride):y + f, (x := w*stride):x + f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    match cache:
        case (A_prev, W, b, {"stride": stride, "pad": pad}):
            f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    grad = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    for i in range(len(dZ)):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                window = np.s_[i, (y := h*stride):y + f, (x := w*stride):x + f]
                grad[window] += (W*(g := dZ[i, h, w])).sum(-1)
                dW += padded[window][..., None]*g
    match pad:
        case 0:
            dA = grad
        case _:
            dA = grad[:, pad:-pad, pad:-pad]
    return dA, dW, dZ.sum(axis=(0, 1, 2), keepdims=True)
