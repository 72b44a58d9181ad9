# dA by the gather formula: dZ is dilated by the stride, padded by f-1, and the filter IS turned by 180 degrees (rightly, here).
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant')

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + float(np.ravel(b)[0])

def conv_forward(A_prev, W, b, hparameters):
    m, H, Wd, C = A_prev.shape
    f, _, _, n_C = W.shape
    s, p = hparameters['stride'], hparameters['pad']
    oh, ow = (H + 2*p - f)//s + 1, (Wd + 2*p - f)//s + 1
    A_pad = zero_pad(A_prev, p)
    Z = np.zeros((m, oh, ow, n_C))
    for c in range(n_C):
        for h in range(oh):
            for w in range(ow):
                for i in range(m):
                    Z[i, h, w, c] = conv_single_step(A_pad[i, h*s:h*s + f, w*s:w*s + f, :], W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def dilate(dZ, s):
    m, oh, ow, c = dZ.shape
    out = np.zeros((m, (oh - 1)*s + 1, (ow - 1)*s + 1, c))
    out[:, ::s, ::s, :] = dZ
    return out

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, H, Wd, C = A_prev.shape
    f = W.shape[0]
    s, p = hparameters['stride'], hparameters['pad']
    D = dilate(dZ, s)
    # rows and columns that no window reached get zeros as well
    rest_h = H + 2*p - f - (D.shape[1] - 1)
    rest_w = Wd + 2*p - f - (D.shape[2] - 1)
    big = np.pad(D, ((0, 0), (f - 1, f - 1 + rest_h), (f - 1, f - 1 + rest_w), (0, 0)))
    turned = W[::-1, ::-1]
    dA_prev = np.zeros(A_prev.shape)
    for y in range(H):
        for x in range(Wd):
            # pixel (y, x) is (y+p, x+p) in the padded image
            field = big[:, y + p:y + p + f, x + p:x + p + f, :]
            dA_prev[:, y, x, :] = np.einsum('mijc,ijkc->mk', field, turned)
    A_pad = zero_pad(A_prev, p)
    dW = np.zeros(W.shape)
    for i in range(f):
        for j in range(f):
            part = A_pad[:, i:i + D.shape[1], j:j + D.shape[2], :]
            dW[i, j] = np.einsum('mhwk,mhwc->kc', part, D)
    db = np.sum(dZ, axis=(0, 1, 2)).reshape(b.shape)
    return dA_prev, dW, db
