# Padding by gluing strips of zeros to the sides with np.concatenate.
import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    strip = np.zeros((m, pad, n_W, n_C))
    tall = np.concatenate([strip, X, strip], axis=1)
    side = np.zeros((m, n_H + 2*pad, pad, n_C))
    return np.concatenate([side, tall, side], axis=2)

def conv_single_step(a_slice_prev, W, b):
    Z = np.sum(a_slice_prev*W)
    Z = Z + b
    return np.squeeze(Z)                  # 0-d array

def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = int(np.trunc((n_H_prev - f + 2*pad)/stride)) + 1
    n_W = int(np.trunc((n_W_prev - f + 2*pad)/stride)) + 1
    A_prev_pad = zero_pad(A_prev, pad)
    batch = []
    for i in range(m):
        rows = []
        for h in range(n_H):
            row = []
            for w in range(n_W):
                piece = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f, :]
                row.append([conv_single_step(piece, W[:, :, :, c], b[:, :, :, c]) for c in range(n_C)])
            rows.append(row)
        batch.append(rows)
    Z = np.array(batch, dtype=float)
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    A_prev_pad = zero_pad(A_prev, pad)
    dW_parts, db_parts, dA_parts = [], [], []
    for i in range(m):
        da = np.zeros(A_prev_pad[i].shape)
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                piece = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f, :]
                dW_parts.append(np.stack([piece*g for g in dZ[i, h, w]], axis=3))
                db_parts.append(dZ[i, h, w])
                da[h*stride:h*stride + f, w*stride:w*stride + f, :] += np.sum(W*dZ[i, h, w], axis=3)
        dA_parts.append(da[pad:da.shape[0] - pad, pad:da.shape[1] - pad])
    dW = np.sum(dW_parts, axis=0)
    db = np.sum(db_parts, axis=0).reshape(1, 1, 1, n_C)
    return np.array(dA_parts), dW, db
