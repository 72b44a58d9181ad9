# Everything lives in a class; the four names are bound to its static methods at the end.
import numpy as np


class Conv:
    @staticmethod
    def zero_pad(X, pad):
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    @staticmethod
    def step(window, kernel, bias):
        return (window*kernel).sum() + bias[0, 0, 0]

    @staticmethod
    def out_size(n, f, hp):
        return (n + 2*hp['pad'] - f)//hp['stride'] + 1

    @staticmethod
    def forward(A_prev, W, b, hparameters):
        f, s = W.shape[0], hparameters['stride']
        n_H = Conv.out_size(A_prev.shape[1], f, hparameters)
        n_W = Conv.out_size(A_prev.shape[2], f, hparameters)
        X = Conv.zero_pad(A_prev, hparameters['pad'])
        Z = np.zeros((X.shape[0], n_H, n_W, W.shape[3]))
        for i in range(X.shape[0]):
            for h in range(n_H):
                for w in range(n_W):
                    for c in range(W.shape[3]):
                        Z[i, h, w, c] = Conv.step(X[i, h*s:h*s + f, w*s:w*s + f, :], W[..., c], b[..., c])
        return Z, (A_prev, W, b, hparameters)

    @staticmethod
    def backward(dZ, cache):
        A_prev, W, b, hparameters = cache
        f, s, p = W.shape[0], hparameters['stride'], hparameters['pad']
        X = Conv.zero_pad(A_prev, p)
        dX, dW = np.zeros(X.shape), np.zeros(W.shape)
        for i in range(dZ.shape[0]):
            for h in range(dZ.shape[1]):
                for w in range(dZ.shape[2]):
                    for c in range(dZ.shape[3]):
                        dX[i, h*s:h*s + f, w*s:w*s + f, :] += dZ[i, h, w, c]*W[..., c]
                        dW[..., c] += dZ[i, h, w, c]*X[i, h*s:h*s + f, w*s:w*s + f, :]
        db = dZ.sum(axis=(0, 1, 2)).reshape(1, 1, 1, -1)
        return dX[:, p:p + A_prev.shape[1], p:p + A_prev.shape[2], :], dW, db


zero_pad = Conv.zero_pad
conv_single_step = Conv.step
conv_forward = Conv.forward
conv_backward = Conv.backward
