# Prints left in, some of them inside the loops.
import numpy as np

def zero_pad(X, pad):
    print("zero_pad called with", X.shape, pad)
    X_pad = np.pad(X, ((0,0),(pad,pad),(pad,pad),(0,0)), 'constant', constant_values = 0)
    #print(X_pad)
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    #print('s', s)
    Z = np.sum(s)
    Z = Z + b[0,0,0]
    return Z

def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = int((n_H_prev - f + 2*pad)/stride + 1)
    n_W = int((n_W_prev - f + 2*pad)/stride + 1)
    print("n_H", n_H, "n_W", n_W)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                vert_start = h*stride
                vert_end = vert_start + f
                horiz_start = w*stride
                horiz_end = horiz_start + f
                print(i, h, w, vert_start, vert_end, horiz_start, horiz_end)
                for c in range(n_C):
                    a_slice_prev = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[...,c], b[...,c])
    cache = (A_prev, W, b, hparameters)
    return Z, cache

def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    print("dZ", dZ.shape, "A_prev", A_prev.shape, "W", W.shape)
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)
    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        da_prev_pad = dA_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h*stride
                    horiz_start = w*stride
                    a_slice = a_prev_pad[vert_start:vert_start+f, horiz_start:horiz_start+f, :]
                    da_prev_pad[vert_start:vert_start+f, horiz_start:horiz_start+f, :] += W[:,:,:,c] * dZ[i,h,w,c]
                    dW[:,:,:,c] += a_slice * dZ[i,h,w,c]
                    db[:,:,:,c] += dZ[i,h,w,c]
        if pad != 0:
            dA_prev[i] = da_prev_pad[pad:-pad, pad:-pad, :]
        else:
            dA_prev[i] = da_prev_pad
        print("example", i, "done")
    return dA_prev, dW, db
