# im2col with an index table, one matrix product, col2im with np.add.at for the way back.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)

def conv_single_step(a_slice_prev, W, b):
    row = a_slice_prev.reshape(1, -1)
    col = W.reshape(-1, 1)
    return (row.dot(col) + b.reshape(1, 1))[0, 0]

def get_indices(n_H, n_W, f, stride, C):
    # which row / column / channel of the padded image sits in which place of the patch matrix
    i0 = np.repeat(np.arange(f), f*C)
    j0 = np.tile(np.repeat(np.arange(f), C), f)
    k = np.tile(np.arange(C), f*f)
    i1 = stride*np.repeat(np.arange(n_H), n_W)
    j1 = stride*np.tile(np.arange(n_W), n_H)
    return i1[:, None] + i0[None, :], j1[:, None] + j0[None, :], np.broadcast_to(k, (n_H*n_W, f*f*C))

def im2col(P, n_H, n_W, f, stride):
    i, j, k = get_indices(n_H, n_W, f, stride, P.shape[3])
    return P[:, i, j, k]                     # (m, n_H*n_W, f*f*C)

def col2im(cols, P_shape, n_H, n_W, f, stride):
    i, j, k = get_indices(n_H, n_W, f, stride, P_shape[3])
    P = np.zeros(P_shape)
    np.add.at(P, (slice(None), i, j, k), cols)
    return P

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f, _, C, n_C = W.shape
    P = zero_pad(A_prev, pad)
    n_H, n_W = (P.shape[1] - f)//stride + 1, (P.shape[2] - f)//stride + 1
    cols = im2col(P, n_H, n_W, f, stride)
    Z = np.dot(cols, W.reshape(-1, n_C)) + b.reshape(-1)
    return Z.reshape(-1, n_H, n_W, n_C), (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f, _, C, n_C = W.shape
    m, n_H, n_W, _ = dZ.shape
    P = zero_pad(A_prev, pad)
    cols = im2col(P, n_H, n_W, f, stride).reshape(-1, f*f*C)
    d = dZ.reshape(-1, n_C)
    dW = np.dot(cols.T, d).reshape(W.shape)
    db = d.sum(axis=0).reshape(1, 1, 1, n_C)
    dcols = np.dot(d, W.reshape(-1, n_C).T).reshape(m, n_H*n_W, -1)
    dP = col2im(dcols, P.shape, n_H, n_W, f, stride)
    return dP[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2], :], dW, db
