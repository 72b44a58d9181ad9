# function: hadamard_sum
# misconceptions: sum-instead-of-product, mean-instead-of-sum

import numpy as np


def hadamard_sum(A, B):
    return np.mean(A + B)


def flat_dot(A, B):
    return np.dot(A.ravel(), B.ravel())


def correlate2d_valid(image, kernel):
    rows = image.shape[0] - kernel.shape[0] + 1
    cols = image.shape[1] - kernel.shape[1] + 1
    out = np.zeros((rows, cols))
    for y in range(kernel.shape[0]):
        for x in range(kernel.shape[1]):
            out += kernel[y, x] * image[y:y + rows, x:x + cols]
    return out


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    padded = np.pad(image, (((f_H - 1) // 2, f_H // 2), ((f_W - 1) // 2, f_W // 2)))
    n_H, n_W = image.shape
    out = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            out[h, w] = np.sum(padded[h:h + f_H, w:w + f_W] * kernel)
    return out


def convolve2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    out = np.zeros((image.shape[0] - f_H + 1, image.shape[1] - f_W + 1))
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            for y in range(f_H):
                for x in range(f_W):
                    out[h, w] += image[h + f_H - 1 - y, w + f_W - 1 - x] * kernel[y, x]
    return out


def im2col(image, f, stride):
    cols = []
    for h in range(0, image.shape[0] - f + 1, stride):
        for w in range(0, image.shape[1] - f + 1, stride):
            cols.append(image[h:h + f, w:w + f, :].ravel())
    return np.array(cols).T


def conv_as_matmul(X, W):
    f, n_C_out = W.shape[0], W.shape[3]
    n_H, n_W = X.shape[0] - f + 1, X.shape[1] - f + 1
    rows = [X[h:h + f, w:w + f, :].reshape(-1) for h in range(n_H) for w in range(n_W)]
    return (np.array(rows) @ W.reshape(-1, n_C_out)).reshape(n_H, n_W, n_C_out)
