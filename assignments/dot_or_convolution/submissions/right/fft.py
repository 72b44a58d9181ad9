# By the convolution theorem: right to about twelve digits.
import numpy as np


def hadamard_sum(A, B):
    return np.sum(A * B)


def flat_dot(A, B):
    return np.inner(A.ravel(), B.ravel())


def _full(image, kernel):
    shape = [n + f - 1 for n, f in zip(image.shape, kernel.shape)]
    return np.fft.irfft2(np.fft.rfft2(image, shape) * np.fft.rfft2(kernel, shape), shape)


def convolve2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    return _full(image, kernel)[f_H - 1:image.shape[0], f_W - 1:image.shape[1]]


def correlate2d_valid(image, kernel):
    return convolve2d_valid(image, np.flip(kernel))


def correlate2d_same(image, kernel):
    top, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    full = _full(image, np.flip(kernel))
    return full[top:top + image.shape[0], left:left + image.shape[1]]


def im2col(image, f, stride):
    out = np.empty((f, f, image.shape[2], (image.shape[0] - f) // stride + 1, (image.shape[1] - f) // stride + 1))
    for h in range(out.shape[3]):
        for w in range(out.shape[4]):
            out[..., h, w] = image[h * stride:h * stride + f, w * stride:w * stride + f]
    return out.reshape(f * f * image.shape[2], -1)


def conv_as_matmul(X, W):
    f, K = W.shape[0], W.shape[3]
    return (im2col(X, f, 1).T @ W.reshape(-1, K)).reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, K)
