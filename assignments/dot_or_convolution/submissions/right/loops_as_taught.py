# Two loops over positions, slices, np.sum of the products: the plain way.
import numpy as np


def hadamard_sum(A, B):
    s = np.multiply(A, B)
    Z = np.sum(s)
    return Z


def flat_dot(A, B):
    a = A.reshape(-1)
    b = B.reshape(-1)
    return np.dot(a, b)


def correlate2d_valid(image, kernel):
    n_H, n_W = image.shape
    f_H, f_W = kernel.shape
    out = np.zeros((n_H - f_H + 1, n_W - f_W + 1))
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            window = image[h:h + f_H, w:w + f_W]
            out[h, w] = hadamard_sum(window, kernel)
    return out


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    above, left = (f_H - 1) // 2, (f_W - 1) // 2
    below, right = f_H // 2, f_W // 2
    padded = np.pad(image, ((above, below), (left, right)), mode='constant', constant_values=0)
    return correlate2d_valid(padded, kernel)


def convolve2d_valid(image, kernel):
    turned = np.rot90(kernel, 2)
    return correlate2d_valid(image, turned)


def im2col(image, f, stride):
    n_H, n_W, n_C = image.shape
    n_H_out = (n_H - f) // stride + 1
    n_W_out = (n_W - f) // stride + 1
    columns = np.zeros((f * f * n_C, n_H_out * n_W_out))
    k = 0
    for h in range(n_H_out):
        for w in range(n_W_out):
            patch = image[h * stride:h * stride + f, w * stride:w * stride + f, :]
            columns[:, k] = patch.reshape(-1)
            k += 1
    return columns


def conv_as_matmul(X, W):
    f, f, n_C, n_C_out = W.shape
    X_col = im2col(X, f, 1)
    W_row = W.reshape(f * f * n_C, n_C_out).T
    Z = np.dot(W_row, X_col)
    return Z.T.reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, n_C_out)
