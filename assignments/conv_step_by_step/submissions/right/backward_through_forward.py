# conv_backward calls conv_forward twice: both gradients are convolutions again (images and channels swap roles).
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + b.sum()

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    P = zero_pad(A_prev, pad)
    kh, kw = W.shape[:2]                                  # also works when the filter is not square
    n_H, n_W = (P.shape[1] - kh)//stride + 1, (P.shape[2] - kw)//stride + 1
    Z = np.zeros((P.shape[0], n_H, n_W, W.shape[3]))
    for i in range(P.shape[0]):
        for h in range(n_H):
            for w in range(n_W):
                field = P[i, h*stride:h*stride + kh, w*stride:w*stride + kw]
                for c in range(W.shape[3]):
                    Z[i, h, w, c] = conv_single_step(field, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, pad)
    m, H, Wd, C = P.shape
    spread = np.zeros((m, H - f + 1, Wd - f + 1, dZ.shape[3]))
    spread[:, ::stride, ::stride] = dZ
    plain = {'stride': 1, 'pad': 0}
    # dW: the channels play the batch, the images play the channels, dZ is the filter
    none = np.zeros((1, 1, 1, dZ.shape[3]))
    dW, _ = conv_forward(P.transpose(3, 1, 2, 0), spread.transpose(1, 2, 0, 3), none, plain)
    # dA: turned filter over the bordered dZ, filters and channels change places
    turned = W[::-1, ::-1].transpose(0, 1, 3, 2)
    dP, _ = conv_forward(spread, turned, np.zeros((1, 1, 1, C)), {'stride': 1, 'pad': f - 1})
    dA = dP[:, pad:H - pad, pad:Wd - pad]
    return dA, dW.transpose(1, 2, 0, 3), dZ.sum(axis=(0, 1, 2), keepdims=True)
