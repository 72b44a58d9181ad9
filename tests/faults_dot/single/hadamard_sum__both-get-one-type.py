# function: hadamard_sum
# misconception: none

import numpy as np


def hadamard_sum(A, B):
    B = B.astype(A.dtype)
    return (A * B).sum()


def flat_dot(A, B):
    return np.dot(A.flatten(), B.flatten())


def correlate2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    n_H, n_W = image.shape[0] - f_H + 1, image.shape[1] - f_W + 1
    out = np.zeros((n_H, n_W))
    for h in range(n_H):
        for w in range(n_W):
            out[h, w] = hadamard_sum(image[h:h + f_H, w:w + f_W], kernel)
    return out


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    above, left = (f_H - 1) // 2, (f_W - 1) // 2
    bordered = np.pad(image, ((above, f_H - 1 - above), (left, f_W - 1 - left)))
    return correlate2d_valid(bordered, kernel)


def convolve2d_valid(image, kernel):
    return correlate2d_valid(image, np.rot90(kernel, 2))


def im2col(image, f, stride):
    columns = []
    for top in range(0, image.shape[0] - f + 1, stride):
        for left in range(0, image.shape[1] - f + 1, stride):
            columns.append(image[top:top + f, left:left + f, :].ravel())
    return np.array(columns).T


def conv_as_matmul(X, W):
    f, _, n_C, n_C_out = W.shape
    W_row = W.reshape(-1, n_C_out).T
    Z = np.dot(W_row, im2col(X, f, 1))
    return Z.T.reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, n_C_out)
