# np.block puts the image in the middle of eight blocks of zeros; everything else channel-first inside.
import numpy as np

def zero_pad(X, pad):
    m, H, W, C = X.shape
    X = X.transpose(0, 3, 1, 2)
    corner = np.zeros((m, C, pad, pad))
    above = np.zeros((m, C, pad, W))
    left = np.zeros((m, C, H, pad))
    X = np.block([[corner, above, corner],
                  [left,   X,     left],
                  [corner, above, corner]])
    return X.transpose(0, 2, 3, 1)

def conv_single_step(a_slice_prev, W, b):
    products = np.multiply(a_slice_prev, W)
    return products.sum(axis=(0, 1)).sum() + b.squeeze()

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    X = zero_pad(A_prev, pad).transpose(0, 3, 1, 2)       # (m, C, H, W)
    K = W.transpose(3, 2, 0, 1)                           # (F, C, f, f)
    F, C, f, _ = K.shape
    H2, W2 = (X.shape[2] - f)//stride + 1, (X.shape[3] - f)//stride + 1
    Z = np.zeros((X.shape[0], F, H2, W2))
    for h in range(H2):
        for w in range(W2):
            x = X[:, :, h*stride:h*stride + f, w*stride:w*stride + f]
            for k in range(F):
                Z[:, k, h, w] = np.sum(x*K[k], axis=(1, 2, 3)) + b[0, 0, 0, k]
    return Z.transpose(0, 2, 3, 1), (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    X = zero_pad(A_prev, pad).transpose(0, 3, 1, 2)
    K = W.transpose(3, 2, 0, 1)
    D = dZ.transpose(0, 3, 1, 2)
    F, C, f, _ = K.shape
    dX, dK, db = np.zeros(X.shape), np.zeros(K.shape), np.zeros(F)
    for i in range(D.shape[0]):
        for k in range(F):
            db[k] += D[i, k].sum()
            for h in range(D.shape[2]):
                for w in range(D.shape[3]):
                    hs, ws = h*stride, w*stride
                    dX[i, :, hs:hs + f, ws:ws + f] += D[i, k, h, w]*K[k]
                    dK[k] += D[i, k, h, w]*X[i, :, hs:hs + f, ws:ws + f]
    H, Wd = A_prev.shape[1:3]
    dA = dX[:, :, pad:pad + H, pad:pad + Wd].transpose(0, 2, 3, 1)
    return dA, dK.transpose(2, 3, 1, 0), db[None, None, None]
