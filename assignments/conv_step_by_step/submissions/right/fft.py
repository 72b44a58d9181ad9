# Fourier transforms: correlation is a product with the conjugate spectrum. Right to about 1e-13, not exact.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    # Parseval: the inner product is the same in frequency space
    n = a_slice_prev.size
    A_hat = np.fft.fft(a_slice_prev.ravel())
    W_hat = np.fft.fft(W.ravel())
    return np.real(np.vdot(W_hat, A_hat))/n + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    s = hparameters["stride"]
    P = zero_pad(A_prev, hparameters["pad"]).astype(float)
    f = W.shape[0]
    H, Wd = P.shape[1:3]
    P_hat = np.fft.rfft2(P, axes=(1, 2))
    W_hat = np.fft.rfft2(W, s=(H, Wd), axes=(0, 1))
    Z_hat = np.einsum("muvk,uvkc->muvc", P_hat, np.conj(W_hat))
    full = np.fft.irfft2(Z_hat, s=(H, Wd), axes=(1, 2))
    Z = full[:, :H - f + 1:s, :Wd - f + 1:s, :] + b
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    P = zero_pad(A_prev, p).astype(float)
    H, Wd = P.shape[1:3]
    D = np.zeros((P.shape[0], H, Wd, W.shape[3]))
    D[:, :H - f + 1:s, :Wd - f + 1:s, :] = dZ
    D_hat = np.fft.rfft2(D, axes=(1, 2))
    P_hat = np.fft.rfft2(P, axes=(1, 2))
    W_hat = np.fft.rfft2(W, s=(H, Wd), axes=(0, 1))
    dP = np.fft.irfft2(np.einsum("muvc,uvkc->muvk", D_hat, W_hat), s=(H, Wd), axes=(1, 2))
    dW = np.fft.irfft2(np.einsum("muvk,muvc->uvkc", P_hat, np.conj(D_hat)), s=(H, Wd), axes=(0, 1))[:f, :f]
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    return dP[:, p:H - p, p:Wd - p, :], dW, db
