# Recursive: a product of halves, an image without its first row.
import numpy as np


def hadamard_sum(A, B):
    a, b = A.ravel(), B.ravel()
    if len(a) == 1:
        return a[0] * b[0]
    half = len(a) // 2
    return hadamard_sum(a[:half], b[:half]) + hadamard_sum(a[half:], b[half:])


def flat_dot(A, B):
    return np.dot(A.reshape(A.size), B.reshape(B.size))


def correlate2d_valid(image, kernel):
    if image.shape[0] < kernel.shape[0]:
        return np.zeros((0, image.shape[1] - kernel.shape[1] + 1))
    f_H, f_W = kernel.shape
    first = [hadamard_sum(image[:f_H, w:w + f_W], kernel) for w in range(image.shape[1] - f_W + 1)]
    return np.vstack([first, correlate2d_valid(image[1:], kernel)])


def correlate2d_same(image, kernel, axis=0):
    if axis == 2:
        return correlate2d_valid(image, kernel)
    before = (kernel.shape[axis] - 1) // 2
    zeros = lambda n: np.zeros([n if k == axis else image.shape[k] for k in (0, 1)])
    wider = np.concatenate([zeros(before), image, zeros(kernel.shape[axis] - 1 - before)], axis=axis)
    return correlate2d_same(wider, kernel, axis + 1)


def convolve2d_valid(image, kernel):
    return correlate2d_valid(image, np.flipud(np.fliplr(kernel)))


def im2col(image, f, stride):
    def columns(rest):
        if rest.shape[1] < f:
            return []
        return [rest[:f, :f].ravel(), *columns(rest[:, stride:])]

    if image.shape[0] < f:
        return np.zeros((f * f * image.shape[2], 0))
    return np.concatenate([np.array(columns(image)).T, im2col(image[stride:], f, stride)], axis=1)


def conv_as_matmul(X, W):
    if W.shape[3] > 1:
        return np.concatenate([conv_as_matmul(X, W[..., :1]), conv_as_matmul(X, W[..., 1:])], axis=2)
    f = W.shape[0]
    Z = np.dot(W.reshape(1, -1), im2col(X, f, 1))
    return Z.reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, 1)
