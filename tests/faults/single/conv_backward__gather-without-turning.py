# function: conv_backward
# misconception: kernel-flipped
# note: the gather formula needs the turned filter, here it is missing: the same as a turned one in scatter form

import numpy as np

def zero_pad(X, pad):
    # YOUR CODE STARTS HERE
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    # YOUR CODE ENDS HERE
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return np.squeeze(Z)


def conv_forward(A_prev, W, b, hparameters):
    m, H, Wd, _ = A_prev.shape
    f, _, _, n_C = W.shape
    s, p = hparameters["stride"], hparameters["pad"]
    out_h = (H + 2*p - f)//s + 1
    out_w = (Wd + 2*p - f)//s + 1
    padded = zero_pad(A_prev, p)
    Z = np.zeros((m, out_h, out_w, n_C))
    for h in range(out_h):
        for w in range(out_w):
            patch = padded[:, h*s:h*s+f, w*s:w*s+f, :]
            Z[:, h, w, :] = np.tensordot(patch, W, axes=3)
    return Z + b, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)
    m, H, Wd, C = P.shape
    D = np.zeros((m, H - f + 1, Wd - f + 1, dZ.shape[3]))
    D[:, ::s, ::s] = dZ
    big = np.pad(D, ((0, 0), (f - 1, f - 1), (f - 1, f - 1), (0, 0)))
    dP = np.zeros(P.shape)
    for y in range(H):
        for x in range(Wd):
            dP[:, y, x] = np.einsum('mijc,ijkc->mk', big[:, y:y+f, x:x+f], W)
    dW = np.zeros(W.shape)
    for i in range(f):
        for j in range(f):
            dW[i, j] = np.einsum('mhwk,mhwc->kc', P[:, i:i+H-f+1, j:j+Wd-f+1], D)
    return dP[:, p:H-p, p:Wd-p], dW, dZ.sum((0, 1, 2), keepdims=True)
