# A layer class with a base class, properties and operators; thin functions hand over to it.
import numpy as np


class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad):
        raise NotImplementedError

    def __call__(self, x):
        return self.forward(x)


class Window:
    def __init__(self, h, w, stride, f):
        self.rows = slice(h*stride, h*stride + f)
        self.cols = slice(w*stride, w*stride + f)

    def of(self, batch):
        return batch[:, self.rows, self.cols, :]


class Padding(Layer):
    def __init__(self, pad):
        self.pad = pad

    def forward(self, x):
        p = self.pad
        return np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))

    def backward(self, grad):
        p = self.pad
        return grad[:, p:grad.shape[1] - p, p:grad.shape[2] - p, :]


class Convolution(Layer):
    def __init__(self, W, b, hparameters):
        self.W, self.b = W, b
        self.stride = hparameters['stride']
        self.padding = Padding(hparameters['pad'])

    @property
    def f(self):
        return self.W.shape[0]

    def windows(self, n_H, n_W):
        for h in range(n_H):
            for w in range(n_W):
                yield h, w, Window(h, w, self.stride, self.f)

    def forward(self, x):
        self.x = self.padding(x)
        n_H, n_W = [(n - self.f)//self.stride + 1 for n in self.x.shape[1:3]]
        Z = np.zeros((x.shape[0], n_H, n_W, self.W.shape[3]))
        for h, w, window in self.windows(n_H, n_W):
            Z[:, h, w, :] = np.tensordot(window.of(self.x), self.W, 3)
        return Z + self.b

    def backward(self, grad):
        dx, dW = np.zeros(self.x.shape), np.zeros(self.W.shape)
        for h, w, window in self.windows(*grad.shape[1:3]):
            at = grad[:, h, w, :]
            window.of(dx)[...] += np.tensordot(at, self.W, (1, 3))
            dW += np.tensordot(window.of(self.x), at, (0, 0))
        return self.padding.backward(dx), dW, grad.sum(axis=(0, 1, 2), keepdims=True)


def zero_pad(X, pad):
    return Padding(pad)(X)


def conv_single_step(a_slice_prev, W, b):
    layer = Convolution(W[..., None], b[..., None], {'stride': 1, 'pad': 0})
    return layer(a_slice_prev[None])[0, 0, 0, 0]


def conv_forward(A_prev, W, b, hparameters):
    return Convolution(W, b, hparameters)(A_prev), (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    layer = Convolution(W, b, hparameters)
    layer(A_prev)
    return layer.backward(dZ)
