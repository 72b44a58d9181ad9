# Images become float64 in the first line; work in place, but on copies. dA is accumulated per image.
import numpy as np

def zero_pad(X, pad):
    X = X.astype(float)
    X = np.insert(X, [0]*pad + [X.shape[1]]*pad, 0, axis=1)
    X = np.insert(X, [0]*pad + [X.shape[2]]*pad, 0, axis=2)
    return X

def conv_single_step(a_slice_prev, W, b):
    work = a_slice_prev.astype(float)        # astype copies
    work *= W
    work = work.cumsum()[-1]
    work += b[0, 0, 0]
    return work

def conv_forward(A_prev, W, b, hparameters):
    A = np.array(A_prev, dtype=np.float64)
    hp = dict(hparameters)
    stride, pad = hp.pop('stride'), hp.pop('pad')        # only the copy loses them
    (m, H, Wd, C), (f, _, _, K) = A.shape, W.shape
    A = zero_pad(A, pad)
    Z = np.zeros((m, (H + 2*pad - f)//stride + 1, (Wd + 2*pad - f)//stride + 1, K))
    Z += b
    for i in range(m):
        for h in range(Z.shape[1]):
            for w in range(Z.shape[2]):
                for c in range(K):
                    Z[i, h, w, c] += np.sum(A[i, h*stride:h*stride + f, w*stride:w*stride + f]*W[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    A = np.array(A_prev, dtype=np.float64)
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    m, H, Wd, C = A.shape
    A = zero_pad(A, pad)
    dA = np.zeros((m, H, Wd, C))
    dW = W.copy()
    dW[:] = 0
    db = b - b
    for i in range(m):
        da = np.zeros_like(A[i])
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    part = W[..., c].copy()
                    part *= dZ[i, h, w, c]
                    da[h*stride:h*stride + f, w*stride:w*stride + f] += part
                    dW[..., c] += A[i, h*stride:h*stride + f, w*stride:w*stride + f]*dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
        for y in range(H):
            for x in range(Wd):
                dA[i, y, x] = da[y + pad, x + pad]       # pixel by pixel out of the border
    return dA, dW, db
