# Lists and numbers until the very last line.
import numpy as np


def hadamard_sum(A, B):
    return sum(a * b for a, b in zip(A.ravel().tolist(), B.ravel().tolist()))


def flat_dot(A, B):
    return float(np.dot(A.flatten(), B.flatten()))


def correlate2d_valid(image, kernel):
    H, W = len(image), len(image[0])
    f, g = len(kernel), len(kernel[0])
    return np.array([
        [sum(image[h + y][w + x] * kernel[y][x] for y in range(f) for x in range(g)) for w in range(W - g + 1)]
        for h in range(H - f + 1)
    ])


def correlate2d_same(image, kernel):
    H, W = image.shape
    f, g = kernel.shape

    def pixel(y, x):
        return image[y, x] if 0 <= y < H and 0 <= x < W else 0

    answer = []
    for h in range(H):
        line = []
        for w in range(W):
            total = 0
            for y in range(f):
                for x in range(g):
                    total += pixel(h + y - (f - 1) // 2, w + x - (g - 1) // 2) * kernel[y, x]
            line.append(total)
        answer.append(line)
    return np.array(answer)


def convolve2d_valid(image, kernel):
    turned = np.array([list(reversed(row)) for row in reversed(kernel.tolist())])
    return correlate2d_valid(image, turned)


def im2col(image, f, stride):
    H, W, C = image.shape
    windows = []
    for top in range(0, H - f + 1, stride):
        for left in range(0, W - f + 1, stride):
            windows.append([image[top + y][left + x][c] for y in range(f) for x in range(f) for c in range(C)])
    return np.array([list(line) for line in zip(*windows)])


def conv_as_matmul(X, W):
    f, _, C, K = W.shape
    filters = [[W[y, x, c, k] for y in range(f) for x in range(f) for c in range(C)] for k in range(K)]
    product = np.array(filters) @ im2col(X, f, 1)
    H, V = X.shape[0] - f + 1, X.shape[1] - f + 1
    return np.array([[[product[k][h * V + w] for k in range(K)] for w in range(V)] for h in range(H)])
